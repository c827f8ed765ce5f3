"""When a source that answers with nothing is no longer to be believed. Pure.

A source is measured by itself: by the longest pause between its events in the last eight weeks before it
fell silent. Saturdays and Sundays (UTC) count as no time, since a Monday morning is no silence. Rules:

1. Less than 48 hours, or less than three times the usual pause, is no silence.
2. The longest pause is left out when it is more than three times the second longest: most likely it was a
   silence itself, and must not make us deaf for the next one.
3. A source with few events has no usual pause: four weeks, or three times its longest pause.
4. Only time that was read with proven access and without a hole counts.
5. A source that never had an event is silent once all of its history was read, if the product is in use:
   another source of the same product has events.

As nothing but a new event moves the reference, a silence lasts until there is one, and ends with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, iso_ms

if TYPE_CHECKING:
    from atlaslens_forwarder.cursor.intervals import Intervals
    from atlaslens_forwarder.gaps.pulse import Pulse

LEAST_PAUSE_MS: Final = 48 * HOUR_MS
FACTOR: Final = 3
FEW_HOURS: Final = 8
"""Fewer hours with events than this tell no usual pause."""
FEW_PAUSE_MS: Final = 20 * DAY_MS
"""Four weeks of five days."""
_WEEK_MS: Final = 7 * DAY_MS
_FIRST_MONDAY_MS: Final = 4 * DAY_MS  # 1970-01-05
_WORKDAYS_MS: Final = 5 * DAY_MS


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing came since ``since_ms`` (None: ever), though a pause is seldom longer than ``patience_ms``."""

    since_ms: int | None
    patience_ms: int | None

    @property
    def message(self) -> str:
        """The silence in words."""
        if self.since_ms is None or self.patience_ms is None:
            return "no event in all of its history, though the product is in use"
        hours = self.patience_ms // HOUR_MS
        return f"no event since {iso_ms(self.since_ms)}, more than {hours} working hours are unusual"


def working_ms(from_ms: int, to_ms: int) -> int:
    """Milliseconds between two times without Saturdays and Sundays (UTC); 0 when they are in wrong order."""
    return max(0, _workdays_until(to_ms) - _workdays_until(from_ms))


def _workdays_until(at_ms: int) -> int:
    weeks, rest_ms = divmod(at_ms - _FIRST_MONDAY_MS, _WEEK_MS)
    return weeks * _WORKDAYS_MS + min(rest_ms, _WORKDAYS_MS)


def patience_ms(pulse: Pulse) -> int:
    """How long this source may have nothing, in working time, before that is unusual."""
    pauses = sorted(working_ms((a + 1) * HOUR_MS, b * HOUR_MS) for a, b in pairwise(pulse.hours))
    if len(pulse.hours) < FEW_HOURS:
        return max(FEW_PAUSE_MS, FACTOR * max(pauses, default=0))
    longest, second = pauses[-1], pauses[-2]
    usual = second if longest > max(LEAST_PAUSE_MS, FACTOR * second) else longest
    return max(LEAST_PAUSE_MS, FACTOR * usual)


def silence(pulse: Pulse, covered: Intervals, *, history_read: bool, in_use: bool) -> Silence | None:
    """Whether a source whose last round read it to the end is silent.

    Args:
        pulse: the hours with events.
        covered: the time that was read; its end is the present, as far as known.
        history_read: all that the API can have was read, and it can tell of the past at all.
        in_use: another source of the same product has events.
    """
    end_ms, newest_ms = covered.end_ms, pulse.newest_ms
    if end_ms is None:
        return None
    if newest_ms is None:
        return Silence(None, None) if history_read and in_use else None
    if newest_ms >= end_ms or covered.missing(newest_ms, end_ms):
        return None
    patience = patience_ms(pulse)
    return Silence(newest_ms, patience) if working_ms(newest_ms, end_ms) > patience else None
