"""Paging by time: what is asked next, and when a feed is given up."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.errors import FormatError
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.time_step import (
    MAX_PAGES_WITHOUT_STEP,
    FeedRequest,
    FeedRow,
    TimeStepPager,
)


def rows(*times: int | None) -> list[FeedRow]:
    return [FeedRow(at_ms, {}) for at_ms in times]


def test_a_page_is_cut_at_its_oldest_millisecond_which_is_asked_again():
    pager = TimeStepPager(1, 9)

    accepted = pager.feed(rows(9, 8, 5, 5), at_end=False)

    assert ([row.at_ms for row in accepted.rows], accepted.border, accepted.outside) == ([9, 8], 2, 0)
    assert pager.request == FeedRequest(1, 5, 0)


def test_a_millisecond_that_fills_a_page_is_read_by_offset_and_then_left():
    pager = TimeStepPager(1, 9)

    assert len(pager.feed(rows(5, 5), at_end=False).rows) == 2
    assert pager.request == FeedRequest(5, 5, 2)
    assert len(pager.feed(rows(5, 5), at_end=False).rows) == 2
    assert pager.request == FeedRequest(5, 5, 4)
    pager.feed([], at_end=True)
    assert pager.request == FeedRequest(1, 4, 0)
    pager.feed([], at_end=True)
    assert pager.request is None


def test_rows_of_the_millisecond_before_end_the_one_that_is_read_by_offset():
    pager = TimeStepPager(1, 9)
    pager.feed(rows(5, 5), at_end=False)

    accepted = pager.feed(rows(5, 4), at_end=False)

    assert (len(accepted.rows), accepted.outside) == (1, 1)
    assert pager.request == FeedRequest(1, 4, 0)


def test_unreadable_rows_among_one_millisecond_make_it_start_again():
    pager = TimeStepPager(1, 9)

    accepted = pager.feed(rows(5, None, 5), at_end=False)

    assert ([row.at_ms for row in accepted.rows], accepted.border) == ([None], 2)
    assert pager.request == FeedRequest(5, 5, 0)


def test_a_page_of_unreadable_rows_is_passed_by_offset():
    pager = TimeStepPager(1, 9)

    assert len(pager.feed(rows(None, None), at_end=False).rows) == 2
    assert pager.request == FeedRequest(1, 9, 2)


def test_an_end_beside_rows_that_were_not_asked_for_proves_nothing():
    pager = TimeStepPager(5, 9)

    pager.feed(rows(12, 8, 7), at_end=True)

    assert pager.request == FeedRequest(5, 7, 0)


def test_the_trustworthy_end_of_a_feed_is_taken_whole():
    pager = TimeStepPager(1, 9)

    assert len(pager.feed(rows(8, 3, 3), at_end=True).rows) == 3
    assert pager.request is None


def test_a_feed_that_is_not_newest_first_is_refused():
    with pytest.raises(FormatError, match="not sorted") as caught:
        TimeStepPager(1, 9).feed(rows(3, 5), at_end=False)
    assert caught.value.status is SourceStatus.UNREADABLE


@pytest.mark.parametrize("times", [(5, 5), (None,), (99,)])
def test_a_server_that_ignores_offsets_does_not_hold_us_for_ever(times):
    pager = TimeStepPager(1, 9)

    def page_on():
        for _ in range(MAX_PAGES_WITHOUT_STEP + 2):
            pager.feed(rows(*times), at_end=False)

    with pytest.raises(FormatError, match="repeats itself"):
        page_on()
