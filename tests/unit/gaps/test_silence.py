"""When nothing is unusual: by the source's own pauses, without weekends, and only over time that was read."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.gaps.pulse import KEPT_HOURS, Pulse
from atlaslens_forwarder.gaps.silence import (
    FEW_PAUSE_MS,
    LEAST_PAUSE_MS,
    Silence,
    patience_ms,
    silence,
    working_ms,
)
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS

MONDAY_MS = 1_795_392_000_000  # 2026-11-23T00:00:00Z
WEEK_MS = 7 * DAY_MS


def office(weeks: int = 8, until_ms: int = MONDAY_MS) -> Pulse:
    """Somebody works from 8 to 17 on every working day of the weeks before a Monday."""
    hours = [
        (until_ms - week * WEEK_MS + day * DAY_MS) // HOUR_MS + hour
        for week in range(1, weeks + 1)
        for day in range(5)
        for hour in range(8, 17)
    ]
    return Pulse().heard(hours, until_ms)


def after(pulse: Pulse, end_ms: int) -> Silence | None:
    return silence(pulse, Intervals.of([(0, end_ms)]), history_read=True, in_use=True)


@pytest.mark.parametrize(
    ("from_ms", "to_ms", "working"),
    [
        (MONDAY_MS, MONDAY_MS + DAY_MS, DAY_MS),
        (MONDAY_MS - 2 * DAY_MS, MONDAY_MS, 0),
        (MONDAY_MS - 2 * DAY_MS - HOUR_MS, MONDAY_MS + HOUR_MS, 2 * HOUR_MS),
        (MONDAY_MS, MONDAY_MS + 4 * WEEK_MS, 20 * DAY_MS),
        (MONDAY_MS, MONDAY_MS - DAY_MS, 0),
    ],
)
def test_weekends_are_no_time(from_ms, to_ms, working):
    assert working_ms(from_ms, to_ms) == working


def test_a_weekend_is_no_silence_and_two_working_days_and_more_are():
    pulse = office()

    assert patience_ms(pulse) == LEAST_PAUSE_MS
    assert after(pulse, MONDAY_MS + 7 * HOUR_MS) is None
    assert after(pulse, MONDAY_MS + DAY_MS) is None
    found = after(pulse, MONDAY_MS + 2 * DAY_MS)
    assert found == Silence(MONDAY_MS - 2 * DAY_MS - 7 * HOUR_MS - 1, LEAST_PAUSE_MS)
    assert "2026-11-20T16:59:59.999Z" in found.message


def test_a_source_with_long_pauses_is_given_more_time():
    start = (MONDAY_MS - 8 * WEEK_MS) // HOUR_MS
    pulse = Pulse().heard([start + 84 * step for step in range(16)], MONDAY_MS)

    assert patience_ms(pulse) > 3 * 48 * HOUR_MS


def test_a_former_silence_does_not_make_us_deaf():
    before, later = office(4, MONDAY_MS - 4 * WEEK_MS), office(1)
    pulse = Pulse().heard([*before.hours, *later.hours], MONDAY_MS)

    assert patience_ms(pulse) == LEAST_PAUSE_MS


def test_few_events_tell_no_usual_pause():
    first = MONDAY_MS // HOUR_MS
    pulse = Pulse((first, first + 1, first + 2))

    assert patience_ms(pulse) == FEW_PAUSE_MS
    assert after(pulse, MONDAY_MS + 27 * DAY_MS) is None
    assert after(pulse, MONDAY_MS + 30 * DAY_MS) is not None


def test_time_that_was_not_read_is_no_silence():
    pulse, end_ms = office(), MONDAY_MS + 5 * DAY_MS
    holed = Intervals.of([(0, end_ms - DAY_MS), (end_ms - HOUR_MS, end_ms)])

    assert silence(pulse, holed, history_read=True, in_use=True) is None
    assert silence(pulse, Intervals(), history_read=True, in_use=True) is None


@pytest.mark.parametrize(
    ("history_read", "in_use", "silent"),
    [(True, True, True), (False, True, False), (True, False, False), (False, False, False)],
)
def test_a_source_without_any_event_is_silent_once_its_history_was_read_and_others_have_some(
    history_read, in_use, silent
):
    found = silence(Pulse(), Intervals.of([(0, MONDAY_MS)]), history_read=history_read, in_use=in_use)

    assert found == (Silence(None, None) if silent else None)
    if found:
        assert "in all of its history" in found.message


def test_the_pulse_keeps_eight_weeks_and_nothing_of_the_future():
    now = MONDAY_MS // HOUR_MS
    pulse = Pulse().heard([now - 3 * KEPT_HOURS, now - KEPT_HOURS + 1, now, now + 5], MONDAY_MS)

    assert pulse.hours == (now - KEPT_HOURS + 1, now)
    assert Pulse.from_json(pulse.to_json()) == pulse


@pytest.mark.parametrize("value", [{}, {"hours": "x"}, {"hours": ["1", None]}])
def test_a_pulse_of_another_form_is_no_evidence(value):
    assert Pulse.from_json(value) == Pulse()
