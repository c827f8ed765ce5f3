"""``event.hash``: proof that an event is ours and unaltered.

HMAC-SHA-256 under the origin key over the canonical document (RFC 8785) without

* ``event.hash`` itself and ``event.ingested`` (set anew at each attempt to store),
* ``atlassian.late`` and ``atlassian.backfilled`` (how we came by the event, not what happened),
* names that Atlassian resolves at read time, which a rename changes in every old row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.normalise.read_time_names import DOCUMENT_PATHS

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.privacy.keyring import Keyring

_UNHASHED: dict[str, tuple[str, ...]] = {}
for _path in ("event.hash", "event.ingested", "atlassian.late", "atlassian.backfilled", *DOCUMENT_PATHS):
    _parent, _, _leaf = _path.rpartition(".")
    _UNHASHED[_parent] = (*_UNHASHED.get(_parent, ()), _leaf)


def hashed_bytes(doc: JsonObject) -> bytes:
    """The bytes that ``event.hash`` covers; the document itself is left as it is.

    Raises:
        ValueError: the document has no canonical form.
    """
    view = doc
    for parent, leaves in _UNHASHED.items():
        part = doc.get(parent)
        if isinstance(part, dict) and any(leaf in part for leaf in leaves):
            view = view if view is not doc else dict(doc)
            rest: JsonObject = {key: value for key, value in part.items() if key not in leaves}
            if rest:
                view[parent] = rest
            else:
                del view[parent]
    return canonical_bytes(view)


def stamp(doc: JsonObject, keyring: Keyring) -> None:
    """Set ``event.hash`` on a finished event document.

    Raises:
        ValueError: the document has no canonical form, or no ``event`` object.
    """
    event = doc.get("event")
    if not isinstance(event, dict):
        raise ValueError("a document without event.* cannot be hashed")  # noqa: TRY004  bad content, not a bad call
    event["hash"] = keyring.origin_hash(hashed_bytes(doc))


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
