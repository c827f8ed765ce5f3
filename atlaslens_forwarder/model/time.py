"""Times as whole epoch milliseconds UTC, the only form the pipeline computes with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Whole epoch milliseconds of an aware datetime, rounded down.

    Raises:
        ValueError: the datetime has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(at_ms: int) -> datetime:
    """Epoch milliseconds as an aware UTC datetime."""
    return _EPOCH + timedelta(milliseconds=at_ms)


def iso_ms(at_ms: int) -> str:
    """``2026-01-02T03:04:05.678Z``: the form sent to Atlassian and stored in events."""
    return from_ms(at_ms).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_iso_ms(text: str) -> int:
    """Epoch milliseconds of an ISO-8601 time with a zone (``Z``, ``+00:00`` or Jira's ``+0000``).

    Raises:
        ValueError: the text is no such time, or has no zone.
    """
    return to_ms(datetime.fromisoformat(text))
