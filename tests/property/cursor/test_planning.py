"""Whatever happens to a forwarder, its rounds end with all time of the retention read, and read again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.plan import Plan, ReadPolicy, plan_round
from atlaslens_forwarder.cursor.state import Cursor, RereadState
from atlaslens_forwarder.cursor.window import Purpose
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS

START_MS = 1_795_420_800_000
POLICY = ReadPolicy(retention_ms=40 * DAY_MS, slice_ms=6 * DAY_MS)
AT = st.integers(START_MS - 60 * DAY_MS, START_MS + 60 * DAY_MS)


@st.composite
def rereads(draw):
    return RereadState(
        draw(st.none() | AT),
        draw(st.none() | AT),
        Intervals.of(draw(st.lists(st.tuples(AT, AT), max_size=3))),
    )


@st.composite
def cursors(draw):
    return Cursor(
        draw(AT),
        Intervals.of(draw(st.lists(st.tuples(AT, AT), max_size=5))),
        draw(rereads()),
        draw(rereads()),
    )


def spans(plan: Plan, *purposes: Purpose) -> Intervals:
    windows = [plan.first, *plan.rest]
    return Intervals.of((w.from_ms, w.to_ms) for w in windows if not purposes or w.purpose in purposes)


@given(cursors(), AT, st.none() | AT)
@settings(deadline=None, max_examples=300)
def test_a_round_reads_all_that_is_open_and_nothing_outside_the_retention(cursor, now_ms, since_ms):
    plan = plan_round(cursor, POLICY, now_ms, since_ms)
    floor_ms, to_ms = now_ms - POLICY.retention_ms, now_ms - POLICY.settle_ms
    windows = [plan.first, *plan.rest]

    assert all(floor_ms <= window.from_ms <= window.to_ms <= to_ms for window in windows)
    assert (plan.first.to_ms, plan.first.from_ms) == (to_ms, to_ms - POLICY.overlap_ms)
    assert not plan.cursor.covered.union(spans(plan)).missing(floor_ms, to_ms)
    assert all(window.to_ms - window.from_ms < POLICY.slice_ms for window in plan.rest)
    for purpose in Purpose:
        lengths = sum(w.to_ms - w.from_ms + 1 for w in windows if w.purpose is purpose)
        assert lengths == spans(plan, purpose).length_ms, f"{purpose} windows overlap"
    if since_ms is not None and since_ms <= to_ms:
        assert not spans(plan).missing(max(since_ms, floor_ms), to_ms)


@given(cursors(), AT)
@settings(deadline=None)
def test_nothing_that_lies_ahead_of_the_clock_counts_as_read(cursor, now_ms):
    planned = plan_round(cursor, POLICY, now_ms).cursor

    assert (planned.covered.end_ms or 0) <= now_ms - POLICY.settle_ms
    assert planned.first_sync_at_ms <= now_ms
    for state in (planned.daily, planned.weekly):
        assert all(at_ms is None or at_ms <= now_ms for at_ms in (state.done_at_ms, state.started_at_ms))


@dataclass
class Life:
    """A forwarder over weeks: time as it is, a clock that may be wrong, and what was read when."""

    now_ms: int = START_MS
    error_ms: int = 0
    stored: str = ""
    read: list[tuple[int, int, int]] = field(default_factory=list)

    def round(self, outcomes: list[bool]) -> Plan:
        """One round; ``outcomes`` says which windows succeed, in turn."""
        clock_ms = self.now_ms + self.error_ms
        cursor = Cursor.from_json(json.loads(self.stored)) if self.stored else Cursor(clock_ms)
        plan = plan_round(cursor, POLICY, clock_ms)
        cursor = plan.cursor
        for index, window in enumerate([plan.first, *plan.rest]):
            if outcomes[index % len(outcomes)]:
                self.read.append((self.now_ms, window.from_ms, window.to_ms))
                cursor = cursor.after(window)
            self.stored = json.dumps(cursor.to_json())
        return plan

    def readable(self, since_ms: int = 0) -> Intervals:
        """Time whose rows an answer held: it was over when it was asked for."""
        return Intervals.of((start, min(end, at_ms)) for at_ms, start, end in self.read if at_ms >= since_ms)


def steps(*clock_errors_ms: int) -> st.SearchStrategy[list[tuple[int, list[bool], int]]]:
    """Pauses, outcomes of windows, and how wrong the clock is."""
    pause_ms = st.sampled_from([5 * MINUTE_MS, 50 * MINUTE_MS, 7 * HOUR_MS, DAY_MS, 3 * DAY_MS, 12 * DAY_MS])
    outcomes = st.lists(st.booleans(), min_size=1, max_size=5)
    return st.lists(st.tuples(pause_ms, outcomes, st.sampled_from([0, 0, 0, *clock_errors_ms])), max_size=25)


def live(life: Life, taken: list[tuple[int, list[bool], int]], *, rounds: int, pause_ms: int) -> Intervals:
    """Live through the steps, then through rounds without trouble; what of the retention was never read."""
    for step_ms, outcomes, error_ms in taken:
        life.now_ms += step_ms
        life.error_ms = error_ms
        life.round(outcomes)
    life.error_ms = 0
    for _ in range(rounds):
        life.now_ms += pause_ms
        life.round([True])
    floor_ms, to_ms = life.now_ms - POLICY.retention_ms, life.now_ms - POLICY.settle_ms
    assert not Cursor.from_json(json.loads(life.stored)).covered.missing(floor_ms, to_ms)
    return life.readable().missing(floor_ms, to_ms)


@given(steps(-HOUR_MS, -30 * DAY_MS, -20_000 * DAY_MS))
@settings(deadline=None, max_examples=200)
def test_after_failures_outages_and_restarts_one_round_reads_all_that_is_open(taken):
    assert not live(Life(), taken, rounds=1, pause_ms=5 * MINUTE_MS)


@given(steps(HOUR_MS, 30 * DAY_MS, 900 * DAY_MS, -HOUR_MS, -30 * DAY_MS))
@settings(deadline=None, max_examples=200)
def test_what_a_clock_that_was_ahead_hid_is_found_within_a_week(taken):
    assert not live(Life(), taken, rounds=16, pause_ms=DAY_MS // 2)


@given(st.lists(st.integers(5, 1_000), min_size=30, max_size=60), st.data())
@settings(deadline=None, max_examples=60)
def test_the_whole_retention_is_read_again_within_a_week_and_a_round(pauses_min, data):
    life = Life()
    life.round([True])
    life.now_ms += MINUTE_MS
    life.round([True])
    longest_ms = max(pauses_min) * MINUTE_MS
    for pause_min in pauses_min:
        life.now_ms += pause_min * MINUTE_MS
        life.round([True])

    to_ms = life.now_ms - POLICY.settle_ms
    floor_ms = life.now_ms - POLICY.retention_ms
    weekly = life.readable(life.now_ms - POLICY.weekly_every_ms - 2 * longest_ms)
    assert not weekly.missing(floor_ms, to_ms)
    daily = life.readable(life.now_ms - POLICY.daily_every_ms - 2 * longest_ms)
    assert not daily.missing(to_ms - POLICY.daily_reach_ms, to_ms)
