"""Whether a stored document is ours: written with our origin key, unaltered, in the place where it belongs.

A copy of one of our documents under another id, or in another month, has a valid hash too; so its id must be
the one that the hash covers, and a month of events or windows must be that of its time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.privacy.origin import origin_of
from atlaslens_forwarder.storage.names import Family, parse_month_index

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.privacy.keyring import Keyring
    from atlaslens_forwarder.seals.leaf import Document
    from atlaslens_forwarder.seals.ports import Endorse

_BY_TIME = frozenset({Family.AUDIT, Family.ACTIVITY, Family.WINDOWS})
"""The others go by the month of discovery, which the document does not hold exactly."""


def endorser(keyring: Keyring) -> Endorse:
    """Endorses what this keyring's origin keys made."""

    def endorse(index: str, document: Document) -> bool:
        source = document.source
        if not _in_its_place(index, document.id, source):
            return False
        return origin_of(source, keyring) is True

    return endorse


def _in_its_place(index: str, document_id: str, source: JsonObject) -> bool:
    month = parse_month_index(index)
    if month is None:
        return _part(source, "event", "id") == f"custody:{document_id}"
    own_id = _part(source, "window", "id") if month.family is Family.WINDOWS else _part(source, "event", "id")
    if own_id != document_id:
        return False
    if month.family not in _BY_TIME:
        return True
    try:
        at_ms = parse_iso_ms(str(source.get("@timestamp")))
    except ValueError:
        return False
    return month.start_ms <= at_ms < month.end_ms and _of_family(month.family, source)


def _of_family(family: Family, source: JsonObject) -> bool:
    return family is Family.WINDOWS or _part(source, "atlassian", "pipeline") == family.value


def _part(source: JsonObject, name: str, field: str) -> JsonValue:
    part = source.get(name)
    return part.get(field) if isinstance(part, dict) else None
