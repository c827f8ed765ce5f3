"""Bars of a time axis, and its ticks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlaslens_forwarder.evidence.pdf.buckets import bars_of, start_ms, ticks
from atlaslens_forwarder.model.time import DAY_MS, parse_iso_ms

FROM_MS = parse_iso_ms("2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("days", "unit", "bars"),
    [
        (1, "day", 1),
        (62, "day", 62),
        (63, "week", 10),
        (400, "week", 58),
        (1_000, "month", 33),
        (4_000, "year", 11),
    ],
)
def test_the_unit_follows_the_interval(days: int, unit: str, bars: int) -> None:
    result = bars_of({}, FROM_MS, FROM_MS + days * DAY_MS)
    assert (result.unit, len(result.bars)) == (unit, bars)


@given(
    days=st.dictionaries(st.integers(0, 1_500), st.integers(1, 9), max_size=30), length=st.integers(1, 1_500)
)
def test_no_event_is_lost_and_bars_touch(days: dict[int, int], length: int) -> None:
    inside = {FROM_MS // DAY_MS + day: count for day, count in days.items() if day < length}
    result = bars_of(inside, FROM_MS, FROM_MS + length * DAY_MS)
    assert sum(bar.count for bar in result.bars) == sum(inside.values())
    assert all(bar.end == later.start for bar, later in zip(result.bars, result.bars[1:], strict=False))
    assert start_ms(result.bars[0].start) <= FROM_MS
    assert start_ms(result.bars[-1].end) >= FROM_MS + length * DAY_MS


def test_weeks_begin_on_monday() -> None:
    assert bars_of({}, FROM_MS, FROM_MS + 90 * DAY_MS).bars[0].start == date(2025, 12, 29)


@given(st.integers(0, 10**9))
def test_ticks_are_few_even_and_reach_the_top(highest: int) -> None:
    scale = ticks(highest)
    step = scale[1] - scale[0]
    assert scale[0] == 0
    assert scale[-1] >= highest
    assert scale[-1] - step < max(highest, 1)
    assert scale == list(range(0, scale[-1] + 1, step))
    assert len(scale) <= 6
    assert str(step).rstrip("0") in {"1", "2", "5"}
