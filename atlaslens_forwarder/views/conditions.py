"""What a panel counts: conditions on fields, with one meaning in two languages.

``query`` is the OpenSearch filter, ``dql`` the same as text for the query bar of Dashboards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from atlaslens_forwarder.model.json import JsonObject


@dataclass(frozen=True, slots=True)
class Has:
    """The field has one of the values (as text, also ``true``); with ``absent`` it has none of them."""

    field: str
    values: tuple[str, ...]
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """The field has a value; with ``absent`` it has none."""

    field: str
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Like:
    """A keyword field fits a pattern in which ``*`` stands for anything."""

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A number is this or more."""

    field: str
    value: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part holds, or several."""

    parts: tuple[Condition, ...]


Condition = Has | Exists | Like | AtLeast | AllOf | AnyOf


def has(field: str, *values: str) -> Has:
    """``Has`` without a tuple."""
    return Has(field, values)


def query(condition: Condition) -> JsonObject:
    """The OpenSearch query of a condition, for filter context."""
    match condition:
        case Has(field, values, absent):
            return _negated({"terms": {field: [*values]}}, absent=absent)
        case Exists(field, absent):
            return _negated({"exists": {"field": field}}, absent=absent)
        case Like(field, pattern):
            return {"wildcard": {field: {"value": pattern}}}
        case AtLeast(field, value):
            return {"range": {field: {"gte": value}}}
        case AllOf(parts):
            return {"bool": {"filter": [query(part) for part in parts]}}
        case AnyOf(parts):
            return {"bool": {"should": [query(part) for part in parts], "minimum_should_match": 1}}


def _negated(body: JsonObject, *, absent: bool) -> JsonObject:
    return {"bool": {"must_not": [body]}} if absent else body


def dql(conditions: Sequence[Condition]) -> str:
    """All conditions as one line of Dashboards Query Language; empty for none."""
    return " and ".join(_dql(condition) for condition in conditions)


def _dql(condition: Condition) -> str:
    match condition:
        case Has(field, values, absent):
            listed = " or ".join(json.dumps(value, ensure_ascii=False) for value in values)
            text = f"{field}: ({listed})" if len(values) > 1 else f"{field}: {listed}"
            return f"not {text}" if absent else text
        case Exists(field, absent):
            return f"not {field}: *" if absent else f"{field}: *"
        case Like(field, pattern):
            return f"{field}: {pattern}"
        case AtLeast(field, value):
            return f"{field} >= {value}"
        case AllOf(parts):
            return "(" + " and ".join(_dql(part) for part in parts) + ")"
        case AnyOf(parts):
            return "(" + " or ".join(_dql(part) for part in parts) + ")"


def fields(condition: Condition) -> Iterator[str]:
    """Every field that a condition looks at."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from fields(part)
        case Has(field) | Exists(field) | Like(field) | AtLeast(field):
            yield field
