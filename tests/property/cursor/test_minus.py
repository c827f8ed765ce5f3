"""Taking one set of time from another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from atlaslens_forwarder.cursor.intervals import Intervals

sets = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8).map(Intervals.of)


@given(sets, sets)
def test_what_is_left_is_in_the_one_and_not_in_the_other(one, other):
    left = one.minus(other)

    for at_ms in range(-1, 42):
        assert left.contains(at_ms) == (one.contains(at_ms) and not other.contains(at_ms))
