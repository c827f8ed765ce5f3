"""How far back a poll asks for touched requests."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS
from atlaslens_forwarder.sources.jsm_sla.progress import Progress

NOW_MS = 1_795_420_800_000


def window(from_ms: int, purpose: Purpose = Purpose.POLL, to_ms: int = NOW_MS) -> Window:
    return Window(from_ms, to_ms, purpose)


def test_the_first_poll_reads_all_that_is_kept():
    first = window(NOW_MS - 365 * DAY_MS, Purpose.BACKFILL)
    assert Progress().since_ms(first) == first.from_ms
    assert Progress().done(first, Progress()) == Progress(NOW_MS, NOW_MS)


def test_one_that_broke_off_goes_on_where_it_was():
    first = window(NOW_MS - 365 * DAY_MS, Purpose.BACKFILL)
    got = Progress().part_done(first, NOW_MS - 100 * DAY_MS)
    assert got == Progress(NOW_MS - 100 * DAY_MS, NOW_MS)
    later = window(NOW_MS - 365 * DAY_MS, Purpose.BACKFILL, NOW_MS + MINUTE_MS)
    assert got.since_ms(later) == NOW_MS - 100 * DAY_MS - 5 * MINUTE_MS


def test_a_poll_asks_for_a_few_minutes_more_and_once_an_hour_for_half_a_day_before_the_last_such_look():
    known = Progress(NOW_MS, NOW_MS)
    soon = window(NOW_MS + 1, to_ms=NOW_MS + 59 * MINUTE_MS)
    assert known.since_ms(soon) == NOW_MS - 5 * MINUTE_MS
    assert known.done(soon, known) == Progress(soon.to_ms, NOW_MS)
    late = window(NOW_MS + 1, to_ms=NOW_MS + 3 * DAY_MS)
    assert known.since_ms(late) == NOW_MS - 12 * HOUR_MS
    assert known.done(late, known) == Progress(late.to_ms, late.to_ms)


def test_a_part_of_a_poll_never_takes_back_what_was_read():
    known = Progress(NOW_MS - MINUTE_MS, NOW_MS - 2 * HOUR_MS)
    assert known.part_done(window(NOW_MS), NOW_MS - HOUR_MS) == known
    assert known.part_done(window(NOW_MS), None) == known
    assert known.part_done(window(NOW_MS), NOW_MS + 5) == known


def test_what_somebody_asks_for_is_read_again():
    known = Progress(NOW_MS - MINUTE_MS, NOW_MS - MINUTE_MS)
    asked = window(NOW_MS - 30 * DAY_MS, Purpose.REQUESTED)
    assert known.since_ms(asked) == asked.from_ms


@pytest.mark.parametrize(
    "value", [None, {}, {"touched_ms": "x", "looked_ms": True}, {"touched_ms": NOW_MS + 1}]
)
def test_what_is_damaged_or_yet_to_come_is_not_believed(value):
    assert Progress.of(value, window(0)) == Progress()


def test_the_json_form_is_read_back():
    assert Progress.of(Progress(5, 7).to_json(), window(0)) == Progress(5, 7)
