"""Results of rounds as JSON."""

from __future__ import annotations

import json

from atlaslens_forwarder.errors import AccessError
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.pipeline.tally import Tally
from atlaslens_forwarder.service.connector import RoundReport
from atlaslens_forwarder.service.results import round_json, totals_json


def report() -> RoundReport:
    tally = Tally(pages=2, rows=9, events=7, stored=3, repeat=2, conflict=1, quarantined=1, late=1)
    tally.without_event.update(page_border=2)
    return RoundReport(
        ConnectorId("acme", "jira-audit"),
        status=SourceStatus.OK,
        tally=tally,
        windows_planned=3,
        windows_covered=3,
        duration_s=1.23456,
    )


def test_a_round_tells_all_its_counts():
    assert round_json(report()) == {
        "status": "ok",
        "rows": 9,
        "events": 7,
        "stored": 3,
        "repeat": 2,
        "conflict": 1,
        "quarantined": 1,
        "skipped": 0,
        "late": 1,
        "without_event": {"page_border": 2},
        "windows": 3,
        "windows_covered": 3,
        "conserved": True,
        "duration_s": 1.235,
    }


def test_a_failed_round_tells_its_error_in_one_line():
    failed = report()
    failed.error = AccessError(
        "the token is\nnot accepted", status=SourceStatus.EXPIRED, hint="make a new one"
    )

    assert round_json(failed)["error"] == "the token is not accepted: make a new one"
    assert json.loads(json.dumps(round_json(failed))) == round_json(failed)


def test_totals_are_sums_and_leave_out_what_has_no_counts():
    one = round_json(report())

    totals = totals_json([one, {"status": "failed"}, None, one, {"rows": "many"}])

    assert totals == {
        "rows": 18,
        "events": 14,
        "stored": 6,
        "repeat": 4,
        "conflict": 2,
        "quarantined": 2,
        "skipped": 0,
        "late": 2,
    }


def test_totals_of_nothing_are_zero():
    assert set(totals_json([]).values()) == {0}
