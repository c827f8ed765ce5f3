"""Every instant is in one period, every period falls due once, and catching up leaves none out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlaslens_forwarder.model.time import DAY_MS, parse_iso_ms
from atlaslens_forwarder.service.reports.calendar import MOST_CAUGHT_UP, Every, Schedule

SHORTEST_DAYS = {Every.DAILY: 1, Every.WEEKLY: 7, Every.MONTHLY: 28}
INSTANTS = st.integers(parse_iso_ms("1971-01-01T00:00:00Z"), parse_iso_ms("2199-12-31T00:00:00Z"))


@st.composite
def schedules(draw):
    every = draw(st.sampled_from(Every))
    return Schedule(every, draw(st.integers(0, SHORTEST_DAYS[every] * DAY_MS - 1)))


@given(schedules(), INSTANTS)
def test_every_instant_belongs_to_the_one_period_of_that_name(schedule, at_ms):
    period = schedule.period_at(at_ms)

    assert period.from_ms <= at_ms < period.to_ms
    assert schedule.period_at(period.from_ms) == schedule.period_at(period.to_ms - 1) == period
    assert schedule.before(period).to_ms == period.from_ms
    assert schedule.named(period.name) == period


@given(schedules(), INSTANTS)
def test_the_last_due_period_is_due_and_the_next_one_is_not(schedule, now_ms):
    last = schedule.last_due(now_ms)

    assert schedule.due_ms(last) <= now_ms < schedule.next_due_ms(now_ms)
    assert schedule.last_due(schedule.next_due_ms(now_ms)) == schedule.period_at(last.to_ms)


@given(schedules(), INSTANTS, st.lists(st.integers(1, 20 * DAY_MS), max_size=12))
def test_looking_at_any_times_makes_each_period_once_and_in_order(schedule, since_ms, waits_ms):
    made, now_ms = [], since_ms
    for wait_ms in waits_ms:
        now_ms += wait_ms
        due = [each for each in schedule.due(since_ms, now_ms) if each not in made]
        assert len(due) <= MOST_CAUGHT_UP
        if made and due:
            assert len(due) == MOST_CAUGHT_UP or due[0].from_ms == made[-1].to_ms
        made += due

    assert [each.from_ms for each in made] == sorted({each.from_ms for each in made})
    assert all(each.to_ms > since_ms for each in made)


@pytest.mark.parametrize(
    ("every", "name", "begin", "end"),
    [
        (Every.DAILY, "2028-02-29", "2028-02-29", "2028-03-01"),
        (Every.WEEKLY, "2026-W53", "2026-12-28", "2027-01-04"),
        (Every.WEEKLY, "2025-W01", "2024-12-30", "2025-01-06"),
        (Every.MONTHLY, "2028-02", "2028-02-01", "2028-03-01"),
        (Every.MONTHLY, "2026-12", "2026-12-01", "2027-01-01"),
    ],
)
def test_leap_days_and_turns_of_years_are_where_they_belong(every, name, begin, end):
    period = Schedule(every, 0).named(name)

    assert (period.from_ms, period.to_ms) == tuple(parse_iso_ms(f"{day}T00:00:00Z") for day in (begin, end))


@pytest.mark.parametrize(
    ("every", "name"),
    [
        (Every.DAILY, "2027-02-29"),
        (Every.WEEKLY, "2027-W53"),
        (Every.MONTHLY, "2027-13"),
        (Every.MONTHLY, "0001-01"),
    ],
)
def test_a_period_that_does_not_exist_is_refused(every, name):
    with pytest.raises(ValueError, match="is not a"):
        Schedule(every, 0).named(name)
