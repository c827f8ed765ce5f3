"""Everything worth telling happens here once: a log line and its counters together, so they cannot drift."""

from __future__ import annotations

import shutil
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog

from atlaslens_forwarder.errors import AtlaslensError
from atlaslens_forwarder.gaps.reasons import GapReason
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.telemetry.names import LogEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from structlog.typing import FilteringBoundLogger

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.pipeline.report import WindowReport
    from atlaslens_forwarder.pipeline.tally import Tally
    from atlaslens_forwarder.seals.seal import Head
    from atlaslens_forwarder.storage.disk import Disk
    from atlaslens_forwarder.telemetry.metrics import Metrics


HASH_PREFIX_DIGITS = 13
"""52 bits: what a metric's value, a double, holds exactly."""


class RoundWatcher(Protocol):
    """Who follows rounds as they go on; see :class:`atlaslens_forwarder.service.progress.RoundCounts`."""

    def round_planned(self, connector: ConnectorId, windows: Sequence[Window]) -> None:
        """The windows of a round are known."""

    def page_done(self, connector: ConnectorId, window: Window, tally: Tally, delivered_ms: int = 0) -> None:
        """A page has its outcomes, and of its window so many milliseconds are read."""

    def window_done(self, report: WindowReport) -> None:
        """A window was read, or failed."""


class Budget(Protocol):
    """What is asked of a request budget; any thread may ask."""

    @property
    def available(self) -> float:
        """How many requests would pass at once now."""

    @property
    def waiting(self) -> int:
        """How many requests stand in line."""


