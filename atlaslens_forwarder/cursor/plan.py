"""Which windows to read next. Pure: cursor, policy and the time of day in, windows out.

Rules, in the order in which they are applied:

1. The end of every window is pinned to ``now - settle``: rows younger than that are still arriving.
2. A poll re-reads ``overlap`` before that end, because rows may arrive late.
3. Time after the first sync that is not covered (an outage) is caught up, newest first.
4. History before it is backfilled in slices, newest first, down to the retention and never below.
5. Once a day a week, and once a week the whole retention is read again: administrators can post
   back-dated rows, and late rows can be later than any overlap. A first full backfill counts as one. The
   week is counted from the last such reading, so that a pause leaves no late row unread.

A clock that was set back leaves times in the cursor that are yet to come. They prove nothing, since nobody
can have read them: they are forgotten before a round is planned, at the price of a re-read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.state import RereadState
from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from atlaslens_forwarder.cursor.intervals import Intervals
    from atlaslens_forwarder.cursor.state import Cursor


@dataclass(frozen=True, slots=True)
class ReadPolicy:
    """How far back and how often one source is read; all lengths in milliseconds."""

    retention_ms: int = 365 * DAY_MS
    settle_ms: int = MINUTE_MS
    overlap_ms: int = HOUR_MS
    slice_ms: int = 30 * DAY_MS
    daily_every_ms: int = DAY_MS
    daily_reach_ms: int = 7 * DAY_MS
    weekly_every_ms: int | None = 7 * DAY_MS
    """None: the whole retention is never read again."""
    walks_once: bool = False
    """A list that cannot be asked by time is walked from its newest row down, so history is one slice."""

    @property
    def final_after_ms(self) -> int:
        """The age at which what was read counts as final: until then it is read again, each poll or hour.

        An hour at least. Where an index behind the API lags (JQL), what is read again each hour: 12 hours.
        """
        return max(HOUR_MS, self.daily_reach_ms if self.daily_every_ms <= HOUR_MS else self.overlap_ms)

    def within(self, retention_ms: int, slice_ms: int) -> ReadPolicy:
        """The policy with the settings of a forwarder: how long events are kept, how long a slice is."""
        return replace(
            self, retention_ms=retention_ms, slice_ms=2 * retention_ms if self.walks_once else slice_ms
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """The windows of one round. ``first`` is read at once, ``rest`` side by side afterwards."""

    cursor: Cursor
    first: Window
    rest: tuple[Window, ...]


def plan_round(cursor: Cursor, policy: ReadPolicy, now_ms: int, since_ms: int | None = None) -> Plan:
    """Plan one round.

    Args:
        cursor: what has been read so far.
        policy: reach and rhythm of the source.
        now_ms: the present.
        since_ms: re-read everything from here on in any case (``sync --since``).

    Returns:
        The windows, and the cursor with its re-read clocks moved on; the caller stores that cursor with
        the first window it commits.
    """
    to_ms = now_ms - policy.settle_ms
    floor_ms = now_ms - policy.retention_ms
    cursor = cursor.not_beyond(now_ms, to_ms)
    poll = Window(max(floor_ms, to_ms - policy.overlap_ms), to_ms, Purpose.POLL)
    rest: list[Window] = []

    open_time = cursor.covered.add(poll.from_ms, poll.to_ms).missing(floor_ms, to_ms)
    news_ms = cursor.first_sync_at_ms - policy.settle_ms - policy.overlap_ms
    rest += _slices(open_time.clip(news_ms, to_ms), policy, Purpose.CATCH_UP)
    history = open_time.clip(floor_ms, news_ms - 1)
    rest += _slices(history, policy, Purpose.BACKFILL)

    cursor, daily = _daily(cursor, policy, now_ms, floor_ms, to_ms)
    cursor, weekly = _weekly(cursor, policy, now_ms, floor_ms, to_ms, backfilled=not history)
    rest += daily
    rest += weekly
    if since_ms is not None and since_ms <= to_ms:
        asked = cursor.covered.add(poll.from_ms, poll.to_ms).clip(max(since_ms, floor_ms), poll.from_ms - 1)
        rest += _slices(asked, policy, Purpose.REQUESTED)
    return Plan(cursor, poll, tuple(rest))


def plan_poll(cursor: Cursor, policy: ReadPolicy, now_ms: int, since_ms: int | None = None) -> Plan:
    """Plan one round of a source that is asked for its present state: one window, up to the present.

    It begins where the last one ended, or, at first and where ``since_ms`` asks for it, as far back as
    events are kept. What happened in it is known once the state was read at its end.
    """
    cursor = cursor.not_beyond(now_ms, now_ms)
    floor_ms = now_ms - policy.retention_ms
    end_ms = cursor.covered.end_ms
    if end_ms is None:
        return Plan(cursor, Window(floor_ms, now_ms, Purpose.BACKFILL), ())
    if since_ms is not None and since_ms <= now_ms:
        return Plan(cursor, Window(max(floor_ms, since_ms), now_ms, Purpose.REQUESTED), ())
    return Plan(cursor, Window(min(max(floor_ms, end_ms + 1), now_ms), now_ms, Purpose.POLL), ())


def _slices(spans: Intervals, policy: ReadPolicy, purpose: Purpose) -> list[Window]:
    """Cut spans into windows no longer than a slice, newest first."""
    windows: list[Window] = []
    for start, end in reversed(spans.spans):
        upper = end
        while upper >= start:
            lower = max(start, upper - policy.slice_ms + 1)
            windows.append(Window(lower, upper, purpose))
            upper = lower - 1
    return windows


def _daily(
    cursor: Cursor, policy: ReadPolicy, now_ms: int, floor_ms: int, to_ms: int
) -> tuple[Cursor, list[Window]]:
    due = _Reread(Purpose.REREAD_DAILY, policy.daily_every_ms, policy.daily_reach_ms, floor_ms, to_ms)
    state, windows = _reread(cursor.daily, cursor.first_sync_at_ms, policy, due, now_ms)
    return replace(cursor, daily=state), windows


def _weekly(
    cursor: Cursor, policy: ReadPolicy, now_ms: int, floor_ms: int, to_ms: int, *, backfilled: bool
) -> tuple[Cursor, list[Window]]:
    if policy.weekly_every_ms is None:
        return cursor, []
    if not backfilled and cursor.weekly == RereadState():
        return cursor, []  # the first backfill is still reading all of it
    due = _Reread(Purpose.REREAD_WEEKLY, policy.weekly_every_ms, policy.retention_ms, floor_ms, to_ms)
    state, windows = _reread(cursor.weekly, cursor.first_sync_at_ms, policy, due, now_ms)
    return replace(cursor, weekly=state), windows


@dataclass(frozen=True, slots=True)
class _Reread:
    """One kind of re-reading: its rhythm, its reach, and the time within which it reads."""

    purpose: Purpose
    every_ms: int
    reach_ms: int
    floor_ms: int
    to_ms: int


def _reread(
    state: RereadState, first_sync_at_ms: int, policy: ReadPolicy, due: _Reread, now_ms: int
) -> tuple[RereadState, list[Window]]:
    """Start a re-reading that is due, go on with one under way, or end one that has read its reach.

    It reaches back from the beginning of the last one: what was late then may be there by now, however long
    we were away since.
    """
    if state.started_at_ms is not None:
        left = _left(state, state.started_at_ms, first_sync_at_ms, policy, due)
        if left:
            return state, _slices(left, policy, due.purpose)
        state = RereadState(done_at_ms=state.started_at_ms)
    # The first sync and its backfill read all of it, beginning then.
    done_at_ms = first_sync_at_ms if state.done_at_ms is None else state.done_at_ms
    if now_ms - done_at_ms < due.every_ms:
        return RereadState(done_at_ms=done_at_ms), []
    state = RereadState(done_at_ms=done_at_ms, started_at_ms=now_ms)
    return state, _slices(_left(state, now_ms, first_sync_at_ms, policy, due), policy, due.purpose)


def _left(
    state: RereadState, started_at_ms: int, first_sync_at_ms: int, policy: ReadPolicy, due: _Reread
) -> Intervals:
    """What a re-reading under way still has to read."""
    done_at_ms = first_sync_at_ms if state.done_at_ms is None else state.done_at_ms
    last_ms = min(done_at_ms, started_at_ms) - policy.settle_ms
    return state.read.missing(
        max(due.floor_ms, last_ms - due.reach_ms), min(due.to_ms, started_at_ms - policy.settle_ms)
    )
