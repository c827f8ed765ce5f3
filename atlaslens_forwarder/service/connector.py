"""One round of one connector: prove access, read what is new, then the rest side by side."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from atlaslens_forwarder.errors import AtlaslensError, SourceError
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.pipeline.report import WindowReport
from atlaslens_forwarder.pipeline.steps import nothing
from atlaslens_forwarder.pipeline.tally import Tally
from atlaslens_forwarder.service.cursors import OpenCursor
from atlaslens_forwarder.service.health import load_health, save_health

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from atlaslens_forwarder.cursor.plan import Plan, ReadPolicy
    from atlaslens_forwarder.cursor.state import Cursor
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.pipeline.ingest import Ingest
    from atlaslens_forwarder.pipeline.ledger import Ledger
    from atlaslens_forwarder.pipeline.steps import OnStep
    from atlaslens_forwarder.service.gap_watch import GapWatch
    from atlaslens_forwarder.sources.source import Reader
    from atlaslens_forwarder.storage.state import StateStore
    from atlaslens_forwarder.telemetry.observer import Telemetry

SILENT_HINT = "look whether the product is still in use and its log switched on"


@dataclass(slots=True)
class RoundReport:
    """What one round of one connector brought."""

    connector: ConnectorId
    status: SourceStatus = SourceStatus.NEVER_RUN
    tally: Tally = field(default_factory=Tally)
    windows_planned: int = 0
    windows_covered: int = 0
    conserved: bool = True
    error: AtlaslensError | None = None
    duration_s: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every planned window is covered."""
        return self.error is None and self.windows_covered == self.windows_planned


@dataclass(frozen=True, slots=True)
class Opened:
    """What a connector needs once its site is known."""

    reader: Reader
    ingest: Ingest


class Runnable(Protocol):
    """What the supervisor and ``sync`` run: a connector, or another job with rounds of its own."""

    @property
    def id(self) -> ConnectorId:
        """Its name in state, logs and metrics."""

    @property
    def least_interval_s(self) -> float:
        """Seconds between two rounds at least, whatever the settings say."""

    async def round(self, stop: asyncio.Event, since_ms: int | None = None) -> RoundReport:
        """See :meth:`Connector.round`."""


class Connector:
    """Reads one source of one site, round by round."""

    least_interval_s = 0.0

    def __init__(
        self,
        connector: ConnectorId,
        policy: ReadPolicy,
        plan: Callable[[Cursor, ReadPolicy, int, int | None], Plan],
        open_connector: Callable[[], Awaitable[Opened]],
        *,
        state: StateStore,
        ledger: Ledger,
        telemetry: Telemetry,
        watch: GapWatch,
        clock: Callable[[], int],
        parallel_windows: int,
        on_step: OnStep = nothing,
    ) -> None:
        self.id = connector
        self._policy = policy
        self._plan = plan
        self._open = open_connector
        self._state = state
        self._ledger = ledger
        self._telemetry = telemetry
        self._watch = watch
        self._clock = clock
        self._parallel_windows = parallel_windows
        self._on_step = on_step

    async def round(self, stop: asyncio.Event, since_ms: int | None = None) -> RoundReport:
        """Read everything that is due; failures of the source are in the report, not raised.

        Args:
            stop: when set, no further window is begun.
            since_ms: read again from here on in any case.

        Raises:
            StoreError: OpenSearch failed us; nothing is lost, the windows stay uncovered.
        """
        report = RoundReport(self.id)
        started_ms = self._clock()
        cursor = await OpenCursor.load(
            self.id, state=self._state, ledger=self._ledger, clock=self._clock, on_step=self._on_step
        )
        await self._watch.before_round(cursor.cursor)
        plan = self._plan(cursor.cursor, self._policy, self._clock(), since_ms)
        cursor.cursor = plan.cursor
        report.windows_planned = 1 + len(plan.rest)
        self._telemetry.round_planned(self.id, (plan.first, *plan.rest))
        try:
            opened = await self._prove_access()
        except SourceError as error:
            report.error = error
            unread = WindowReport(self.id, plan.first, started_ms, finished_ms=self._clock(), error=error)
            await self._commit(cursor, unread, report)
        else:
            await self._read_all(opened, plan.first, plan.rest, cursor, report, stop)
        await self._finish(cursor, report, started_ms)
        return report

    async def _prove_access(self) -> Opened:
        opened = await self._open()
        await opened.reader.prove_access()
        return opened

    async def _read_all(  # noqa: PLR0917  the parts of one round
        self,
        opened: Opened,
        first: Window,
        rest: tuple[Window, ...],
        cursor: OpenCursor,
        report: RoundReport,
        stop: asyncio.Event,
    ) -> None:
        """What is new never waits for history: the first window is read alone, then the others."""
        await self._read(opened, first, cursor, report)
        slots = asyncio.Semaphore(self._parallel_windows)

        async def one(window: Window) -> None:
            async with slots:
                if not stop.is_set() and not _hopeless(report.error):
                    await self._read(opened, window, cursor, report)

        async with asyncio.TaskGroup() as group:
            for window in rest:
                group.create_task(one(window))

    async def _read(self, opened: Opened, window: Window, cursor: OpenCursor, report: RoundReport) -> None:
        window_report = await opened.ingest.run(opened.reader, window, cursor.cursor.covered)
        if window_report.error is not None:
            report.error = window_report.error
        await self._commit(cursor, window_report, report)

    async def _commit(self, cursor: OpenCursor, window_report: WindowReport, report: RoundReport) -> None:
        try:
            await cursor.commit(window_report)
        except AtlaslensError as error:
            report.error = error
        else:
            self._telemetry.cursor_written(self.id, self._clock())
            report.windows_covered += window_report.covered
        finally:
            report.tally.add(window_report.tally)
            if window_report.error is None:
                report.conserved = report.conserved and window_report.tally.conserved
            self._telemetry.window_done(window_report)

    async def _finish(self, cursor: OpenCursor, report: RoundReport, started_ms: int) -> None:
        now_ms = self._clock()
        report.duration_s = (now_ms - started_ms) / 1000
        report.status = _status_of(report)
        hours = report.tally.hours
        quiet = await self._watch.hear(cursor.cursor, hours, read=report.status.read)
        if quiet is not None:
            report.status = SourceStatus.SILENT
        if report.error is not None:
            self._telemetry.round_failed(self.id, report.error)
        self._telemetry.round_done(self.id, report.tally, report.windows_planned, report.duration_s)
        covered = cursor.cursor.covered
        oldest_ms = now_ms - self._policy.retention_ms
        uncovered = covered.missing(oldest_ms, now_ms - self._policy.settle_ms)
        self._telemetry.coverage(self.id, until_ms=covered.end_ms, uncovered_ms=uncovered.length_ms)
        before = await load_health(self._state, self.id)
        message, hint = (report.error.message, report.error.hint) if report.error is not None else ("", "")
        if quiet is not None:
            message, hint = quiet.message, SILENT_HINT
        self._telemetry.status(self.id, before.status, report.status, now_ms)
        health = before.after_round(report.status, now_ms, message, hint)
        await save_health(self._state, self.id, health)
        await self._watch.after_round(health, cursor.cursor, quiet, hours)


def _status_of(report: RoundReport) -> SourceStatus:
    if report.error is None:
        return SourceStatus.OK
    return report.error.status if isinstance(report.error, SourceError) else SourceStatus.STORE_FAILED


def _hopeless(error: AtlaslensError | None) -> bool:
    """After such an error the other windows would fail too, or make a throttled site angrier."""
    return error is not None and not (
        isinstance(error, SourceError) and error.status is SourceStatus.UNREADABLE
    )