class Telemetry:
    """Observer of requests, windows and rounds, as ``http`` and ``pipeline`` want one."""

    def __init__(self, metrics: Metrics, watcher: RoundWatcher | None = None) -> None:
        self.metrics = metrics
        self._watcher = watcher
        self._windows_waiting: dict[ConnectorId, int] = {}
        self._log: FilteringBoundLogger = structlog.get_logger("atlaslens")

    def request_done(self, *, site: str, endpoint: str, outcome: str, duration_s: float) -> None:
        """One try of a request ended."""
        self.metrics.add("atlaslens_requests_total", 1, site=site, endpoint=endpoint, outcome=outcome)
        self.metrics.observe("atlaslens_request_duration_seconds", duration_s, site=site, endpoint=endpoint)

    def request_waits(self, *, site: str, endpoint: str, reason: str, wait_s: float) -> None:
        """A request waits before another try, or has waited for the budget, which is no news."""
        self.metrics.add(
            "atlaslens_request_wait_seconds_total", wait_s, site=site, endpoint=endpoint, reason=reason
        )
        if reason == "budget":
            return
        self.metrics.add("atlaslens_request_retries_total", 1, site=site, endpoint=endpoint, reason=reason)
        self._log.info(
            LogEvent.REQUEST_WAITS.value, site=site, endpoint=endpoint, reason=reason, wait_s=round(wait_s, 3)
        )

    def budget_opened(self, *, site: str, service: str, budget: Budget) -> None:
        """A credential has its budget, which is asked anew at each scrape."""
        labels = {"site": site, "service": service}
        self.metrics.follow("atlaslens_request_budget_available", lambda: budget.available, **labels)
        self.metrics.follow("atlaslens_requests_waiting", lambda: budget.waiting, **labels)

    def bulk_done(self, duration_s: float, outcome: str) -> None:
        """OpenSearch answered a bulk request (``ok``), or failed to (``failed``)."""
        self.metrics.observe("atlaslens_bulk_duration_seconds", duration_s, outcome=outcome)

    def round_planned(self, connector: ConnectorId, windows: Sequence[Window]) -> None:
        """The windows of a round are known."""
        self._waiting(connector, len(windows))
        if self._watcher is not None:
            self._watcher.round_planned(connector, windows)

    def page_done(self, connector: ConnectorId, window: Window, tally: Tally, delivered_ms: int = 0) -> None:
        """A page has its outcomes, and of its window so many milliseconds are read."""
        labels = {"site": connector.site, "source": connector.source}
        self.metrics.add("atlaslens_rows_fetched_total", tally.rows, **labels)
        for reason, count in tally.without_event.items():
            self.metrics.add("atlaslens_rows_without_event_total", count, **labels, reason=reason)
        for outcome in ("stored", "repeat", "conflict", "quarantined", "skipped"):
            self.metrics.add("atlaslens_events_total", getattr(tally, outcome), **labels, outcome=outcome)
        self.metrics.add("atlaslens_events_late_total", tally.late, **labels)
        self.metrics.add("atlaslens_events_unclassified_total", tally.unclassified, **labels)
        if tally.reasons:
            self._log.warning(
                LogEvent.ROWS_QUARANTINED.value,
                connector=str(connector),
                quarantined=tally.quarantined,
                conflict=tally.conflict,
                reason=sorted(tally.reasons),
            )
        if self._watcher is not None:
            self._watcher.page_done(connector, window, tally, delivered_ms)

    def window_done(self, report: WindowReport) -> None:
        """A window was read and committed, or failed."""
        if self._watcher is not None:
            self._watcher.window_done(report)
        self._waiting(report.connector, max(0, self._windows_waiting.get(report.connector, 0) - 1))
        labels = {"site": report.connector.site, "source": report.connector.source}
        outcome = "covered" if report.covered else "failed"
        self.metrics.add("atlaslens_windows_total", 1, **labels, outcome=outcome)
        duration_s = (report.finished_ms - report.started_ms) / 1000
        self.metrics.observe("atlaslens_window_duration_seconds", duration_s, **labels)
        if not report.tally.conserved and report.error is None:
            self.metrics.add("atlaslens_conservation_broken_total", 1, **labels)
        keys = {
            "connector": str(report.connector),
            "purpose": report.window.purpose.value,
            "window_from": report.window.from_ms,
            "window_to": report.window.to_ms,
            "window_number": report.number,
            "rows": report.tally.rows,
            "stored": report.tally.stored,
            "repeat": report.tally.repeat,
            "late": report.tally.late,
            "duration_s": round(duration_s, 3),
        }
        if report.covered:
            self._log.info(LogEvent.WINDOW_DONE.value, **keys)
        else:
            self._log.warning(LogEvent.WINDOW_FAILED.value, **keys, **_error_keys(report.error))

    def round_done(self, connector: ConnectorId, tally: Tally, windows: int, duration_s: float) -> None:
        """All windows of a round are done, or will not be read in it."""
        self._waiting(connector, 0)
        self._log.info(
            LogEvent.ROUND_DONE.value,
            connector=str(connector),
            windows=windows,
            rows=tally.rows,
            stored=tally.stored,
            repeat=tally.repeat,
            conflict=tally.conflict,
            quarantined=tally.quarantined,
            skipped=tally.skipped,
            duration_s=round(duration_s, 3),
        )

    def _waiting(self, connector: ConnectorId, windows: int) -> None:
        self._windows_waiting[connector] = windows
        labels = {"site": connector.site, "source": connector.source}
        self.metrics.set("atlaslens_windows_waiting", windows, **labels)

    def cursor_written(self, connector: ConnectorId, now_ms: int) -> None:
        """The cursor of a source is stored."""
        labels = {"site": connector.site, "source": connector.source}
        self.metrics.set("atlaslens_cursor_written_timestamp_seconds", now_ms / 1000, **labels)

    def round_failed(self, connector: ConnectorId, error: BaseException) -> None:
        """A round could not be finished."""
        self._log.warning(LogEvent.ROUND_FAILED.value, connector=str(connector), **_error_keys(error))

    def status(self, connector: ConnectorId, before: SourceStatus, status: SourceStatus, now_ms: int) -> None:
        """The status of a source after a round."""
        labels = {"site": connector.site, "source": connector.source}
        for known in SourceStatus:
            self.metrics.set("atlaslens_source_status", float(known is status), **labels, status=known.value)
        if status.read:
            self.metrics.set("atlaslens_last_success_timestamp_seconds", now_ms / 1000, **labels)
        if status is not before:
            self._log.info(
                LogEvent.STATUS_CHANGED.value,
                connector=str(connector),
                before=before.value,
                status=status.value,
            )

    def gap_changed(self, connector: ConnectorId, reason: GapReason, *, before: int, after: int) -> None:
        """A gap has more or fewer open periods than before."""
        if before != after:
            event = LogEvent.GAP_OPENED if after > before else LogEvent.GAP_CLOSED
            tell = self._log.warning if after > before else self._log.info
            tell(event.value, connector=str(connector), reason=reason.value)

    def gaps(self, connector: ConnectorId, opened: Mapping[GapReason, int]) -> None:
        """How many gaps of a connector are open, by reason; reasons that are not named have none."""
        labels = {"site": connector.site, "source": connector.source}
        for reason in GapReason:
            self.metrics.set("atlaslens_gaps", opened.get(reason, 0), **labels, reason=reason.value)

    def coverage(self, connector: ConnectorId, *, until_ms: int | None, uncovered_ms: int) -> None:
        """How far a source has been read."""
        labels = {"site": connector.site, "source": connector.source}
        if until_ms is not None:
            self.metrics.set("atlaslens_covered_until_timestamp_seconds", until_ms / 1000, **labels)
        self.metrics.set("atlaslens_uncovered_seconds", uncovered_ms / 1000, **labels)

    def months(self, *, created: Sequence[str] = (), expired: Sequence[str] = ()) -> None:
        """Month indices were created ahead of need, or removed after their retention."""
        if created:
            self._log.info(LogEvent.MONTHS_CREATED.value, months=list(created))
        if expired:
            self._log.info(LogEvent.MONTHS_EXPIRED.value, months=list(expired))

    def months_missing(self, months: Sequence[str]) -> None:
        """Months are gone that somebody removed before their time, or although they are held."""
        self._log.error(LogEvent.MONTHS_MISSING.value, months=list(months))

    def housekeeping_failed(self, error: BaseException) -> None:
        """Months could not be created or removed; tried again later."""
        self._log.warning(LogEvent.HOUSEKEEPING_FAILED.value, **_error_keys(error))

    def alert_raised(self, *, rule: str, level: str) -> None:
        """A rule found something new."""
        self.metrics.add("atlaslens_alerts_total", 1, rule=rule, level=level)
        self._log.warning(LogEvent.ALERT_RAISED.value, rule=rule, rule_level=level)

    def alert_sent(self, *, rule: str, outcome: str, error: str, attempts: int) -> None:
        """The webhook was called for an alert."""
        self.metrics.add("atlaslens_alert_deliveries_total", 1, outcome=outcome)
        if error:
            self._log.warning(
                LogEvent.ALERT_NOT_SENT.value, rule=rule, status=outcome, attempts=attempts, reason=error
            )
        else:
            self._log.info(LogEvent.ALERT_SENT.value, rule=rule, attempts=attempts)

    def alerts_evaluated(self, *, until_ms: int, without_history: int) -> None:
        """The rules were evaluated up to a time."""
        self.metrics.set("atlaslens_alerts_evaluated_until_timestamp_seconds", until_ms / 1000)
        self.metrics.add("atlaslens_alerts_without_history_total", without_history)

    def alerts_failed(self, error: BaseException) -> None:
        """The rules could not be evaluated or alerts not be kept; tried again."""
        self._log.warning(LogEvent.ALERTS_FAILED.value, **_error_keys(error))

    def lease_held(self, name: str, *, held: bool) -> None:
        """Whether this forwarder does the work of a lease."""
        self.metrics.set("atlaslens_lease_held", float(held), connector=name)

    def lease_taken(self, name: str, before: str) -> None:
        """A lease was free, or its holder ``before`` fell silent; it is ours now."""
        self.lease_held(name, held=True)
        if before:
            self.metrics.add("atlaslens_lease_takeovers_total", 1, connector=name)
            self._log.warning(LogEvent.LEASE_TAKEN.value, connector=name, holder=before)
        else:
            self._log.info(LogEvent.LEASE_TAKEN.value, connector=name)

    def _no_lease(self, name: str) -> None:
        """What is wrong with a source is for its next holder to say, so that no alert stays up here."""
        self.lease_held(name, held=False)
        site, _, source = name.partition(":")
        if source:
            for status in SourceStatus:
                self.metrics.set("atlaslens_source_status", 0, site=site, source=source, status=status.value)
            for reason in GapReason:
                self.metrics.set("atlaslens_gaps", 0, site=site, source=source, reason=reason.value)

    def lease_given_back(self, name: str) -> None:
        """The work of a lease has ended here, so that another forwarder may do it."""
        self._no_lease(name)
        self._log.info(LogEvent.LEASE_GIVEN_BACK.value, connector=name)

    def lease_lost(self, name: str) -> None:
        """A lease ran out or was taken over while it was ours."""
        self._no_lease(name)
        self.metrics.add("atlaslens_leases_lost_total", 1, connector=name)
        self._log.warning(LogEvent.LEASE_LOST.value, connector=name)

    def disks(self, disks: Iterable[Disk]) -> None:
        """Room on the disks of the store."""
        for disk in disks:
            self.metrics.set("atlaslens_store_disk_available_bytes", disk.available_bytes, node=disk.node)
            self.metrics.set("atlaslens_store_disk_size_bytes", disk.size_bytes, node=disk.node)

    def token_expires(self, *, site: str, service: str, at_ms: int) -> None:
        """When a token expires."""
        self.metrics.set(
            "atlaslens_token_expires_timestamp_seconds", at_ms / 1000, site=site, service=service
        )

    def data_folder(self, folder: Path) -> None:
        """The data folder, whose disk is looked at at each scrape."""
        self.metrics.follow("atlaslens_data_folder_available_bytes", lambda: shutil.disk_usage(folder).free)

    def sealed(
        self, head: Head, *, documents: int, strangers: int, missed: int, rolled_back_to: int | None
    ) -> None:
        """A seal was made; with ``rolled_back_to`` the store had lost those after that one."""
        self.sealed_until(head)
        self.metrics.add("atlaslens_sealed_documents_total", documents)
        self.metrics.add("atlaslens_strangers_total", strangers)
        keys = {"seal": head.number, "seal_hash": head.hash}
        self._log.info(LogEvent.SEALED.value, **keys, documents=documents, missed=missed)
        if strangers:
            self._log.warning(LogEvent.STRANGERS_FOUND.value, **keys, strangers=strangers)
        if rolled_back_to is not None:
            self._log.warning(LogEvent.STORE_ROLLED_BACK.value, **keys, before=rolled_back_to)

    def sealed_until(self, head: Head) -> None:
        """The newest seal there is, whoever made it."""
        self.metrics.set("atlaslens_seal_number", head.number)
        self.metrics.set("atlaslens_seal_hash_prefix", int(head.hash[:HASH_PREFIX_DIGITS], 16))
        self.metrics.set("atlaslens_last_seal_timestamp_seconds", parse_iso_ms(head.created) / 1000)

    def seal_failed(self, error: BaseException) -> None:
        """No seal could be made; tried again."""
        self.metrics.add("atlaslens_seal_failures_total", 1, part="seal")
        self._log.warning(LogEvent.SEAL_FAILED.value, **_error_keys(error))

    def seal_not_told(self, witness: str, number: int, problem: str) -> None:
        """A witness did not take the head; it gets the next one."""
        self.metrics.add("atlaslens_seal_failures_total", 1, part=witness)
        self._log.warning(LogEvent.SEAL_NOT_TOLD.value, witness=witness, seal=number, reason=problem)

    def report_known(self, report: str) -> None:
        """A scheduled report is defined; its counters begin at 0, so that a first failure can be seen."""
        for outcome in ("made", "holes", "failed"):
            self.metrics.add("atlaslens_reports_total", 0, report=report, outcome=outcome)

    def report_made(self, report: str, period: str, *, count: int, holes: bool, at_ms: int) -> None:
        """A scheduled report was put into its folder; with ``holes`` it says that time is missing."""
        outcome = "holes" if holes else "made"
        self.metrics.add("atlaslens_reports_total", 1, report=report, outcome=outcome)
        self.metrics.set("atlaslens_report_last_success_timestamp_seconds", at_ms / 1000, report=report)
        self._log.info(LogEvent.REPORT_MADE.value, report=report, period=period, events=count)
        if holes:
            self._log.warning(LogEvent.REPORT_HAS_HOLES.value, report=report, period=period)

    def report_failed(self, report: str, error: BaseException) -> None:
        """A scheduled report could not be made, or an old one not be removed; tried again."""
        self.metrics.add("atlaslens_reports_total", 1, report=report, outcome="failed")
        self._log.warning(LogEvent.REPORT_FAILED.value, report=report, **_error_keys(error))

    def report_removed(self, report: str, name: str) -> None:
        """A bundle was older than its report is to be kept."""
        self._log.info(LogEvent.REPORT_REMOVED.value, report=report, file=name)

    def service(self, event: LogEvent, **keys: object) -> None:
        """Start, stop and requests of the long-running service."""
        self._log.info(event.value, **keys)

    def loop_lag(self, lag_s: float) -> None:
        """How late the event loop woke up."""
        self.metrics.set("atlaslens_loop_lag_seconds", lag_s)


def _error_keys(error: BaseException | None) -> dict[str, str]:
    if error is None:
        return {"error_type": "ConservationBroken", "error_message": "the counts of a window do not add up"}
    if isinstance(error, AtlaslensError):
        return {"error_type": type(error).__name__, "error_message": error.message}
    return {"error_type": type(error).__name__, "error_message": f"unexpected, {_place(error)}"}


def _place(error: BaseException) -> str:
    """Where an error came from; its text may quote a row and is not told."""
    frames = traceback.extract_tb(error.__traceback__)
    return (
        f"raised in {frames[-1].name}, {Path(frames[-1].filename).name}:{frames[-1].lineno}"
        if frames
        else "not raised"
    )
