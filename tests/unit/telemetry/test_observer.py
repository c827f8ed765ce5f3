"""What is told about requests, windows and rounds: only documented messages, keys and metrics."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.errors import AccessError, FormatError
from atlaslens_forwarder.gaps.reasons import GapReason
from atlaslens_forwarder.http.budget import FairBudget, per_second
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.pipeline.report import WindowReport
from atlaslens_forwarder.pipeline.tally import Tally
from atlaslens_forwarder.seals.seal import Head
from atlaslens_forwarder.service.progress import RoundCounts
from atlaslens_forwarder.storage.disk import Disk
from atlaslens_forwarder.telemetry.metric_specs import METRICS
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.names import LogEvent, LogKey
from atlaslens_forwarder.telemetry.observer import Telemetry

PACKAGE = Path(__file__).resolve().parents[3] / "atlaslens_forwarder"
CONNECTOR = ConnectorId("acme", "jira-audit")
LABELS = {"site": "acme", "source": "jira-audit"}
WINDOW = Window(1_000, 2_000, Purpose.POLL)
T = "2026-01-02T03:04:05.678Z"
ECS = {"@timestamp", "log.level", "message", "ecs.version", "service.name", "service.version"}


def tally() -> Tally:
    found = Tally(
        pages=1, rows=12, events=10, stored=4, repeat=3, conflict=1, quarantined=1, skipped=1, late=2
    )
    found.unclassified = 1
    found.without_event.update(page_border=2)
    found.reasons.update(["conflict", "no-time"])
    return found


def report(**changes: object) -> WindowReport:
    found = WindowReport(CONNECTOR, WINDOW, 5_000, finished_ms=7_500, number=3, tally=tally())
    found.access_proven = found.end_reached = True
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def drive_everything(telemetry: Telemetry) -> None:
    """Call every method in each of its ways."""
    error = AccessError("the token is not accepted", status=SourceStatus.EXPIRED, hint="make a new one")
    telemetry.request_done(site="acme", endpoint="jira-audit", outcome="ok", duration_s=0.2)
    telemetry.request_waits(site="acme", endpoint="jira-audit", reason="throttled", wait_s=2.5)
    telemetry.budget_opened(site="acme", service="site", budget=FairBudget(per_second(10)))
    telemetry.bulk_done(0.02, "ok")
    telemetry.round_planned(CONNECTOR, [WINDOW])
    telemetry.page_done(CONNECTOR, WINDOW, tally())
    telemetry.window_done(report())
    telemetry.cursor_written(CONNECTOR, 9_000)
    telemetry.disks([Disk("node-0", 1_000, 4_000)])
    telemetry.token_expires(site="acme", service="bitbucket", at_ms=9_000)
    telemetry.data_folder(PACKAGE)
    telemetry.window_done(report(error=error))
    telemetry.window_done(report(tally=Tally(rows=1)))
    telemetry.round_done(CONNECTOR, tally(), 3, 1.5)
    telemetry.round_failed(CONNECTOR, error)
    telemetry.status(CONNECTOR, SourceStatus.NEVER_RUN, SourceStatus.OK, 9_000)
    telemetry.gap_changed(CONNECTOR, GapReason.EXPIRED, before=0, after=1)
    telemetry.gap_changed(CONNECTOR, GapReason.EXPIRED, before=1, after=0)
    telemetry.gaps(CONNECTOR, {GapReason.EXPIRED: 1})
    telemetry.coverage(CONNECTOR, until_ms=8_000, uncovered_ms=500)
    telemetry.months(created=["atlaslens-audit-2026.01"], expired=["atlaslens-audit-2025.01"])
    telemetry.months_missing(["atlaslens-audit-2025.02"])
    telemetry.housekeeping_failed(RuntimeError("x"))
    telemetry.service(LogEvent.SERVICE_STARTED, address="http://127.0.0.1:1", sources=["a"], version="1")
    telemetry.service(LogEvent.SERVICE_STOPPING, signal="SIGTERM")
    telemetry.service(LogEvent.SERVICE_STOPPED)
    telemetry.service(LogEvent.SYNC_REQUESTED, sources=["a"])
    telemetry.service(LogEvent.KEYS_ROTATED)
    telemetry.alert_raised(rule="mass-deletion", level="high")
    telemetry.alert_sent(rule="mass-deletion", outcome="delivered", error="", attempts=1)
    telemetry.alert_sent(rule="mass-deletion", outcome="dead", error="status 503", attempts=20)
    telemetry.alerts_evaluated(until_ms=9_000, without_history=1)
    telemetry.alerts_failed(error)
    telemetry.sealed(Head(3, "a" * 64, T), documents=4, strangers=1, missed=2, rolled_back_to=1)
    telemetry.seal_failed(error)
    telemetry.seal_not_told("webhook", 3, "status 503")
    telemetry.report_known("weekly-permissions")
    telemetry.report_made("weekly-permissions", "2026-W44", count=3, holes=True, at_ms=9_000)
    telemetry.report_failed("weekly-permissions", error)
    telemetry.report_removed("weekly-permissions", "weekly-permissions-2026-W01.zip")
    telemetry.lease_taken("alerts", "")
    telemetry.lease_taken("acme:jira-audit", "host:1:abcd")
    telemetry.lease_lost("acme:jira-audit")
    telemetry.lease_given_back("alerts")
    telemetry.loop_lag(0.01)


def test_only_documented_messages_and_keys_are_written_and_all_of_them(logs):
    found = logs()

    drive_everything(Telemetry(Metrics()))

    assert {line["message"] for line in found.lines} == {event.value for event in LogEvent}
    assert {key for line in found.lines for key in line} - ECS == {key.value for key in LogKey}


def test_every_metric_is_fed(logs):
    logs()
    metrics = Metrics()

    drive_everything(Telemetry(metrics))

    fed = {
        sample.name.removesuffix("_count")
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name.startswith("atlaslens_")
        if not sample.name.endswith(("_created", "_bucket", "_sum"))
    }
    assert fed == {spec.name for spec in METRICS}


def test_what_the_program_tells_of_its_service_has_documented_keys():
    calls = [
        node
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "service"
        if node.args and ast.unparse(node.args[0]).startswith("LogEvent.")
    ]

    assert len(calls) >= 4
    assert {keyword.arg for call in calls for keyword in call.keywords} <= {key.value for key in LogKey}


def test_nobody_logs_past_the_telemetry():
    users = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if any(name in path.read_text(encoding="utf-8") for name in ("import structlog", "getLogger("))
    }

    assert users <= {"telemetry"}


def test_outcomes_of_a_page_are_counted(logs):
    logs()
    telemetry = Telemetry(Metrics())

    telemetry.page_done(CONNECTOR, WINDOW, tally())

    value = telemetry.metrics.value
    assert value("atlaslens_rows_fetched_total", **LABELS) == 12
    assert value("atlaslens_rows_without_event_total", **LABELS, reason="page_border") == 2
    outcomes = {"stored": 4, "repeat": 3, "conflict": 1, "quarantined": 1, "skipped": 1}
    for outcome, count in outcomes.items():
        assert value("atlaslens_events_total", **LABELS, outcome=outcome) == count
    assert value("atlaslens_events_late_total", **LABELS) == 2
    assert value("atlaslens_events_unclassified_total", **LABELS) == 1


def test_a_page_is_passed_on(logs):
    logs()
    seen = RoundCounts()

    Telemetry(Metrics(), seen).page_done(CONNECTOR, WINDOW, found := tally())

    assert (seen.of(CONNECTOR)["rows"], seen.of(CONNECTOR)["stored"]) == (found.rows, found.stored)


def test_a_page_without_trouble_is_not_logged(logs):
    found = logs()

    Telemetry(Metrics()).page_done(CONNECTOR, WINDOW, Tally(rows=1, events=1, stored=1))

    assert found.text == ""


@pytest.mark.parametrize(
    ("changes", "outcome", "broken"),
    [
        ({}, "covered", 0),
        ({"error": FormatError("x", status=SourceStatus.UNREADABLE)}, "failed", 0),
        ({"tally": Tally(rows=5)}, "failed", 1),
        ({"end_reached": False}, "failed", 0),
    ],
)
def test_windows_are_counted_by_whether_they_are_covered(logs, changes, outcome, broken):
    logs()
    telemetry = Telemetry(Metrics())

    telemetry.window_done(report(**changes))

    value = telemetry.metrics.value
    assert value("atlaslens_windows_total", **LABELS, outcome=outcome) == 1
    assert value("atlaslens_conservation_broken_total", **LABELS) == broken
    assert value("atlaslens_window_duration_seconds_sum", **LABELS) == 2.5


def test_a_source_is_in_one_status_at_a_time(logs):
    found = logs()
    telemetry = Telemetry(Metrics())

    telemetry.status(CONNECTOR, SourceStatus.OK, SourceStatus.OK, 9_000)
    telemetry.status(CONNECTOR, SourceStatus.OK, SourceStatus.EXPIRED, 10_000)

    value = telemetry.metrics.value
    states = {
        status: value("atlaslens_source_status", **LABELS, status=status.value) for status in SourceStatus
    }
    assert [status for status, on in states.items() if on] == [SourceStatus.EXPIRED]
    assert value("atlaslens_last_success_timestamp_seconds", **LABELS) == 9.0
    assert [(line["before"], line["status"]) for line in found.lines] == [("ok", "expired")]


def test_a_silent_source_was_read_and_is_told_apart(logs):
    logs()
    telemetry = Telemetry(Metrics())

    telemetry.status(CONNECTOR, SourceStatus.OK, SourceStatus.SILENT, 9_000)

    value = telemetry.metrics.value
    assert value("atlaslens_source_status", **LABELS, status="silent") == 1
    assert value("atlaslens_source_status", **LABELS, status="ok") == 0
    assert value("atlaslens_last_success_timestamp_seconds", **LABELS) == 9.0


def test_gaps_are_counted_by_reason_and_a_change_is_told_once(logs):
    found = logs()
    telemetry = Telemetry(Metrics())

    telemetry.gap_changed(CONNECTOR, GapReason.NO_PLAN, before=1, after=1)
    telemetry.gaps(CONNECTOR, {GapReason.BEYOND_RETENTION: 2})
    telemetry.gaps(CONNECTOR, {GapReason.NO_PLAN: 1})

    value = telemetry.metrics.value
    assert found.text == ""
    assert {r for r in GapReason if value("atlaslens_gaps", **LABELS, reason=r.value)} == {GapReason.NO_PLAN}


def test_the_text_of_an_unforeseen_error_is_not_told_but_its_place(logs):
    found = logs()

    try:
        {}["content of a row"]
    except KeyError as error:
        Telemetry(Metrics()).round_failed(CONNECTOR, error)

    (line,) = found.lines
    assert "content of a row" not in found.text
    assert line["error_type"] == "KeyError"
    assert "test_observer.py:" in line["error_message"]


def test_a_metric_is_only_used_as_what_it_is():
    metrics = Metrics()

    for misuse in (metrics.add, metrics.observe):
        with pytest.raises(TypeError, match="is no"):
            misuse("atlaslens_loop_lag_seconds", 1)
    with pytest.raises(TypeError, match="is no gauge"):
        metrics.set("atlaslens_rows_fetched_total", 1, **LABELS)


def test_windows_wait_until_they_are_read(logs):
    logs()
    telemetry = Telemetry(Metrics())

    telemetry.round_planned(CONNECTOR, [WINDOW, WINDOW, WINDOW])
    telemetry.window_done(report())

    assert telemetry.metrics.value("atlaslens_windows_waiting", **LABELS) == 2
    telemetry.round_done(CONNECTOR, tally(), 3, 1.5)
    assert telemetry.metrics.value("atlaslens_windows_waiting", **LABELS) == 0


def test_a_wait_before_another_try_is_a_retry_and_one_for_the_budget_is_not(logs):
    logs()
    telemetry = Telemetry(Metrics())

    for reason in ("budget", "throttled", "throttled"):
        telemetry.request_waits(site="acme", endpoint="search", reason=reason, wait_s=1.0)

    value = telemetry.metrics.value
    assert value("atlaslens_request_retries_total", site="acme", endpoint="search", reason="throttled") == 2
    assert value("atlaslens_request_retries_total", site="acme", endpoint="search", reason="budget") == 0
