"""The long-running service: every connector by itself, housekeeping, requests, and an orderly end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.errors import AtlaslensError, TransientError
from atlaslens_forwarder.service.housekeeping import keep_house
from atlaslens_forwarder.service.requests import HEARTBEAT_S
from atlaslens_forwarder.service.results import round_json
from atlaslens_forwarder.service.stopping import drop_after_grace, sleep_unless
from atlaslens_forwarder.telemetry.names import LogEvent

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.alerts.watch import AlertWatch
    from atlaslens_forwarder.service.connector import RoundReport, Runnable
    from atlaslens_forwarder.service.forwarder import Forwarder
    from atlaslens_forwarder.service.progress import RoundCounts
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
    """Runs all connectors until told to stop; no failure of one reaches another."""

    def __init__(
        self,
        forwarder: Forwarder,
        requests: Requests,
        telemetry: Telemetry,
        counts: RoundCounts,
        *,
        interval_s: float,
        retention_days: int,
        clock: Callable[[], int],
        rng: random.Random,
        alerts: AlertWatch | None = None,
        seals: SealWatch | None = None,
    ) -> None:
        self._seals = seals
        self._alerts = alerts
        self._forwarder = forwarder
        self._requests = requests
        self._telemetry = telemetry
        self._counts = counts
        self._interval_s = interval_s
        self._retention_days = retention_days
        self._clock = clock
        self._rng = rng
        self._turns = {connector: asyncio.Lock() for connector in forwarder.connectors}
        self.last_loop_ms = clock()
        self.rounds: JsonObject = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set, then end within a few seconds."""
        ended = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            work: set[asyncio.Task[None]] = set()

            def begin(coroutine: Coroutine[Any, Any, None]) -> None:
                task = group.create_task(coroutine)
                work.add(task)
                task.add_done_callback(work.discard)

            for connector in self._forwarder.connectors.values():
                begin(self._forever(connector, stop))
            begin(self._repeat(stop, HOUSEKEEPING_S, self._keep_house))
            begin(self._repeat(stop, HEARTBEAT_S, lambda: self._requests.beat(self._counts.under_way())))
            begin(self._repeat(stop, KEYS_S, self._follow_keys))
            begin(self._repeat(stop, REQUESTS_S, lambda: self._serve_requests(begin, stop)))
            if self._alerts is not None:
                begin(self._repeat(stop, ALERTS_S, self._alerts.tick, self._telemetry.alerts_failed))
            if self._seals is not None:
                begin(self._repeat(stop, SEALS_S, self._seals.tick, self._telemetry.seal_failed))
            begin(self._watch_lag(stop))
            group.create_task(drop_after_grace(stop, ended, work))
            while work:
                await asyncio.wait(work)
            ended.set()
        try:
            await self._requests.end()
        except AtlaslensError as error:
            self._telemetry.housekeeping_failed(error)

    async def _forever(self, connector: Runnable, stop: asyncio.Event) -> None:
        schedule = Schedule(max(self._interval_s, connector.least_interval_s), self._rng)
        while not stop.is_set():
            report = await self._round(connector, stop, None)
            await sleep_unless(stop, schedule.wait_s(report))

    async def _round(
        self, connector: Runnable, stop: asyncio.Event, since_ms: int | None
    ) -> RoundReport | None:
        """One round; whatever goes wrong is told and ends here."""
        async with self._turns[connector.id]:
            if stop.is_set():
                return None
            self._counts.begin(connector.id)
            try:
                report = await connector.round(stop, since_ms)
            except Exception as error:  # noqa: BLE001  the one place where a failure must not spread
                self._telemetry.round_failed(connector.id, error)
                return None
            finally:
                self._counts.end(connector.id)
        self.rounds[str(connector.id)] = round_json(report)
        if self._alerts is not None:
            self._alerts.stored(report.tally.stored)
        return report

    async def _keep_house(self) -> None:
        await keep_house(self._forwarder.store, self._telemetry, self._clock(), self._retention_days)
        await self._requests.clear_dead()

    async def _follow_keys(self) -> None:
        if await self._forwarder.store.keys.follow():
            self._telemetry.service(LogEvent.KEYS_ROTATED)

    async def _serve_requests(
        self, begin: Callable[[Coroutine[Any, Any, None]], None], stop: asyncio.Event
    ) -> None:
        for request in await self._requests.take():
            self._telemetry.service(LogEvent.SYNC_REQUESTED, sources=list(request.connectors))
            begin(self._serve(request, stop))

    async def _serve(self, request: SyncRequest, stop: asyncio.Event) -> None:
        """Do what was asked, telling every second how far it is; unanswered when we are stopped meanwhile."""
        wanted = [
            connector
            for connector_id, connector in self._forwarder.connectors.items()
            if str(connector_id) in request.connectors
        ]
        rounds = {
            connector.id: asyncio.ensure_future(self._round(connector, stop, request.since_ms))
            for connector in wanted
        }
        try:
            while any(not task.done() for task in rounds.values()):
                await self._answer(request, "running", rounds)
                await asyncio.wait(rounds.values(), timeout=REQUESTS_S)
            if not stop.is_set():
                await self._answer(request, "done", rounds)
        finally:
            for task in rounds.values():
                task.cancel()
            await asyncio.gather(*rounds.values(), return_exceptions=True)

    async def _answer(
        self,
        request: SyncRequest,
        phase: str,
        rounds: Mapping[ConnectorId, asyncio.Future[RoundReport | None]],
    ) -> None:
        results: JsonObject = {}
        for connector, task in rounds.items():
            report = task.result() if task.done() else None
            if not task.done():
                results[str(connector)] = self._counts.of(connector)
            else:
                results[str(connector)] = {"status": "failed"} if report is None else round_json(report)
        try:
            await self._requests.answer(request.id, phase, results)
        except AtlaslensError as error:
            # Whoever asked notices that no answer comes any more, and reads by himself.
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
