"""A feed serves history and added rows as one list, newest first, whatever the page."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.simulator.world.feed import Feed
from atlaslens_forwarder.simulator.world.history import History, Shape

NOW_MS = 1_795_420_800_000
SPAN_MS = 40_000
moments = st.integers(min_value=NOW_MS - SPAN_MS - 5, max_value=NOW_MS)
bounds = st.one_of(st.none(), moments)


@settings(max_examples=300, deadline=None)
@given(
    count=st.integers(min_value=0, max_value=40),
    added=st.lists(st.tuples(moments, st.booleans()), max_size=15),
    window=st.tuples(bounds, bounds),
    cut=st.tuples(st.integers(min_value=0, max_value=60), st.integers(min_value=0, max_value=20)),
)
def test_a_page_is_a_cut_of_the_whole_sorted_list(count, added, window, cut):
    (from_ms, to_ms), (offset, limit) = window, cut
    feed = Feed(History(3, count, NOW_MS - SPAN_MS, NOW_MS, Shape(0.3, 7, 3)))
    for at_ms, hidden in added:
        feed.add(at_ms, NOW_MS + 1 if hidden else NOW_MS)
    everything = feed.page(None, None, NOW_MS + 1, 0, 1000)
    assert len(everything) == count + len(added)
    assert everything == sorted(everything, key=lambda slot: (slot.at_ms, slot.serial), reverse=True)
    wanted = [
        slot
        for slot in everything
        if slot.visible_at_ms <= NOW_MS
        and (from_ms is None or slot.at_ms >= from_ms)
        and (to_ms is None or slot.at_ms <= to_ms)
    ]
    assert feed.count(from_ms, to_ms, NOW_MS) == len(wanted)
    assert feed.page(from_ms, to_ms, NOW_MS, offset, limit) == wanted[offset : offset + limit]
