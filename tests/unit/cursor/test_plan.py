"""What a round reads, and in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.plan import ReadPolicy, plan_poll, plan_round
from atlaslens_forwarder.cursor.state import Cursor, RereadState
from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS

NOW_MS = 1_795_420_800_000
POLICY = ReadPolicy(retention_ms=90 * DAY_MS, slice_ms=30 * DAY_MS)


def carry_out(plan):
    cursor = plan.cursor
    for window in (plan.first, *plan.rest):
        cursor = cursor.after(window)
    return cursor


def settled(now_ms=NOW_MS):
    """A cursor whose first sync and its backfill are done."""
    cursor = carry_out(plan_round(Cursor(now_ms), POLICY, now_ms))
    return carry_out(plan_round(cursor, POLICY, now_ms + MINUTE_MS))


def purposes(plan):
    return [window.purpose for window in plan.rest]


def test_the_first_round_reads_the_last_hour_first_and_history_backwards_in_slices():
    plan = plan_round(Cursor(NOW_MS), POLICY, NOW_MS)

    assert plan.first == Window(NOW_MS - HOUR_MS - MINUTE_MS, NOW_MS - MINUTE_MS, Purpose.POLL)
    assert set(purposes(plan)) == {Purpose.BACKFILL}
    assert [window.to_ms for window in plan.rest] == sorted((w.to_ms for w in plan.rest), reverse=True)
    assert plan.rest[0].to_ms == plan.first.from_ms - 1
    assert plan.rest[-1].from_ms == NOW_MS - 90 * DAY_MS


def test_only_history_counts_as_backfilled():
    assert [purpose for purpose in Purpose if Window(1, 2, purpose).backfilled] == [Purpose.BACKFILL]


def test_a_settled_connector_only_polls():
    assert plan_round(settled(), POLICY, NOW_MS + 5 * MINUTE_MS).rest == ()


def test_an_outage_is_caught_up_as_news():
    plan = plan_round(settled(), POLICY, NOW_MS + 20 * HOUR_MS)

    assert purposes(plan) == [Purpose.CATCH_UP]
    assert (plan.rest[0].from_ms, plan.rest[0].to_ms) == (NOW_MS + 1, plan.first.from_ms - 1)


def test_the_first_full_backfill_counts_as_a_weekly_reading():
    cursor = settled()

    assert cursor.weekly.done_at_ms == NOW_MS  # when it began
    before = plan_round(cursor, POLICY, NOW_MS + 7 * DAY_MS - 1)
    after = plan_round(cursor, POLICY, NOW_MS + 7 * DAY_MS)
    assert Purpose.REREAD_WEEKLY not in purposes(before)
    assert purposes(after).count(Purpose.REREAD_WEEKLY) == 3


def test_a_backfill_that_is_not_complete_starts_no_weekly_reading():
    plan = plan_round(Cursor(NOW_MS), POLICY, NOW_MS)
    cursor = plan.cursor.after(plan.first)

    later = plan_round(cursor, POLICY, NOW_MS + 30 * DAY_MS)

    assert Purpose.BACKFILL in purposes(later)
    assert Purpose.REREAD_WEEKLY not in purposes(later)


def test_a_rereading_goes_on_where_it_was_interrupted_and_then_rests():
    plan = plan_round(settled(), POLICY, NOW_MS + 8 * DAY_MS)
    weekly = [window for window in plan.rest if window.purpose is Purpose.REREAD_WEEKLY]
    cursor = plan.cursor.after(weekly[0])

    rest = plan_round(cursor, POLICY, NOW_MS + 8 * DAY_MS + MINUTE_MS)
    again = [window for window in rest.rest if window.purpose is Purpose.REREAD_WEEKLY]
    assert max(window.to_ms for window in again) == weekly[0].from_ms - 1

    done = plan_round(carry_out(rest), POLICY, NOW_MS + 8 * DAY_MS + 2 * MINUTE_MS)
    assert Purpose.REREAD_WEEKLY not in purposes(done)
    assert done.cursor.weekly == RereadState(done_at_ms=NOW_MS + 8 * DAY_MS)


def test_a_wish_reads_again_what_was_covered():
    since_ms = NOW_MS - 10 * DAY_MS

    plan = plan_round(settled(), POLICY, NOW_MS + 2 * MINUTE_MS, since_ms)

    assert purposes(plan) == [Purpose.REQUESTED]
    assert (plan.rest[0].from_ms, plan.rest[0].to_ms) == (since_ms, plan.first.from_ms - 1)


@pytest.mark.parametrize("since_ms", [NOW_MS, NOW_MS + DAY_MS])
def test_a_wish_that_the_poll_fulfils_adds_nothing(since_ms):
    assert plan_round(settled(), POLICY, NOW_MS + 2 * MINUTE_MS, since_ms).rest == ()


def test_an_outage_within_time_falsely_read_ahead_is_caught_up():
    ahead = carry_out(plan_round(settled(), POLICY, NOW_MS + 300 * DAY_MS))
    set_right = carry_out(plan_round(ahead, POLICY, NOW_MS + HOUR_MS))

    plan = plan_round(set_right, POLICY, NOW_MS + 10 * DAY_MS)

    news = [window for window in plan.rest if window.purpose is Purpose.CATCH_UP]
    assert min(window.from_ms for window in news) == NOW_MS + HOUR_MS - MINUTE_MS + 1


def test_a_first_sync_with_a_clock_ahead_does_not_make_news_history():
    cursor = replace(settled(), first_sync_at_ms=NOW_MS + 300 * DAY_MS)
    set_right = carry_out(plan_round(cursor, POLICY, NOW_MS + HOUR_MS))

    plan = plan_round(set_right, POLICY, NOW_MS + 20 * HOUR_MS)

    assert purposes(plan) == [Purpose.CATCH_UP]


def test_a_clock_in_1970_plans_a_round_all_the_same():
    plan = plan_round(settled(), POLICY, 0)

    assert plan.first.to_ms == -MINUTE_MS


def test_the_work_of_another_forwarder_is_joined():
    ours = Cursor(NOW_MS, Intervals.of([(1, 5)]), window_number=3)
    theirs = Cursor(NOW_MS - 7, Intervals.of([(6, 9), (20, 21)]), window_number=9)

    merged = ours.merged(theirs)

    assert (merged.first_sync_at_ms, merged.covered.spans, merged.window_number) == (
        NOW_MS - 7,
        ((1, 9), (20, 21)),
        9,
    )


def test_a_window_does_not_end_before_it_starts():
    with pytest.raises(ValueError, match="must not end before"):
        Window(2, 1, Purpose.POLL)


def test_without_a_weekly_rhythm_the_retention_is_never_read_again():
    policy = replace(POLICY, weekly_every_ms=None)
    cursor = carry_out(plan_round(Cursor(NOW_MS), policy, NOW_MS))

    plan = plan_round(cursor, policy, NOW_MS + 30 * DAY_MS)

    assert Purpose.REREAD_WEEKLY not in purposes(plan)
    assert Purpose.REREAD_DAILY in purposes(plan)


def polled(*times_ms):
    """A cursor after polls at these times, and the windows that were read."""
    cursor, windows = Cursor(times_ms[0]), []
    for now_ms in times_ms:
        plan = plan_poll(cursor, POLICY, now_ms)
        assert plan.rest == ()
        windows.append(plan.first)
        cursor = plan.cursor.after(plan.first)
    return cursor, windows


def test_the_first_poll_stands_for_all_that_is_kept_and_the_next_begins_where_it_ended():
    cursor, (first, second) = polled(NOW_MS, NOW_MS + MINUTE_MS)

    assert first == Window(NOW_MS - 90 * DAY_MS, NOW_MS, Purpose.BACKFILL)
    assert second == Window(NOW_MS + 1, NOW_MS + MINUTE_MS, Purpose.POLL)
    assert cursor.covered == Intervals.of([(NOW_MS - 90 * DAY_MS, NOW_MS + MINUTE_MS)])


def test_a_poll_that_failed_is_made_up_for_by_the_next():
    cursor, _ = polled(NOW_MS)

    assert plan_poll(cursor, POLICY, NOW_MS + HOUR_MS).first.from_ms == NOW_MS + 1


def test_polls_go_on_where_time_stands_still_or_was_set_back():
    cursor, _ = polled(NOW_MS)

    assert plan_poll(cursor, POLICY, NOW_MS).first == Window(NOW_MS, NOW_MS, Purpose.POLL)
    assert plan_poll(cursor, POLICY, NOW_MS - DAY_MS).first.to_ms == NOW_MS - DAY_MS


def test_a_poll_that_was_asked_to_go_back_does():
    cursor, _ = polled(NOW_MS)
    since_ms = NOW_MS - 3 * DAY_MS

    plan = plan_poll(cursor, POLICY, NOW_MS + MINUTE_MS, since_ms)

    assert plan.first == Window(since_ms, NOW_MS + MINUTE_MS, Purpose.REQUESTED)
