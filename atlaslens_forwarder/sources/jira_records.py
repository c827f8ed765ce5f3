"""Records of Jira's platform API as they come: people, texts and times. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.time import SECOND_MS, parse_iso_ms

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_LEFT_OUT: Final = frozenset({"avatarUrls", "emailAddress", "body", "renderedBody", "self", "properties"})
"""Texts of people's work, pictures and addresses: no event has them, so no row carries them along."""
_LEAST_MS: Final = 100_000_000_000
"""Numbers below are seconds: as milliseconds they would lie before Jira was written."""
_MOST_MS: Final = 253_402_300_800_000
"""The year 10000, which no date can have."""


def slim(record: JsonValue) -> JsonObject:
    """A record without what no event has; something else than an object is kept for the quarantine."""
    thinned = _thin(record)
    return thinned if isinstance(thinned, dict) else {"not_an_object": thinned}


def lasting_id(record: JsonObject, key: str = "id") -> str:
    """The record's own id, a digest of the record where it has none."""
    value = record.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else digest_hex(record)


def moment_ms(value: JsonValue) -> int | None:
    """A time as epoch milliseconds, None where it cannot be read.

    Jira writes ISO-8601 without a colon in the offset. The bulk changelog is documented with that, shown
    with epoch seconds, and met with epoch milliseconds in the field.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        number = value if abs(value) >= _LEAST_MS else value * SECOND_MS
        return int(number) if 0 <= number < _MOST_MS else None
    if not isinstance(value, str):
        return None
    if value.isdecimal():
        return moment_ms(int(value))
    try:
        return parse_iso_ms(value)
    except (ValueError, OverflowError):
        return None


def _thin(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _thin(item) for key, item in value.items() if key not in _LEFT_OUT}
    return [_thin(item) for item in value] if isinstance(value, list) else value
