"""Which holds are in force, which months they keep, and what is gone though it is held."""

from __future__ import annotations

import json

from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.service.holds import Hold, holds_in, missing_months
from atlaslens_forwarder.service.months_seen import Vanished, vanished

FROM_MS, TO_MS = parse_iso_ms("2026-01-31T00:00:00.000Z"), parse_iso_ms("2026-03-01T00:00:00.000Z")
NOW_MS = parse_iso_ms("2026-11-23T08:00:00.000Z")


def added(number, **body):
    held = {"from_ms": FROM_MS, "to_ms": TO_MS, "months": ["atlaslens-audit-2026.02"], **body}
    return row(number, "hold_added", held)


def row(number, action, body):
    return {
        "@timestamp": "2026-05-01T00:00:00.000Z",
        "event": {"action": action},
        "custody": {"number": number, "body": json.dumps(body), "reason": "case 1"},
    }


def numbers(rows, *, ours=True):
    return [hold.number for hold in holds_in(rows, lambda _: ours)]


def test_a_hold_is_in_force_until_a_row_removes_it():
    rows = [added(1), added(2), row(3, "exported", {}), row(4, "hold_removed", {"hold": 1})]

    assert numbers(rows[:3]) == [1, 2]
    assert numbers(rows) == [2]
    assert numbers([*rows, added(5)]) == [2, 5]
    (hold,) = holds_in(rows, lambda _: True)
    assert (hold.reason, hold.months) == ("case 1", ("atlaslens-audit-2026.02",))


def test_a_removal_that_is_not_ours_removes_nothing_and_a_strange_hold_keeps():
    rows = [added(1), row(2, "hold_removed", {"hold": 1})]

    assert numbers(rows, ours=False) == numbers(rows, ours=None) == [1]


def test_rows_without_the_form_of_a_hold_are_no_hold():
    assert numbers([added(1, from_ms="x"), added(2, to_ms=FROM_MS), row(3, "hold_added", {})]) == []


def test_a_hold_keeps_the_whole_months_of_its_events():
    assert Hold(1, FROM_MS, TO_MS).event_months() == {
        f"atlaslens-{family}-2026.{month}" for family in ("audit", "activity") for month in ("01", "02")
    }
    assert Hold(1, FROM_MS, TO_MS, source="jira-issues").event_months() == {
        "atlaslens-activity-2026.01",
        "atlaslens-activity-2026.02",
    }


def test_quarantine_and_undated_events_are_kept_by_when_its_time_was_read():
    found = Hold(1, FROM_MS, TO_MS).discovery_months(
        ["atlaslens-windows-2026.05", "atlaslens-windows-2026.02"]
    )

    assert found == {
        f"atlaslens-{family}-2026.{month}"
        for family in ("quarantine", "activity-undated")
        for month in ("01", "02", "05")
    }


def test_a_month_that_was_there_when_it_was_held_is_missed():
    hold = Hold(1, FROM_MS, TO_MS, months=("a", "b"))

    assert missing_months(hold, ["b", "c"]) == ["a"]


def test_a_month_may_vanish_only_when_it_is_expired_and_not_held():
    seen = [
        "atlaslens-audit-2025.01",
        "atlaslens-audit-2025.02",
        "atlaslens-audit-2026.10",
        "atlaslens-audit-2026.11",
    ]

    found = vanished(seen, seen[3:], {"atlaslens-audit-2025.02"}, NOW_MS, 365)

    assert found == Vanished(
        ("atlaslens-audit-2025.01",), ("atlaslens-audit-2025.02", "atlaslens-audit-2026.10")
    )
