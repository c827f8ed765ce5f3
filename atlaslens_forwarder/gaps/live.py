"""Which gaps a connector has now, from what is known of it. Pure.

A reason that the evidence says nothing about is not in the answer and stays as it was: a site that does not
answer proves neither that the token is accepted again nor that it is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.gaps.history import Holding
from atlaslens_forwarder.gaps.reasons import GapReason
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from atlaslens_forwarder.gaps.history import Period
    from atlaslens_forwarder.gaps.silence import Silence

Holdings = dict[GapReason, tuple[Holding, ...]]

PATIENCE_MS: Final = HOUR_MS
"""How long a source may be unreachable or throttled before that is a gap and not a hiccup."""
KEPT_LONGER_MS: Final = 31 * DAY_MS
"""How long after their retention events can still be in the store, and a gap among them be of interest."""
TRACE_MS: Final = 2 * DAY_MS
"""A lost time whose first event lies so near its start was not lost after all."""

_ACCESS: Final = frozenset(
    {
        SourceStatus.NO_PLAN,
        SourceStatus.NO_PERMISSION,
        SourceStatus.NO_SCOPE,
        SourceStatus.EXPIRED,
        SourceStatus.UNREADABLE,
    }
)
_PASSING: Final = frozenset({SourceStatus.UNREACHABLE, SourceStatus.THROTTLED})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a connector after a round.

    ``first_looked_ms`` is when its present was first read, where the past cannot be asked; None elsewhere.
    ``quarantined`` is the time that its open quarantined rows span.
    """

    status: SourceStatus
    status_since_ms: int
    covered: Intervals
    now_ms: int
    retention_ms: int
    message: str = ""
    silence: Silence | None = None
    first_looked_ms: int | None = None
    quarantined: tuple[int, int] | None = None


def live_gaps(facts: Facts) -> Holdings:
    """Per reason that the facts decide, what holds now; an empty tuple where nothing does."""
    found = _by_status(facts)
    if facts.status.read:
        found[GapReason.SILENT] = ()
        if facts.silence is not None:
            quiet = Holding(facts.silence.since_ms, None, facts.silence.message)
            found[GapReason.SILENT] = (quiet,)
    first_ms = facts.first_looked_ms
    recent = first_ms is not None and first_ms > facts.now_ms - facts.retention_ms - KEPT_LONGER_MS
    found[GapReason.BEFORE_FIRST_POLL] = (
        (Holding(None, first_ms - 1),) if recent and first_ms is not None else ()
    )
    rows = facts.quarantined
    found[GapReason.QUARANTINED] = () if rows is None else (Holding(rows[0], rows[1]),)
    found[GapReason.SWITCHED_OFF] = found[GapReason.NOT_SET_UP] = ()
    return found


def _by_status(facts: Facts) -> Holdings:
    """Gaps by what the last contact said, from the newest time that was read on."""
    end_ms = facts.covered.end_ms
    start_ms = None if end_ms is None else end_ms + 1
    here = (Holding(start_ms, None, facts.message, facts.status_since_ms),)
    if facts.status is SourceStatus.STORE_FAILED:
        return {GapReason.STORE_FAILED: here}  # tells nothing of the source
    found: Holdings = {GapReason.STORE_FAILED: ()} if facts.status.read else {}
    if facts.status in _PASSING:
        lasting = facts.now_ms - facts.status_since_ms >= PATIENCE_MS
        for status in _PASSING:
            found[GapReason(status.value)] = here if lasting and status is facts.status else ()
        return found
    if facts.status is SourceStatus.NEVER_RUN:
        return found
    for status in _ACCESS | _PASSING:
        found[GapReason(status.value)] = here if status is facts.status else ()
    return found


def left_out(reason: GapReason, covered: Intervals) -> Holdings:
    """The gaps of a connector that nobody reads, ``reason`` being why; nothing else of it can be told."""
    end_ms = covered.end_ms
    known = {GapReason(status.value) for status in _ACCESS | _PASSING}
    found: Holdings = dict.fromkeys(
        {*known, GapReason.SILENT, GapReason.STORE_FAILED, GapReason.SWITCHED_OFF, GapReason.NOT_SET_UP}, ()
    )
    found[reason] = (Holding(None if end_ms is None else end_ms + 1, None),)
    return found


def lost_time(covered: Intervals, first_sync_at_ms: int, now_ms: int, reach_ms: int) -> Intervals:
    """The time since the first sync that was not read and that the API cannot tell any more.

    It must be asked before a round: the round will read that time, find nothing, and call it read.

    Args:
        covered: what was read.
        first_sync_at_ms: when reading began, but for the last minute, which was left for the next round; what
            was lost before is no outage.
        now_ms: the present.
        reach_ms: how far back the API can tell, and we ask.
    """
    return covered.missing(first_sync_at_ms - MINUTE_MS, now_ms - reach_ms - 1)


def still_lost(
    known: Iterable[Period], lost: Intervals, seen_hours: Collection[int], now_ms: int, retention_ms: int
) -> tuple[Holding, ...]:
    """Lost times joined with those already known, without what turned up after all or is of no interest now.

    An event shows that the API still had everything from there on; ``seen_hours`` are the hours of events
    that were just read. Times older than any event the store can hold are let go.
    """
    spans = Intervals.of(
        [
            *lost,
            *(
                (each.from_ms, each.to_ms)
                for each in known
                if each.from_ms is not None and each.to_ms is not None
            ),
        ]
    )
    found = []
    for start_ms, end_ms in spans:
        first_ms = min(
            (hour * HOUR_MS for hour in seen_hours if start_ms <= hour * HOUR_MS <= end_ms), default=None
        )
        last_ms = end_ms if first_ms is None else first_ms - 1
        turned_up = first_ms is not None and first_ms - start_ms <= TRACE_MS
        if not turned_up and last_ms >= now_ms - retention_ms - KEPT_LONGER_MS:
            found.append(Holding(start_ms, last_ms))
    return tuple(found)
