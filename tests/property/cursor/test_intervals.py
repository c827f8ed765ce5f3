"""Intervals behave as the sets of whole milliseconds they stand for; a cursor survives its JSON form."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.state import Cursor, RereadState

POINT = st.integers(-30, 30)
SPANS = st.lists(st.tuples(POINT, POINT), max_size=8)
TIME = st.integers(-(2**53), 2**53)


def points(spans) -> set[int]:
    return {at for start, end in spans for at in range(start, end + 1)}


@given(SPANS, SPANS, POINT, POINT)
@settings(deadline=None)
def test_intervals_are_a_set_of_milliseconds(left, right, start, end):
    ours, model = Intervals.of(left), points(left)

    assert points(ours) == model
    assert ours.length_ms == len(model)
    assert ours.end_ms == (max(model) if model else None)
    assert bool(ours) is bool(model)
    assert points(ours.union(Intervals.of(right))) == model | points(right)
    assert points(ours.add(start, end)) == model | points([(start, end)])
    assert points(ours.clip(start, end)) == model & points([(start, end)])
    assert points(ours.missing(start, end)) == points([(start, end)]) - model
    assert all(ours.contains(at) is (at in model) for at in range(-32, 33))


@given(SPANS)
@settings(deadline=None)
def test_equal_sets_are_equal_values_in_their_shortest_form(spans):
    ours = Intervals.of(spans)

    assert ours == Intervals.of((at, at) for at in points(spans))
    assert all(after[0] > before[1] + 1 for before, after in zip(ours.spans, ours.spans[1:], strict=False))


@st.composite
def rereads(draw):
    return RereadState(
        draw(st.none() | TIME),
        draw(st.none() | TIME),
        Intervals.of(draw(st.lists(st.tuples(TIME, TIME), max_size=4))),
    )


@given(TIME, st.lists(st.tuples(TIME, TIME), max_size=5), rereads(), rereads(), st.integers(0, 10**9))
@settings(deadline=None)
def test_a_cursor_survives_its_json_form(first, spans, daily, weekly, number):
    cursor = Cursor(first, Intervals.of(spans), daily, weekly, number)

    assert Cursor.from_json(json.loads(json.dumps(cursor.to_json()))) == cursor


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
FIELDS = st.sampled_from(["first_sync_at_ms", "covered", "daily", "weekly", "window_number"])


@given(st.dictionaries(FIELDS, JSON), JSON)
@settings(deadline=None)
def test_a_damaged_cursor_is_a_value_error_or_a_cursor_that_reads_back(fields, other):
    for value in (fields, other):
        try:
            cursor = Cursor.from_json(value)
        except ValueError:
            continue
        assert Cursor.from_json(cursor.to_json()) == cursor


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"first_sync_at_ms": True},
        {"first_sync_at_ms": 1, "window_number": True},
        {"first_sync_at_ms": 1, "window_number": "7"},
        {"first_sync_at_ms": 1, "covered": {}},
        {"first_sync_at_ms": 1, "covered": [[1]]},
        {"first_sync_at_ms": 1, "covered": [[1, "2"]]},
        {"first_sync_at_ms": 1, "daily": []},
        {"first_sync_at_ms": 1, "weekly": {"done_at_ms": 1.5}},
    ],
)
def test_what_is_no_cursor_is_refused(value):
    with pytest.raises(ValueError, match=r"must be|needs"):
        Cursor.from_json(value)
