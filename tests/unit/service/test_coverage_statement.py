"""What the ledger proves against what the forwarder remembers, and every reason of a hole."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.proof import ProvenSpan
from atlaslens_forwarder.gaps.history import GapHistory, Period
from atlaslens_forwarder.gaps.reasons import GapReason
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, iso_ms
from atlaslens_forwarder.service.coverage_statement import LISTED, Asked, Known, Proof, holes_of, statement
from atlaslens_forwarder.sources.registry import SOURCES

NOW_MS = 1_795_420_800_000
FROM_MS, TO_MS = NOW_MS - 10 * DAY_MS, NOW_MS - DAY_MS
ASKED = Asked(FROM_MS, TO_MS, NOW_MS, 365 * DAY_MS)
WHOLE = ProvenSpan(FROM_MS, TO_MS - 1, 12, 3, 40)


def known(*spans, cursor=((0, NOW_MS),), **parts):
    return Known(parts.pop("asked", ASKED), Intervals.of(cursor), proof=Proof(spans, 1, 40), **parts)


def told(what):
    return statement(what, holes_of(what))


def kinds(what):
    return [(hole.from_ms, hole.to_ms, hole.kind) for hole in holes_of(what)]


def gap(reason, from_ms, to_ms, closed_ms=None):
    return GapHistory("a:x", reason, (Period(from_ms, to_ms, FROM_MS, closed_ms),))


def test_time_that_rows_prove_is_complete_and_names_them():
    found = told(known(WHOLE))

    assert (found["verdict"], found["covered_share"], found["holes"]) == ("complete", 1.0, [])
    assert found["covered"] == [
        {"from": iso_ms(FROM_MS), "to": iso_ms(TO_MS), "rows": 12, "first": 3, "last": 40}
    ]
    assert found["not_in_memory"] == []


def test_what_is_remembered_but_not_proven_is_a_hole():
    assert kinds(known(replace(WHOLE, to_ms=TO_MS - HOUR_MS))) == [
        (TO_MS - HOUR_MS + 1, TO_MS - 1, "not-proven")
    ]
    assert told(known())["covered_share"] == 0


def test_what_is_proven_but_not_remembered_counts_and_is_named():
    found = told(known(WHOLE, cursor=[(0, FROM_MS + DAY_MS - 1)]))

    assert found["verdict"] == "complete"
    assert found["not_in_memory"] == [{"from": iso_ms(FROM_MS + DAY_MS), "to": iso_ms(TO_MS)}]


@pytest.mark.parametrize(
    ("gaps", "kind"),
    [
        ((gap(GapReason.EXPIRED, FROM_MS, TO_MS, TO_MS),), "gap"),
        ((gap(GapReason.BEYOND_RETENTION, FROM_MS, TO_MS),), "forgotten"),
        ((gap(GapReason.BEFORE_FIRST_POLL, None, TO_MS),), "before-first-look"),
        ((), "not-read"),
        ((gap(GapReason.SILENT, FROM_MS, None),), "not-read"),
    ],
)
def test_time_without_proof_or_memory_has_the_reason_of_its_gap(gaps, kind):
    what = known(cursor=(), gaps=gaps)
    assert kinds(what) == [(FROM_MS, TO_MS - 1, kind)]
    assert all(hole.reason for hole in holes_of(what))


def test_time_that_the_api_had_forgotten_is_a_hole_although_a_row_proves_that_it_was_asked():
    lost = gap(GapReason.BEYOND_RETENTION, FROM_MS, FROM_MS + DAY_MS - 1)

    assert kinds(known(WHOLE, gaps=(lost,))) == [(FROM_MS, FROM_MS + DAY_MS - 1, "forgotten")]


def test_what_was_read_into_a_month_that_is_gone_is_a_hole():
    gone = {(0, FROM_MS + DAY_MS - 1): "deleted (custody log 7)"}

    (hole,) = holes_of(known(WHOLE, gone=gone))

    assert (hole.from_ms, hole.to_ms, hole.kind) == (FROM_MS, FROM_MS + DAY_MS - 1, "deleted")
    assert hole.reason == "deleted (custody log 7)"
    assert told(known(WHOLE, gone=gone))["covered"][0]["from"] == iso_ms(FROM_MS + DAY_MS)


def test_time_older_than_events_are_kept_says_so():
    asked = replace(ASKED, retention_ms=DAY_MS)

    assert kinds(known(asked=asked, cursor=())) == [(FROM_MS, TO_MS - 1, "older-than-retention")]


def test_where_only_the_present_can_be_asked_nothing_before_the_first_look_is_proven():
    proof = Proof((WHOLE,), 1, 40, first_look_ms=FROM_MS + DAY_MS)
    what = replace(known(), proof=proof)

    assert kinds(what) == [(FROM_MS, FROM_MS + DAY_MS - 1, "not-read")]


def test_holes_of_several_kinds_stand_in_the_order_of_time():
    spans = [
        replace(WHOLE, to_ms=FROM_MS + DAY_MS - 1),
        replace(WHOLE, from_ms=FROM_MS + 3 * DAY_MS, to_ms=FROM_MS + 4 * DAY_MS - 1),
    ]
    what = known(*spans, cursor=[(FROM_MS, FROM_MS + 2 * DAY_MS - 1), (FROM_MS + 5 * DAY_MS, TO_MS)])

    assert kinds(what) == [
        (FROM_MS + DAY_MS, FROM_MS + 2 * DAY_MS - 1, "not-proven"),
        (FROM_MS + 2 * DAY_MS, FROM_MS + 3 * DAY_MS - 1, "not-read"),
        (FROM_MS + 4 * DAY_MS, FROM_MS + 5 * DAY_MS - 1, "not-read"),
        (FROM_MS + 5 * DAY_MS, TO_MS - 1, "not-proven"),
    ]


@pytest.mark.parametrize(
    ("source", "hours"), [("jira-issues", 12), ("jira-audit", 1), ("confluence-content", 1)]
)
def test_a_source_is_provisional_for_as_long_as_it_is_read_again(source, hours):
    assert SOURCES[source].policy.final_after_ms == hours * HOUR_MS
    to_ms = NOW_MS - hours * HOUR_MS
    asked = replace(ASKED, to_ms=to_ms)
    span = replace(WHOLE, to_ms=NOW_MS)
    final = known(span, asked=asked, final_after_ms=hours * HOUR_MS)

    assert told(final)["verdict"] == "complete"
    open_still = replace(final, asked=replace(asked, to_ms=to_ms + 1))
    assert told(open_still)["verdict"] == "provisional"
    assert told(open_still)["provisional_from"] == iso_ms(to_ms)


def test_numbers_without_a_row_and_rows_that_prove_nothing_are_named():
    proof = Proof((WHOLE,), 2, 9, missing=((1, 1), (4, 6)), refused=(("a:x:7", "it was altered"),))

    ledger = told(replace(known(), proof=proof))["ledger"]

    assert (ledger["missing"], ledger["missing_total"]) == ([[1, 1], [4, 6]], 4)
    assert ledger["refused"] == [{"row": "a:x:7", "why": "it was altered"}]


def test_a_statement_stays_small():
    spans = [ProvenSpan(FROM_MS + 4 * step, FROM_MS + 4 * step, 1, 1, 1) for step in range(5000)]

    found = told(known(*spans, cursor=()))

    assert (found["covered_total"], found["holes_total"]) == (5000, 5000)
    assert len(found["covered"]) == len(found["holes"]) == LISTED
    assert len(json.dumps(found)) < 60_000
