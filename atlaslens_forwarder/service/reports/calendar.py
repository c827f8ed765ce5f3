"""Days, weeks and months of UTC, and when the report about one of them is due. Pure.

Every instant belongs to exactly one period of a schedule, and every period falls due exactly once: a fixed
time after its end that is shorter than the shortest period.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS, from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CAUGHT_UP: Final = 12
"""Periods of a report that are made up for after an outage, the newest ones."""
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 9998


class Every(StrEnum):
    """How long a period is."""

    DAILY = "daily"
    """A day of UTC."""
    WEEKLY = "weekly"
    """A week of ISO 8601: from Monday to Sunday."""
    MONTHLY = "monthly"
    """A month of the calendar."""


_FORMS: Final = {
    Every.DAILY: (re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII), "a day such as 2026-10-31"),
    Every.WEEKLY: (re.compile(r"\d{4}-W\d{2}", re.ASCII), "a week such as 2026-W44"),
    Every.MONTHLY: (re.compile(r"\d{4}-\d{2}", re.ASCII), "a month such as 2026-10"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """``[from_ms, to_ms)`` in epoch ms, and its name: ``2026-10-31``, ``2026-W44`` or ``2026-10``."""

    name: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a report is made: ``after_ms`` after the end of each period.

    ``after_ms`` is less than the shortest period: 1, 7 or 28 days.
    """

    every: Every
    after_ms: int

    def period_at(self, at_ms: int) -> Period:
        """The period that an instant belongs to."""
        day = from_ms(at_ms).date()
        match self.every:
            case Every.DAILY:
                return _period(day.isoformat(), day, day + timedelta(days=1))
            case Every.WEEKLY:
                year, week, weekday = day.isocalendar()
                monday = day - timedelta(days=weekday - 1)
                return _period(f"{year:04d}-W{week:02d}", monday, monday + timedelta(days=7))
            case Every.MONTHLY:
                first = day.replace(day=1)
                following = (first + timedelta(days=31)).replace(day=1)
                return _period(f"{first:%Y-%m}", first, following)

    def before(self, period: Period) -> Period:
        """The period just before another one."""
        return self.period_at(period.from_ms - 1)

    def due_ms(self, period: Period) -> int:
        """When the report about a period is to be made."""
        return period.to_ms + self.after_ms

    def last_due(self, now_ms: int) -> Period:
        """The newest period whose report is due."""
        return self.before(self.period_at(now_ms - self.after_ms))

    def next_due_ms(self, now_ms: int) -> int:
        """When the next report falls due."""
        return self.due_ms(self.period_at(now_ms - self.after_ms))

    def due(self, since_ms: int, now_ms: int) -> list[Period]:
        """Periods that ended after ``since_ms`` and whose reports are due: the newest 12, oldest first."""
        return [*_until(self, since_ms, self.last_due(now_ms))][::-1]

    def named(self, name: str) -> Period:
        """The period of that name.

        Raises:
            ValueError: it has no such form, or there is no such day, week or month; the message says so.
        """
        form, example = _FORMS[self.every]
        if not form.fullmatch(name) or not FIRST_YEAR <= int(name[:4]) <= LAST_YEAR:
            raise ValueError(f"is not {example}")
        try:
            day = date.fromisoformat(f"{name}-01" if self.every is Every.MONTHLY else name)
        except ValueError:
            raise ValueError(f"is not {example}") from None
        return self.period_at(to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC)))


def _until(schedule: Schedule, since_ms: int, newest: Period) -> Iterator[Period]:
    period = newest
    for _ in range(MOST_CAUGHT_UP):
        if period.to_ms <= since_ms:
            return
        yield period
        period = schedule.before(period)


def _period(name: str, first: date, following: date) -> Period:
    from_ms = to_ms(datetime(first.year, first.month, first.day, tzinfo=UTC))
    return Period(name, from_ms, from_ms + (following - first).days * DAY_MS)
