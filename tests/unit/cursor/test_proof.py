"""Rows of the ledger prove what they read, if they are ours, whole and in order; others prove nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.proof import Chain, LedgerRow, ProvenSpan, ledger_row

SUMS = {
    "rows": 9, "events": 7, "without_event": 2, "stored": 3, "repeat": 1, "conflict": 1, "quarantined": 1,
    "skipped_retention": 1,
}  # fmt: skip


def document(**changes):
    whole = {
        "number": 4,
        "read": [{"from_ms": 10, "to_ms": 20}],
        "access_proven": True,
        "end_reached": True,
        "covered": True,
    }
    return {"window": {**whole, **SUMS, **changes}}


def test_a_row_that_is_right_proves_what_it_read():
    assert ledger_row("a", document(), ours=True) == LedgerRow("a", 4, ((10, 20),))


@pytest.mark.parametrize(
    ("changes", "ours", "why"),
    [
        ({}, False, "hash is wrong"),
        ({}, None, "not in the key file"),
        ({"access_proven": False}, True, "access"),
        ({"end_reached": False}, True, "sums"),
        ({"stored": 4}, True, "sums"),
        ({"rows": 10}, True, "sums"),
        ({"number": "4"}, True, "form"),
        ({"read": None}, True, "form"),
    ],
)
def test_a_row_that_is_not_right_proves_nothing_and_says_why(changes, ours, why):
    row = ledger_row("a", document(**changes), ours=ours)
    assert why in row.fault
    chain = Chain(0, 100)
    chain.add(row)
    assert chain.spans() == ()


def test_a_window_that_broke_off_proves_the_part_that_it_delivered():
    part = document(covered=False, end_reached=False, rows=50, read=[{"from_ms": 15, "to_ms": 20}])

    assert ledger_row("a", part, ours=True).fault == ""


def test_rows_that_follow_each_other_are_one_span_and_name_their_numbers():
    chain = Chain(5, 100)
    for number, span in ((7, (0, 9)), (3, (10, 40)), (9, (20, 30)), (8, (41, 50)), (5, (52, 200))):
        chain.add(LedgerRow("", number, (span,)))

    assert chain.spans() == (ProvenSpan(5, 50, 3, 3, 8), ProvenSpan(52, 100, 1, 5, 5))


spans = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair)))
rows = st.lists(st.lists(spans, min_size=1, max_size=3), max_size=30)


@given(rows, spans)
def test_the_spans_are_the_union_of_all_rows_within_the_time_asked(read, asked):
    ordered = sorted(read, key=min)
    chain = Chain(*asked)
    for number, row in enumerate(ordered, start=1):
        chain.add(LedgerRow("", number, tuple(row)))
    found = chain.spans()

    union = Intervals.of(span for row in read for span in row).clip(*asked)
    assert [(each.from_ms, each.to_ms) for each in found] == [*union]
    assert all(one.to_ms + 1 < two.from_ms for one, two in pairwise(found))
    assert all(1 <= each.first <= each.last <= len(read) and each.rows >= 1 for each in found)


@given(rows, spans)
def test_rows_that_do_not_reach_beyond_what_is_joined_may_be_left_out(read, asked):
    """This is what lets the store skip rows of time that is proven already."""
    whole, lean = Chain(*asked), Chain(*asked)
    for number, row in enumerate(sorted(read, key=min), start=1):
        whole.add(LedgerRow("", number, tuple(row)))
        if max(end for _, end in row) > lean.until_ms:
            lean.add(LedgerRow("", number, tuple(row)))

    def plain(chain):
        return [(each.from_ms, each.to_ms) for each in chain.spans()]

    assert plain(lean) == plain(whole)
