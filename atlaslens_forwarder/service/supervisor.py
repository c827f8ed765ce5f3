"""The long-running service: every connector by itself, housekeeping, requests, and an orderly end."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.errors import AtlaslensError, TransientError
from atlaslens_forwarder.lease.book import POLLS_PER_TTL
from atlaslens_forwarder.lease.names import Job
from atlaslens_forwarder.service.housekeeping import keep_house
from atlaslens_forwarder.service.leases import Leases
from atlaslens_forwarder.service.requests import DONE, HEARTBEAT_S, RUNNING
from atlaslens_forwarder.service.results import round_json
from atlaslens_forwarder.service.stopping import drop_after_grace, sleep_unless
from atlaslens_forwarder.telemetry.names import LogEvent

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Coroutine

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.alerts.watch import AlertWatch
    from atlaslens_forwarder.service.connector import RoundReport, Runnable
    from atlaslens_forwarder.service.forwarder import Forwarder
    from atlaslens_forwarder.service.leases import Hold
    from atlaslens_forwarder.service.progress import RoundCounts
    from atlaslens_forwarder.service.reports.watch import ReportWatch
    from atlaslens_forwarder.service.requests import Requests, SyncRequest
    from atlaslens_forwarder.service.seals.watch import SealWatch
    from atlaslens_forwarder.telemetry.observer import Telemetry

JITTER = (0.9, 1.1)
"""Spread of the interval, so that sources and installations do not ask in step."""
LONGEST_BACKOFF_S = 3600.0
MOST_DOUBLINGS = 16
"""Enough to reach the longest back-off from any interval; without a bound the power overflows some day."""
HOUSEKEEPING_S = 600.0
REQUESTS_S = 1.0
KEYS_S = 2.0
"""How soon keys that were rotated are in use."""
ALERTS_S = 5.0
SEALS_S = 5.0
"""How soon a seal that is due is made."""
REPORTS_S = 5.0
LAG_PROBE_S = 1.0


class Schedule:
    """When a connector's next round is due. Pure but for its random source."""

    def __init__(self, interval_s: float, rng: random.Random) -> None:
        self._interval_s = interval_s
        self._rng = rng
        self._failures = 0

    def wait_s(self, report: RoundReport | None) -> float:
        """Seconds until the next round: the interval, or longer and longer while rounds fail.

        ``report`` is None when the round broke off without one.
        """
        self._failures = 0 if report is not None and report.error is None else self._failures + 1
        doublings = min(max(0, self._failures - 1), MOST_DOUBLINGS)
        wait_s = min(self._interval_s * 2.0**doublings, max(LONGEST_BACKOFF_S, self._interval_s))
        asked_s = 0.0
        if report is not None and isinstance(report.error, TransientError):
            wait_s = self._interval_s  # worth trying soon, unless the server said when
            asked_s = report.error.wait_s or 0.0
        return max(wait_s * self._rng.uniform(*JITTER), asked_s)


