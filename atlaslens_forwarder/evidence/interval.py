"""The bounds of an export, from what a person types to epoch milliseconds. Pure.

An interval is half-open: ``from`` belongs to it, ``to`` does not. A bare date is a whole UTC day: as ``from``
it means its first millisecond, as ``to`` the first one of the next day, so that the day itself is included.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import DAY_MS, from_ms, parse_iso_ms, to_ms

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_YEARS = range(1970, 9999)
_HINT = "write a UTC date such as 2026-01-31, or a time with its zone such as 2026-01-31T08:00:00Z"


def parse_from(text: str, option: str = "--from") -> int:
    """First millisecond of an interval that begins at ``text``; ``option`` is what the user gave it as.

    Raises:
        ConfigError: the text is neither a date nor a time with a zone.
    """
    at_ms, _ = _parse(text, option)
    return at_ms


def parse_to(text: str) -> int:
    """First millisecond after an interval that ends at ``text``; a bare date includes its whole day.

    Raises:
        ConfigError: the text is neither a date nor a time with a zone.
    """
    at_ms, is_date = _parse(text, "--to")
    return at_ms + DAY_MS if is_date else at_ms


def _parse(text: str, option: str) -> tuple[int, bool]:
    match = _DATE.fullmatch(text.strip())
    try:
        if match is None:
            at_ms = parse_iso_ms(text.strip())
        else:
            at_ms = to_ms(datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC))
        if from_ms(at_ms).year not in _YEARS:
            raise ConfigError(f"{option} is outside the years 1970 to 9998", hint=_HINT)
    except (ValueError, OverflowError):
        raise ConfigError(f"{option} cannot be read as a time", hint=_HINT) from None
    return at_ms, match is not None
