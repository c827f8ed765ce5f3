"""Numbers, times and durations as people read them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from atlaslens_forwarder.views.model import Unit

_MS_PER: Final = {Unit.NANOSECONDS: 1e-6, Unit.MILLISECONDS: 1.0, Unit.SECONDS: 1000.0}
_STEPS: Final = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"))


def number(value: float | None, unit: Unit = Unit.NUMBER) -> str:
    """A number with its unit; a dash for none."""
    if value is None:
        return "–"
    if unit in _MS_PER:
        return duration(value * _MS_PER[unit])
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def duration(ms: float) -> str:
    """A length of time in its two largest fitting units' precision: ``3.4 d``, ``5.0 h``, ``120 ms``."""
    for step, name in _STEPS:
        if ms >= step:
            return f"{ms / step:.1f} {name}"
    return f"{ms:.0f} ms"


def when(at_ms: float | None) -> str:
    """A time to the second, UTC; a dash for none."""
    return "–" if at_ms is None else f"{_utc(at_ms):%Y-%m-%d %H:%M:%S}"


def when_text(text: str) -> str:
    """An ISO time as ``when`` writes it."""
    return text[:19].replace("T", " ")


def day(at_ms: float) -> str:
    """A date, UTC."""
    return f"{_utc(at_ms):%Y-%m-%d}"


def _utc(at_ms: float) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def label(value: str) -> str:
    """A value of a closed list as words: ``user_added_to_group`` → ``user added to group``."""
    return value.replace("_", " ")
