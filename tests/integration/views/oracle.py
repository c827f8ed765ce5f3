"""What a panel must find, counted in plain Python over whole documents: no search takes part."""

from __future__ import annotations

from fnmatch import fnmatch

from atlaslens_forwarder.evidence.fields import texts_at
from atlaslens_forwarder.views.conditions import AllOf, AnyOf, AtLeast, Exists, Has, Like


def texts(doc, field):
    """All values at a field; ``.folded`` is its base in lower case."""
    if field.endswith(".folded"):
        return {text.casefold() for text in texts_at(doc, field.removesuffix(".folded"))}
    return {*texts_at(doc, field)}


def holds(condition, doc):
    """Whether a document fits."""
    match condition:
        case Has(field, values, absent):
            return absent == texts(doc, field).isdisjoint(values)
        case Exists(field, absent):
            return absent != bool(texts(doc, field))
        case Like(field, pattern):
            return any(fnmatch(text, pattern) for text in texts(doc, field))
        case AtLeast(field, value):
            return any(float(text) >= value for text in texts(doc, field))
        case AllOf(parts):
            return all(holds(part, doc) for part in parts)
        case AnyOf(parts):
            return any(holds(part, doc) for part in parts)
    raise TypeError(condition)


def fitting(conditions, docs):
    """The documents that fit all conditions."""
    return [doc for doc in docs if all(holds(condition, doc) for condition in conditions)]
