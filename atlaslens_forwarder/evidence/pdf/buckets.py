"""Days gathered into the bars of a chart, and the ticks of its axis. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_MOST_BARS: Final = 62
_EPOCH: Final = date(1970, 1, 1)
_NICE: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """The events of one bucket, which begins at ``start`` (UTC) and ends before ``end``."""

    start: date
    end: date
    count: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Buckets without a gap between them over the whole interval; ``unit`` is day, week, month or year."""

    unit: str
    bars: tuple[Bar, ...]


def bars_of(days: Mapping[int, int], from_ms: int, to_ms: int) -> Bars:
    """Events by the smallest unit that gives at most 62 bars; weeks begin on Monday.

    ``days`` maps days since the epoch to their events; the interval is ``from_ms`` <= time < ``to_ms``.
    """
    first, last = _day(from_ms // DAY_MS), _day(max(to_ms - 1, from_ms) // DAY_MS)
    for unit, (start_of, next_after) in _UNITS.items():  # noqa: B007  the loop ends at the unit that fits
        starts = [start_of(first)]
        while len(starts) <= _MOST_BARS and (following := next_after(starts[-1])) <= last:
            starts.append(following)
        if len(starts) <= _MOST_BARS:
            break
    counts = dict.fromkeys(starts, 0)
    for day, count in days.items():
        start = start_of(_day(day))
        counts[start] = counts.get(start, 0) + count
    return Bars(unit, tuple(Bar(start, next_after(start), counts[start]) for start in sorted(counts)))


def ticks(highest: int, most: int = 5) -> list[int]:
    """Whole numbers from 0 to at least ``highest``, at steps of 1, 2 or 5 times a power of ten."""
    step = next(nice for nice in _nice_steps() if highest <= nice * most)
    return list(range(0, max(highest + step - 1, step) // step * step + 1, step))


def start_ms(day: date) -> int:
    """The first millisecond of a day, UTC."""
    return (day - _EPOCH).days * DAY_MS


def _nice_steps() -> Iterator[int]:
    power = 1
    while True:
        yield from (nice * power for nice in _NICE)
        power *= 10


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


_UNITS: Final[dict[str, tuple[Callable[[date], date], Callable[[date], date]]]] = {
    "day": (lambda day: day, lambda day: day + timedelta(days=1)),
    "week": (lambda day: day - timedelta(days=day.weekday()), lambda day: day + timedelta(days=7)),
    "month": (lambda day: day.replace(day=1), _next_month),
    "year": (lambda day: day.replace(month=1, day=1), lambda day: date(day.year + 1, 1, 1)),
}
