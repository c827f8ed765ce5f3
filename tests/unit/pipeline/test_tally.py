"""The counts of a window: what is conserved, what adds up, and when a window is covered."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.pipeline.report import WindowReport
from atlaslens_forwarder.pipeline.tally import QUARANTINE_COUNT_LIMIT, Tally

COUNT = st.integers(0, 50)


@st.composite
def tallies(draw):
    found = Tally(
        **{name: draw(COUNT) for name in ("pages", "stored", "repeat", "conflict", "quarantined", "skipped")}
    )
    found.late, found.unclassified = draw(COUNT), draw(COUNT)
    found.without_event.update(draw(st.dictionaries(st.sampled_from("ab"), st.integers(1, 9))))
    found.reasons.update(draw(st.dictionaries(st.sampled_from("cd"), st.integers(1, 9))))
    found.hours.update(draw(st.sets(COUNT)))
    found.events = found.stored + found.repeat + found.conflict + found.quarantined + found.skipped
    found.rows = found.events + found.without_event.total()
    return found


@given(st.lists(tallies(), max_size=5))
@settings(deadline=None)
def test_sums_of_conserved_windows_are_conserved_and_lose_no_count(windows):
    total = Tally()
    for each in windows:
        total.add(each)

    assert total.conserved
    for field in fields(Tally):
        values = [getattr(each, field.name) for each in windows]
        if field.name in {"without_event", "reasons"}:
            assert getattr(total, field.name).total() == sum(value.total() for value in values)
        elif field.name == "hours":
            assert total.hours == set().union(*values)
        else:
            assert getattr(total, field.name) == sum(values)


@given(
    tallies(), st.sampled_from(["rows", "events", "stored", "repeat", "conflict", "quarantined", "skipped"])
)
@settings(deadline=None)
def test_one_row_too_many_anywhere_breaks_conservation(tally, name):
    setattr(tally, name, getattr(tally, name) + 1)

    assert not tally.conserved


def test_a_reason_without_a_row_breaks_conservation():
    tally = Tally(rows=1, events=1, stored=1)
    tally.without_event["page_border"] += 1

    assert not tally.conserved


@pytest.mark.parametrize(
    ("events", "quarantined", "changed"),
    [
        (0, 0, False),
        (19, 19, False),
        (20, 20, True),
        (400, 20, False),
        (399, 20, True),
        (10_000, 500, False),
        (10_000, 501, True),
    ],
)
def test_many_rows_that_make_no_sense_mean_the_format_has_changed(events, quarantined, changed):
    assert Tally(events=events, quarantined=quarantined).format_changed is changed
    assert QUARANTINE_COUNT_LIMIT == 20


def report(**changes: object) -> WindowReport:
    found = WindowReport(
        ConnectorId("acme", "jira-audit"), Window(1, 2, Purpose.POLL), 0, access_proven=True, end_reached=True
    )
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def test_an_empty_window_with_proven_access_is_covered():
    assert report().covered


@pytest.mark.parametrize(
    "changes",
    [
        {"access_proven": False},
        {"end_reached": False},
        {"error": StoreError("x")},
        {"tally": Tally(rows=1)},
        {"tally": Tally(rows=40, events=40, stored=20, quarantined=20)},
    ],
)
def test_a_window_with_any_doubt_is_not_covered(changes):
    assert not report(**changes).covered


def test_a_changed_format_is_complete_but_not_covered():
    doubtful = report(tally=Tally(rows=40, events=40, stored=20, quarantined=20))

    assert doubtful.complete
