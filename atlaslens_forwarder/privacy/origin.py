"""``event.hash``: proof that an event is ours and unaltered.

HMAC-SHA-256 under the origin key over the canonical document (RFC 8785) without

* ``event.hash`` itself and ``event.ingested`` (set anew at each attempt to store),
* ``atlassian.late``, ``backfilled`` and ``undated`` (how we came by the event, not what happened),
* names that Atlassian resolves at read time, which a rename changes in every old row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.normalise.read_time_names import ACTIVITY_PATHS, DOCUMENT_PATHS, ORGANISATION_PATHS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.privacy.keyring import Keyring

_Tree: TypeAlias = "dict[str, _Tree | None]"
"""Names of fields; None: the field is left out, a tree: of the object in it, these are."""

_NEVER = ("event.hash", "event.ingested", "atlassian.late", "atlassian.backfilled", "atlassian.undated")


def _tree(paths: Iterable[str]) -> _Tree:
    root: _Tree = {}
    for path in paths:
        *parents, leaf = path.split(".")
        part = root
        for parent in parents:
            inner = part.setdefault(parent, {})
            if inner is None:
                raise ValueError(f"{path} lies in a field that is left out whole")
            part = inner
        part[leaf] = None
    return root


_UNHASHED = _tree((*_NEVER, *DOCUMENT_PATHS))
_UNHASHED_ACTIVITY = _tree((*_NEVER, *ACTIVITY_PATHS))
_UNHASHED_ORGANISATION = _tree((*_NEVER, *ORGANISATION_PATHS))


def hashed_bytes(doc: JsonObject) -> bytes:
    """The bytes that ``event.hash`` covers; the document itself is left as it is.

    Which names are left out depends on ``atlassian.product`` and ``atlassian.pipeline``, which are covered.

    Raises:
        ValueError: the document has no canonical form.
    """
    vendor = doc.get("atlassian")
    told = vendor if isinstance(vendor, dict) else {}
    if told.get("pipeline") == Pipeline.ACTIVITY.value:
        return canonical_bytes(_without(doc, _UNHASHED_ACTIVITY))
    organisation = told.get("product") == "organisation"
    return canonical_bytes(_without(doc, _UNHASHED_ORGANISATION if organisation else _UNHASHED))


def _without(part: JsonObject, tree: _Tree) -> JsonObject:
    """A copy without the tree's fields; the same object when it has none of them.

    Objects that are empty then go too, also one that was empty before: such as ``event`` of a window's row,
    which gets its hash only afterwards.
    """
    view = part
    for name, inner in tree.items():
        if name not in part:
            continue
        value = part[name]
        rest: JsonObject = {}
        if inner is not None:
            if not isinstance(value, dict):
                continue
            rest = _without(value, inner)
            if rest is value and rest:
                continue
        view = view if view is not part else dict(part)
        if rest:
            view[name] = rest
        else:
            del view[name]
    return view


def stamp(doc: JsonObject, keyring: Keyring) -> None:
    """Set ``event.hash`` on a finished event document.

    Raises:
        ValueError: the document has no canonical form, or no ``event`` object.
    """
    event = doc.get("event")
    if not isinstance(event, dict):
        raise ValueError("a document without event.* cannot be hashed")  # noqa: TRY004  bad content, not a bad call
    # With a hash in it, as when it is checked: an event that has nothing else is left out both times.
    event["hash"] = keyring.origin_hash(hashed_bytes({**doc, "event": {**event, "hash": ""}}))


def origin_of(doc: JsonObject, keyring: Keyring) -> bool | None:
    """Whether a stored document is ours and unaltered; None when the key it names is not in the key file."""
    event = doc.get("event")
    stored = event.get("hash") if isinstance(event, dict) else None
    if not isinstance(stored, str):
        return False
    try:
        return keyring.origin_matches(hashed_bytes(doc), stored)
    except ValueError:
        return False