class Supervisor:
    """Does the work whose leases it has, until told to stop; no failure of one connector reaches another."""

    def __init__(
        self,
        forwarder: Forwarder,
        requests: Requests,
        telemetry: Telemetry,
        counts: RoundCounts,
        *,
        interval_s: float,
        lease_ttl_s: float,
        retention_days: int,
        clock: Callable[[], int],
        rng: random.Random,
        alerts: AlertWatch | None = None,
        seals: SealWatch | None = None,
        reports: ReportWatch | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._forwarder = forwarder
        self._requests = requests
        self._telemetry = telemetry
        self._counts = counts
        self._interval_s = interval_s
        self._retention_days = retention_days
        self._clock = clock
        self._rng = rng
        self._stored = 0
        self._stored_by_runs = 0
        self._heartbeat_s = min(HEARTBEAT_S, lease_ttl_s / POLLS_PER_TTL)
        self._work: set[asyncio.Task[None]] = set()
        self._jobs: dict[str, Callable[[Hold], Awaitable[None]]] = {
            str(connector.id): partial(self._forever, connector)
            for connector in forwarder.connectors.values()
        }
        self._jobs[Job.HOUSEKEEPING] = self._housekeeping
        if alerts is not None:
            self._jobs[Job.ALERTS] = partial(self._watch_alerts, alerts)
        if seals is not None:
            self._jobs[Job.SEALS] = partial(self._seal, seals)
        if reports is not None:
            self._jobs[Job.REPORTS] = partial(self._report, reports)
        self._leases = Leases(
            forwarder.store.state,
            requests.holder,
            self._jobs.keys(),
            lease_ttl_s,
            monotonic_s=monotonic_s,
            telemetry=telemetry,
            begin=self._begin_job,
        )
        self._turns = {connector: asyncio.Lock() for connector in forwarder.connectors}
        self.last_loop_ms = clock()
        self.rounds: JsonObject = {}

    @property
    def standing_by(self) -> bool:
        """Whether other forwarders have all the work at the moment, and this one waits for some."""
        return self._leases.known and not self._leases.held

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set, then end within a few seconds."""
        ended = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            self._group = group
            await self._chore(self._beat())  # others must know of us before they see what we take
            self._begin(self._leases.run(stop))
            self._begin(self._leave(stop))
            self._begin(self._repeat(stop, self._heartbeat_s, self._beat))
            self._begin(self._repeat(stop, KEYS_S, self._follow_keys))
            self._begin(self._repeat(stop, REQUESTS_S, self._serve_requests))
            self._begin(self._watch_lag(stop))
            group.create_task(drop_after_grace(stop, ended, self._work))
            while self._work:
                await asyncio.wait(self._work)
            ended.set()
        await self._chore(self._requests.end())

    def _begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._group.create_task(coroutine)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    def _begin_job(self, hold: Hold) -> None:
        self._begin(self._do(hold))

    async def _do(self, hold: Hold) -> None:
        """The work of one lease, until it ends; then the next forwarder may have it."""
        try:
            await self._jobs[hold.name](hold)
        finally:
            await self._leases.give_back(hold)

    async def _leave(self, stop: asyncio.Event) -> None:
        """At a stop no others count on us any more, so that they take what we give back."""
        await stop.wait()
        await self._chore(self._requests.end())

    async def _beat(self) -> None:
        await self._requests.beat(self._jobs, self._counts.under_way(), self._stored)

    async def _forever(self, connector: Runnable, hold: Hold) -> None:
        schedule = Schedule(max(self._interval_s, connector.least_interval_s), self._rng)
        while not hold.ending.is_set():
            report = await self._round(connector, hold, None)
            await sleep_unless(hold.ending, schedule.wait_s(report))

    async def _housekeeping(self, hold: Hold) -> None:
        await self._repeat(hold.ending, HOUSEKEEPING_S, self._keep_house)

    async def _seal(self, seals: SealWatch, hold: Hold) -> None:
        await self._repeat(hold.ending, SEALS_S, seals.tick, self._telemetry.seal_failed)

    async def _report(self, reports: ReportWatch, hold: Hold) -> None:
        await self._repeat(hold.ending, REPORTS_S, reports.tick)

    async def _watch_alerts(self, alerts: AlertWatch, hold: Hold) -> None:
        async def look() -> None:
            stored = await self._requests.stored_by_runs()
            alerts.stored(int(stored != self._stored_by_runs))
            self._stored_by_runs = stored
            await alerts.tick()

        await self._repeat(hold.ending, ALERTS_S, look, self._telemetry.alerts_failed)

    async def _round(self, connector: Runnable, hold: Hold, since_ms: int | None) -> RoundReport | None:
        """One round; whatever goes wrong is told and ends here."""
        async with self._turns[connector.id]:
            if hold.ending.is_set():
                return None
            self._counts.begin(connector.id)
            try:
                report = await connector.round(hold.ending, since_ms, hold)
            except Exception as error:  # noqa: BLE001  the one place where a failure must not spread
                self._telemetry.round_failed(connector.id, error)
                return None
            finally:
                self._counts.end(connector.id)
        self.rounds[str(connector.id)] = round_json(report)
        self._stored += report.tally.stored
        return report

    async def _keep_house(self) -> None:
        await keep_house(self._forwarder.store, self._telemetry, self._clock(), self._retention_days)
        await self._requests.clear_dead()

    async def _follow_keys(self) -> None:
        if await self._forwarder.store.keys.follow():
            self._telemetry.service(LogEvent.KEYS_ROTATED)

    async def _serve_requests(self) -> None:
        held = self._leases.held
        taken = await self._requests.take(held.keys())
        if taken:
            self._telemetry.service(LogEvent.SYNC_REQUESTED, sources=[each.connector for each in taken])
        for request in taken:
            self._begin(self._serve(request, held[request.connector]))

    async def _serve(self, request: SyncRequest, hold: Hold) -> None:
        """Do what was asked, telling every second how far it is; unanswered when the work ends meanwhile."""
        connector = next(
            each for each in self._forwarder.connectors.values() if str(each.id) == request.connector
        )
        running = asyncio.ensure_future(self._round(connector, hold, request.since_ms))
        try:
            while not running.done():
                await self._chore(self._requests.answer(request, RUNNING, self._counts.of(connector.id)))
                await asyncio.wait([running], timeout=REQUESTS_S)
            if not hold.ending.is_set():
                report = running.result()
                result: JsonObject = {"status": "failed"} if report is None else round_json(report)
                await self._chore(self._requests.answer(request, DONE, result))
        finally:
            self._requests.leave(request)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _chore(self, work: Awaitable[None]) -> None:
        """Something whose failure is told, and must not end what it belongs to."""
        try:
            await work
        except AtlaslensError as error:
            self._telemetry.housekeeping_failed(error)

    async def _repeat(
        self,
        stop: asyncio.Event,
        every_s: float,
        work: Callable[[], Awaitable[None]],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        while not stop.is_set():
            try:
                await work()
            except Exception as error:  # noqa: BLE001  a failed chore must not end the service
                (failed or self._telemetry.housekeeping_failed)(error)
            await sleep_unless(stop, every_s)

    async def _watch_lag(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            due_s = loop.time() + LAG_PROBE_S
            await sleep_unless(stop, LAG_PROBE_S)
            self._telemetry.loop_lag(max(0.0, loop.time() - due_s))
            self.last_loop_ms = self._clock()
