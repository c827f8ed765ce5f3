"""The closed list of metrics, which ``docs/metrics.md`` must match."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    MetricSpec("atlaslens_seal_number", MetricKind.GAUGE, (), "Number of the newest seal of the store"),
    MetricSpec(
        "atlaslens_seal_hash_prefix",
        MetricKind.GAUGE,
        (),
        "First 13 hex digits of its hash as a number, so that the head is kept here too",
    ),
    MetricSpec(
        "atlaslens_last_seal_timestamp_seconds", MetricKind.GAUGE, (), "When the newest seal was made"
    ),
    MetricSpec(
        "atlaslens_sealed_documents_total", MetricKind.COUNTER, (), "Documents sealed by this process"
    ),
    MetricSpec(
        "atlaslens_strangers_total",
        MetricKind.COUNTER,
        (),
        "Documents without a valid origin hash that were found while sealing",
    ),
    MetricSpec(
        "atlaslens_seal_failures_total",
        MetricKind.COUNTER,
        ("part",),
        "What failed about seals: seal (none was made), file, webhook, timestamp (its head was not told)",
    ),
    MetricSpec(
        "atlaslens_reports_total",
        MetricKind.COUNTER,
        ("report", "outcome"),
        "Scheduled reports: made, holes (made, and says that time is missing) or failed (tried again)",
    ),
    MetricSpec(
        "atlaslens_report_last_success_timestamp_seconds",
        MetricKind.GAUGE,
        ("report",),
        "When a scheduled report was last made by this process",
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
    MetricSpec(
        "atlaslens_request_retries_total",
        MetricKind.COUNTER,
        ("site", "endpoint", "reason"),
        "Requests tried again, by the source status that made it necessary; throttled is HTTP 429",
    ),
    MetricSpec(
        "atlaslens_request_budget_available",
        MetricKind.GAUGE,
        ("site", "service"),
        "Requests that the budget of a credential lets through at once now",
    ),
    MetricSpec(
        "atlaslens_requests_waiting",
        MetricKind.GAUGE,
        ("site", "service"),
        "Requests that stand in line for the budget of a credential",
    ),
    MetricSpec(
        "atlaslens_windows_waiting",
        MetricKind.GAUGE,
        _CONNECTOR,
        "Windows of the round under way that are not read yet",
    ),
    MetricSpec(
        "atlaslens_cursor_written_timestamp_seconds",
        MetricKind.GAUGE,
        _CONNECTOR,
        "When the cursor of the source was last written",
    ),
    MetricSpec(
        "atlaslens_bulk_duration_seconds",
        MetricKind.HISTOGRAM,
        ("outcome",),
        "Time from bulk request to answer; outcome is ok or failed",
    ),
    MetricSpec(
        "atlaslens_token_expires_timestamp_seconds",
        MetricKind.GAUGE,
        ("site", "service"),
        "When a token expires, where the settings say so",
    ),
    MetricSpec(
        "atlaslens_store_disk_available_bytes",
        MetricKind.GAUGE,
        ("node",),
        "Room on the disks of an OpenSearch node, where our account may ask",
    ),
    MetricSpec(
        "atlaslens_store_disk_size_bytes",
        MetricKind.GAUGE,
        ("node",),
        "Size of the disks of a node",
    ),
    MetricSpec(
        "atlaslens_data_folder_available_bytes",
        MetricKind.GAUGE,
        (),
        "Room on the disk of the forwarder's own data folder (keys, heads of seals)",
    ),
)
