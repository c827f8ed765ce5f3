"""When people work: time stretched so that events fall mostly into office hours.

Every hour of the week has a weight. *Busy time* is the integral of these weights: it grows fast on a
Tuesday at ten and slowly on a Sunday night. Events spread evenly over busy time show the weekly
pattern of an office, and both directions are integer arithmetic: no table of events is needed.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Final

from atlaslens_forwarder.model.time import HOUR_MS

_DAY_HOURS: Final = 24
_WEEK_HOURS: Final = 7 * _DAY_HOURS
_WEEK_MS: Final = _WEEK_HOURS * HOUR_MS
_EPOCH_WEEKDAY: Final = 3  # 1970-01-01 was a Thursday, Monday is 0
_SATURDAY: Final = 5

_OFFICE: Final = (1, 1, 1, 1, 1, 2, 6, 18, 40, 52, 50, 44, 24, 42, 50, 46, 34, 16, 6, 4, 3, 2, 2, 1)
_WEEKEND: Final = (1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 4, 3, 2, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1)


def _weight(hour: int) -> int:
    weekday = (hour // _DAY_HOURS + _EPOCH_WEEKDAY) % 7
    return (_WEEKEND if weekday >= _SATURDAY else _OFFICE)[hour % _DAY_HOURS]


_WEIGHTS: Final = tuple(_weight(hour) for hour in range(_WEEK_HOURS))
_BEFORE: Final = (0, *accumulate(weight * HOUR_MS for weight in _WEIGHTS))
_WEEK_BUSY: Final = _BEFORE[-1]


def busy_at(at_ms: int) -> int:
    """Busy time that has passed between the epoch and this epoch millisecond."""
    weeks, rest_ms = divmod(at_ms, _WEEK_MS)
    hour, within_ms = divmod(rest_ms, HOUR_MS)
    return weeks * _WEEK_BUSY + _BEFORE[hour] + within_ms * _WEIGHTS[hour]


def at_busy(busy: int) -> int:
    """The last epoch millisecond at which not more than this busy time has passed."""
    weeks, rest = divmod(busy, _WEEK_BUSY)
    hour = bisect_right(_BEFORE, rest) - 1
    return weeks * _WEEK_MS + hour * HOUR_MS + (rest - _BEFORE[hour]) // _WEIGHTS[hour]
