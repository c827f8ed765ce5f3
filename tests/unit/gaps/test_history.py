"""Periods of a gap: opened, moved, closed, and kept within bounds."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.gaps.history import MOST_PERIODS, GapHistory, Holding, Period
from atlaslens_forwarder.gaps.reasons import GapReason

NEW = GapHistory("acme:jira-audit", GapReason.EXPIRED)


def test_a_gap_opens_when_it_was_first_seen_and_closes_when_nothing_holds_it():
    opened = NEW.after([Holding(100, None, "why", 150)], 200)
    later = opened.after([Holding(100, None, "why", 190)], 300)
    closed = later.after([], 400)

    assert opened.periods == (Period(100, None, 150, None, "why"),)
    assert later == opened
    assert closed.periods == (Period(100, 400, 150, 400, "why"),)
    assert closed.after([], 500) == closed


def test_a_gap_that_comes_back_is_another_period():
    history = NEW.after([Holding(1, None)], 10).after([], 20).after([Holding(21, None)], 30)

    assert [(each.opened_ms, each.closed_ms) for each in history.periods] == [(10, 20), (30, None)]


def test_a_start_in_the_future_of_a_clock_that_was_set_back_is_now():
    assert NEW.after([Holding(1, None, since_ms=900)], 10).periods[0].opened_ms == 10


def test_holes_apart_are_periods_of_their_own_and_each_ends_by_itself():
    both = NEW.after([Holding(0, 9), Holding(20, 29)], 100)
    one = both.after([Holding(22, 29)], 200)

    assert [period.open for period in both.periods] == [True, True]
    assert [(p.from_ms, p.to_ms, p.closed_ms) for p in one.periods] == [(22, 29, None), (0, 9, 200)] or [
        (p.from_ms, p.to_ms, p.closed_ms) for p in one.periods
    ] == [(0, 9, 200), (22, 29, None)]


def test_old_periods_are_joined_and_none_of_their_time_is_forgotten():
    history = NEW
    for step in range(3 * MOST_PERIODS):
        history = history.after([Holding(100 * step, None)], 100 * step + 10).after([], 100 * step + 20)

    assert len(history.periods) == MOST_PERIODS
    first = history.periods[0]
    assert (first.from_ms, first.opened_ms, first.joined) == (0, 10, 2 * MOST_PERIODS)
    assert first.overlaps(50, 60)


@pytest.mark.parametrize(
    ("period", "overlaps"),
    [
        (Period(None, None, 0), True),
        (Period(None, 9, 0), False),
        (Period(None, 10, 0), True),
        (Period(19, None, 0), True),
        (Period(20, None, 0), False),
    ],
)
def test_overlap_with_a_stretch_of_time(period, overlaps):
    assert period.overlaps(10, 20) is overlaps


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"connector": "a:b", "reason": "expired", "periods": [{}]},
        {"connector": "a:b", "reason": "unheard-of", "periods": []},
        {"connector": "a:b", "reason": "expired", "periods": [5]},
    ],
)
def test_another_form_is_refused(value):
    with pytest.raises(ValueError, match=r"gap|not a valid"):
        GapHistory.from_json(value)
