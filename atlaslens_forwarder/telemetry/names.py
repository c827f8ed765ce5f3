"""The closed vocabularies of logs and metrics, which ``docs/logs.md`` and ``docs/metrics.md`` must match."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NAMESPACE = "atlaslens"


class LogEvent(StrEnum):
    """Every message this product logs. Values travel as keys, never inside the message."""

    SERVICE_STARTED = "service started"
    SERVICE_STOPPING = "service stopping"
    SERVICE_STOPPED = "service stopped"
    ROUND_DONE = "round done"
    ROUND_FAILED = "round failed"
    WINDOW_DONE = "window done"
    WINDOW_FAILED = "window failed"
    REQUEST_WAITS = "request waits"
    ROWS_QUARANTINED = "rows quarantined"
    MONTHS_CREATED = "months created"
    MONTHS_EXPIRED = "months expired"
    HOUSEKEEPING_FAILED = "housekeeping failed"
    SYNC_REQUESTED = "sync requested"
    STATUS_CHANGED = "source status changed"
    KEYS_ROTATED = "keys rotated"
    GAP_OPENED = "gap opened"
    GAP_CLOSED = "gap closed"
    ALERT_RAISED = "alert raised"
    ALERT_SENT = "alert delivered"
    ALERT_NOT_SENT = "alert not delivered"
    ALERTS_FAILED = "alerts not evaluated"
    LEASE_TAKEN = "lease taken"
    LEASE_LOST = "lease lost"
    LEASE_GIVEN_BACK = "lease given back"


class LogKey(StrEnum):
    """Every key of our own that a log line can have, besides those of ECS."""

    CONNECTOR = "connector"
    SITE = "site"
    ENDPOINT = "endpoint"
    PURPOSE = "purpose"
    WINDOW_FROM = "window_from"
    WINDOW_TO = "window_to"
    WINDOW_NUMBER = "window_number"
    ROWS = "rows"
    STORED = "stored"
    REPEAT = "repeat"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"
    SKIPPED = "skipped"
    LATE = "late"
    DURATION_S = "duration_s"
    WAIT_S = "wait_s"
    REASON = "reason"
    STATUS = "status"
    BEFORE = "before"
    WINDOWS = "windows"
    SOURCES = "sources"
    MONTHS = "months"
    ERROR_TYPE = "error_type"
    ERROR_MESSAGE = "error_message"
    ADDRESS = "address"
    VERSION = "version"
    SIGNAL = "signal"
    RULE = "rule"
    RULE_LEVEL = "rule_level"
    ATTEMPTS = "attempts"
    HOLDER = "holder"


class MetricKind(StrEnum):
    """Types of metrics as Prometheus names them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric: full name, type, labels and meaning."""

    name: str
    kind: MetricKind
    labels: tuple[str, ...]
    help: str


_CONNECTOR = ("site", "source")

METRICS: tuple[MetricSpec, ...] = (
    MetricSpec("atlaslens_build_info", MetricKind.GAUGE, ("version",), "Always 1; the version as a label"),
    MetricSpec("atlaslens_rows_fetched_total", MetricKind.COUNTER, _CONNECTOR, "Rows that came over HTTP"),
    MetricSpec(
        "atlaslens_rows_without_event_total",
        MetricKind.COUNTER,
        (*_CONNECTOR, "reason"),
        "Rows that make no event, by reason; the page of each source names its own",
    ),
    MetricSpec(
        "atlaslens_events_total",
        MetricKind.COUNTER,
        (*_CONNECTOR, "outcome"),
        "Events by final outcome: stored, repeat, conflict, quarantined, skipped",
    ),
    MetricSpec(
        "atlaslens_events_late_total", MetricKind.COUNTER, _CONNECTOR, "Stored events found by re-reading"
    ),
    MetricSpec(
        "atlaslens_events_unclassified_total",
        MetricKind.COUNTER,
        _CONNECTOR,
        "Stored events of no known action",
    ),
    MetricSpec(
        "atlaslens_windows_total",
        MetricKind.COUNTER,
        (*_CONNECTOR, "outcome"),
        "Windows read: covered or failed",
    ),
    MetricSpec(
        "atlaslens_window_duration_seconds",
        MetricKind.HISTOGRAM,
        _CONNECTOR,
        "Time to read and store a window",
    ),
    MetricSpec(
        "atlaslens_requests_total",
        MetricKind.COUNTER,
        ("site", "endpoint", "outcome"),
        "Tries of requests to Atlassian; outcome is ok or a source status",
    ),
    MetricSpec(
        "atlaslens_request_duration_seconds",
        MetricKind.HISTOGRAM,
        ("site", "endpoint"),
        "Time from request to answer",
    ),
    MetricSpec(
        "atlaslens_request_wait_seconds_total",
        MetricKind.COUNTER,
        ("site", "endpoint", "reason"),
        "Time spent waiting for the request budget (budget) or before another try (a source status)",
    ),
    MetricSpec(
        "atlaslens_last_success_timestamp_seconds",
        MetricKind.GAUGE,
        _CONNECTOR,
        "When a round of the source last ended without a failure",
    ),
    MetricSpec(
        "atlaslens_covered_until_timestamp_seconds",
        MetricKind.GAUGE,
        _CONNECTOR,
        "Newest time that is covered",
    ),
    MetricSpec(
        "atlaslens_uncovered_seconds",
        MetricKind.GAUGE,
        _CONNECTOR,
        "Time within the retention that is not covered yet",
    ),
    MetricSpec(
        "atlaslens_source_status",
        MetricKind.GAUGE,
        (*_CONNECTOR, "status"),
        "1 for the status the source is in, 0 for the others",
    ),
    MetricSpec(
        "atlaslens_conservation_broken_total",
        MetricKind.COUNTER,
        _CONNECTOR,
        "Windows whose sums do not match",
    ),
    MetricSpec(
        "atlaslens_gaps",
        MetricKind.GAUGE,
        (*_CONNECTOR, "reason"),
        "Open gaps of the source, by reason (docs/gaps.md)",
    ),
    MetricSpec(
        "atlaslens_alerts_total",
        MetricKind.COUNTER,
        ("rule", "level"),
        "Alerts raised by the forwarder's own evaluation of the rules (docs/rules.md)",
    ),
    MetricSpec(
        "atlaslens_alert_deliveries_total",
        MetricKind.COUNTER,
        ("outcome",),
        "Calls of the webhook: delivered, pending (failed, tried again) or dead (given up)",
    ),
    MetricSpec(
        "atlaslens_alerts_evaluated_until_timestamp_seconds",
        MetricKind.GAUGE,
        (),
        "Up to when stored events were looked at by the rules",
    ),
    MetricSpec(
        "atlaslens_alerts_without_history_total",
        MetricKind.COUNTER,
        (),
        "Events that a look-back rule did not judge, since the time before them is not read yet",
    ),
    MetricSpec(
        "atlaslens_lease_held",
        MetricKind.GAUGE,
        ("connector",),
        "1 while this forwarder holds the lease of the connector or job, else 0 (docs/high-availability.md)",
    ),
    MetricSpec(
        "atlaslens_lease_takeovers_total",
        MetricKind.COUNTER,
        ("connector",),
        "Leases taken from a forwarder that gave no sign of life any more",
    ),
    MetricSpec(
        "atlaslens_leases_lost_total",
        MetricKind.COUNTER,
        ("connector",),
        "Leases lost while work was under way: they could not be renewed in time",
    ),
    MetricSpec("atlaslens_loop_lag_seconds", MetricKind.GAUGE, (), "How late the event loop last woke up"),
)
