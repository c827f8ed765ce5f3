"""Gaps and silences whatever happens: idempotent, bounded, never forgotten, without flicker."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.gaps.history import MOST_PERIODS, GapHistory, Holding
from atlaslens_forwarder.gaps.live import still_lost
from atlaslens_forwarder.gaps.pulse import KEPT_HOURS, Pulse
from atlaslens_forwarder.gaps.reasons import GapReason
from atlaslens_forwarder.gaps.silence import LEAST_PAUSE_MS, patience_ms, silence, working_ms
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS

NOW_HOUR = 498_728  # 2026-11-23T08:00:00Z
HOURS = st.sets(st.integers(NOW_HOUR - 10 * 7 * 24, NOW_HOUR), max_size=80)
SPANS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=4).map(
    lambda spans: [Holding(a, b) for a, b in Intervals.of(tuple(sorted(span)) for span in spans)]
)
CONDITION = st.one_of(
    st.just([]), st.builds(lambda start: [Holding(start, None, "x")], st.none() | st.integers(0, 500))
)
STEPS = st.lists(st.tuples(st.integers(1, 50), SPANS | CONDITION), max_size=30)


def play(steps):
    """Each state of a history on its way, with the holdings and the time that led there."""
    history, now_ms = GapHistory("a:b", GapReason.EXPIRED), 1000
    for wait_ms, holdings in steps:
        now_ms += wait_ms
        before, history = history, history.after(holdings, now_ms)
        yield before, history, holdings, now_ms


@given(STEPS)
@settings(deadline=None)
def test_exactly_what_holds_is_open_and_doing_it_again_changes_nothing(steps):
    for _, after, holdings, now_ms in play(steps):
        told = sorted((str(p.from_ms), str(p.to_ms)) for p in after.open_periods)
        assert told == sorted((str(h.from_ms), str(h.to_ms)) for h in holdings)
        assert after.after(holdings, now_ms + 5) == after
        assert GapHistory.from_json(json.loads(json.dumps(after.to_json()))) == after


@given(STEPS)
@settings(deadline=None)
def test_what_is_closed_stays_as_it_was(steps):
    for before, after, _, now_ms in play(steps):
        closed = [period for period in before.periods if not period.open]
        assert [period for period in after.periods if period in closed] == closed
        assert all(p.opened_ms <= (p.closed_ms or now_ms) <= now_ms for p in after.periods)


@given(st.lists(st.tuples(st.integers(1, 50), CONDITION), min_size=150, max_size=220))
@settings(deadline=None, max_examples=20)
def test_a_history_is_bounded_and_never_tells_less(steps):
    told: list[tuple[int, int]] = []
    for _, after, _, _ in play(steps):
        assert len(after.periods) <= MOST_PERIODS + 1
        told += [(p.opened_ms, p.closed_ms) for p in after.periods if p.closed_ms is not None]
        for opened_ms, closed_ms in told:
            assert any(
                p.opened_ms <= opened_ms and (p.closed_ms is None or closed_ms <= p.closed_ms)
                for p in after.periods
            )
        told = list(dict.fromkeys(told))[-60:]


@given(st.lists(HOURS, max_size=5), st.randoms())
@settings(deadline=None)
def test_a_pulse_is_the_same_in_whatever_order_and_however_often_it_is_taken(parts, rng):
    now_ms = NOW_HOUR * HOUR_MS
    straight = Pulse()
    for part in parts:
        straight = straight.heard(part, now_ms)
    mixed = [*parts, *parts]
    rng.shuffle(mixed)
    other = Pulse()
    for part in mixed:
        other = other.heard(part, now_ms)

    assert straight == other
    assert len(straight.hours) <= KEPT_HOURS


@given(HOURS.filter(bool), st.lists(st.integers(0, 40 * 24), min_size=1, max_size=30))
@settings(deadline=None)
def test_a_silence_does_not_flicker_and_never_begins_too_early(hours, waits_h):
    pulse = Pulse().heard(hours, NOW_HOUR * HOUR_MS)
    newest_ms = pulse.newest_ms
    found = [
        silence(pulse, Intervals.of([(0, newest_ms + wait * HOUR_MS)]), history_read=True, in_use=True)
        for wait in sorted(waits_h)
    ]

    silent = [each is not None for each in found]
    assert silent == sorted(silent), "once silent, silent until an event"
    assert len({each for each in found if each is not None}) <= 1
    for wait, each in zip(sorted(waits_h), silent, strict=True):
        if each:
            assert working_ms(newest_ms, newest_ms + wait * HOUR_MS) > max(LEAST_PAUSE_MS, 0)


@given(HOURS, st.integers(0, 100 * 24))
@settings(deadline=None)
def test_the_first_event_ends_a_silence_for_at_least_two_days(hours, wait_h):
    at = NOW_HOUR + wait_h
    pulse = Pulse().heard(hours, NOW_HOUR * HOUR_MS).heard([at], at * HOUR_MS)

    for later in (0, 1, 24, 48):
        covered = Intervals.of([(0, (at + 1 + later) * HOUR_MS - 1)])
        assert silence(pulse, covered, history_read=True, in_use=True) is None
    assert patience_ms(pulse) >= LEAST_PAUSE_MS


@given(HOURS.filter(bool), st.integers(0, 60 * 24), st.integers(0, 60 * 24))
@settings(deadline=None)
def test_a_hole_in_what_was_read_is_never_taken_for_silence(hours, wait_h, hole_h):
    pulse = Pulse().heard(hours, NOW_HOUR * HOUR_MS)
    end_ms = pulse.newest_ms + (wait_h + 1) * HOUR_MS
    hole_ms = pulse.newest_ms + min(hole_h, wait_h) * HOUR_MS
    covered = Intervals.of([(0, hole_ms - 1), (hole_ms + 1, end_ms)])

    assert silence(pulse, covered, history_read=True, in_use=True) is None


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 60)), max_size=5),
    st.sets(st.integers(0, 24 * 900)),
)
@settings(deadline=None)
def test_lost_time_only_shrinks_where_events_turned_up(spans, hours):
    lost = Intervals.of((start * DAY_MS, (start + days) * DAY_MS) for start, days in spans)

    found = still_lost((), lost, hours, 900 * DAY_MS, 2000 * DAY_MS)

    left = Intervals.of((each.from_ms, each.to_ms) for each in found)
    assert left.union(lost) == lost
    for start_ms, end_ms in lost:
        if not any(start_ms <= hour * HOUR_MS <= end_ms for hour in hours):
            assert (start_ms, end_ms) in left.spans
    assert not any(left.contains(hour * HOUR_MS) for hour in hours)
