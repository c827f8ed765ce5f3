"""What is told of a round under way: rates, shares, and the time left where it can be known."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.cli.progress import duration, told
from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.errors import TransientError
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.pipeline.report import WindowReport
from atlaslens_forwarder.pipeline.tally import Tally
from atlaslens_forwarder.service.progress import RoundCounts

JIRA = ConnectorId("acme", "jira-audit")
OTHER = ConnectorId("acme", "confluence-audit")
WINDOWS = tuple(Window(start, start + 999, Purpose.BACKFILL) for start in range(0, 10_000, 1_000))


class Watch:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def counts(watch):
    found = RoundCounts(watch)
    found.begin(JIRA)
    found.round_planned(JIRA, WINDOWS)
    return found


def page(rows=10):
    return Tally(pages=1, rows=rows, events=rows, stored=rows)


def done(window, *, error=None, delivered=()):
    return WindowReport(
        JIRA, window, 0, access_proven=True, end_reached=error is None, error=error,
        delivered=Intervals.of(delivered),
    )  # fmt: skip


def test_before_anything_came_only_the_plan_is_known(counts):
    assert counts.of(JIRA) == {
        "status": "running",
        "rows": 0,
        "stored": 0,
        "rows_per_s": 0.0,
        "share": 0.0,
        "left_s": None,
        "windows": 10,
        "windows_done": 0,
    }


def test_windows_that_are_read_tell_how_long_the_others_take(counts, watch):
    for window in WINDOWS[:4]:
        watch.now_s += 5
        counts.page_done(JIRA, window, page(), 1_000)
        counts.window_done(done(window))

    found = counts.of(JIRA)

    assert (found["share"], found["windows_done"], found["left_s"]) == (0.4, 4, 30)
    assert found["rows_per_s"] == 2.0


def test_pages_within_a_window_count_as_far_as_they_deliver(counts, watch):
    watch.now_s += 10
    counts.page_done(JIRA, WINDOWS[0], page(), 250)
    counts.page_done(JIRA, WINDOWS[0], page(), 500)

    assert (counts.of(JIRA)["share"], counts.of(JIRA)["left_s"]) == (0.05, 190)


def test_too_little_to_go_by_is_not_guessed_from(counts, watch):
    counts.page_done(JIRA, WINDOWS[0], page(), 1_000)
    assert counts.of(JIRA)["left_s"] is None  # no time has passed

    watch.now_s += 60
    counts.page_done(JIRA, WINDOWS[0], page(), 50)
    assert counts.of(JIRA)["left_s"] is None  # half a per cent


def test_a_source_that_does_not_say_how_far_it_is_has_no_time_left(counts, watch):
    watch.now_s += 60
    counts.page_done(JIRA, WINDOWS[0], page())

    assert (counts.of(JIRA)["share"], counts.of(JIRA)["left_s"]) == (0.0, None)


def test_a_failed_window_counts_what_it_kept_and_is_not_waited_for(counts, watch):
    watch.now_s += 10
    error = TransientError("gone", status=SourceStatus.UNREACHABLE)
    counts.window_done(done(WINDOWS[0], error=error, delivered=[(500, 999)]))
    counts.window_done(done(WINDOWS[1]))

    found = counts.of(JIRA)
    assert found["share"] == 0.15
    assert found["left_s"] == round(10 * 8_000 / 1_500)


def test_the_rate_forgets(counts, watch):
    watch.now_s += 30
    counts.page_done(JIRA, WINDOWS[0], page(300), 10)
    assert counts.of(JIRA)["rows_per_s"] == 10.0

    watch.now_s += 31
    assert counts.of(JIRA)["rows_per_s"] == 0.0
    assert counts.of(JIRA)["rows"] == 300


def test_only_rounds_under_way_are_told_and_a_new_one_begins_at_zero(counts):
    counts.page_done(JIRA, WINDOWS[0], page(), 10)
    counts.page_done(OTHER, WINDOWS[0], page(), 10)
    assert [*counts.under_way()] == [str(JIRA), str(OTHER)]
    assert counts.of(OTHER)["share"] is None

    counts.end(OTHER)
    counts.begin(JIRA)

    assert [*counts.under_way()] == [str(JIRA)]
    assert counts.of(JIRA)["rows"] == 0


def test_people_read_a_line_with_dashes_for_what_is_not_known(counts, watch):
    assert told(counts.of(JIRA)) == "0 rows, 0 stored, 0 rows/s, 0.0% read, – left"
    watch.now_s += 10
    counts.page_done(JIRA, WINDOWS[0], page(12_345), 999)

    assert told(counts.of(JIRA)) == "12,345 rows, 12,345 stored, 1,234 rows/s, 10.0% read, 2 min left"
    assert told({"rows": 3, "stored": 2, "status": "ok"}) == "3 rows, 2 stored, ok"
    assert told({"rows": 3, "stored": 2, "status": "running", "share": 0.9999}).split(", ")[2:] == [
        "– rows/s",
        "99.9% read",
        "– left",
    ]
    assert told(None) == told({"status": "failed"}) == "nothing yet"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (90, "2 min"), (7_500, "2 h 05 min"), (None, "–")]
)
def test_stretches_of_time(seconds, text):
    assert duration(seconds) == text
