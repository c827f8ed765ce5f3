"""The simulator as an HTTP server on 127.0.0.1."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Final, Self

from aiohttp import web

from atlaslens_forwarder.errors import UnreachableError
from atlaslens_forwarder.model.json import compact_bytes
from atlaslens_forwarder.simulator.apis import APIS
from atlaslens_forwarder.simulator.calls import Answer, Caller
from atlaslens_forwarder.simulator.control import Control
from atlaslens_forwarder.simulator.faults import FaultPlan
from atlaslens_forwarder.simulator.gate import Gate, Outcome, Request
from atlaslens_forwarder.simulator.site import Site, TruthRow
from atlaslens_forwarder.simulator.world.chance import mix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.auth import Credentials
    from atlaslens_forwarder.simulator.world.spec import WorldSpec

_HOST: Final = "127.0.0.1"
_LOGGED_REQUESTS: Final = 20_000
_SHUTDOWN_S: Final = 1.0


def _wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class Simulator:
    """One simulated Atlassian site; an async context manager that listens while it is open.

    Args:
        spec: what the world is made from.
        faults: what goes wrong.
        clock: the present in epoch milliseconds; the wall clock if not given.
        port: where to listen on 127.0.0.1; 0 takes a free port.
    """

    def __init__(
        self,
        spec: WorldSpec,
        *,
        faults: FaultPlan | None = None,
        clock: Callable[[], int] | None = None,
        port: int = 0,
    ) -> None:
        sources = [api.source for api in APIS if api.source is not None]
        parts = [api.part for api in APIS if api.part is not None]
        self.site = Site(spec, faults or FaultPlan(), sources, clock or _wall_clock_ms, parts)
        routes = [route for api in APIS for route in api.routes]
        self._gate = Gate(self.site, routes, mix(spec.seed), time.monotonic)
        self._port = port
        self._served = 0
        self._log: deque[JsonObject] = deque(maxlen=_LOGGED_REQUESTS)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where the site answers, ``http://127.0.0.1:PORT``; empty before the start."""
        return self.site.url

    @property
    def cloud_id(self) -> str:
        """The site's cloud id."""
        return self.site.cloud_id

    @property
    def credentials(self) -> Credentials:
        """What opens the site."""
        return self.site.credentials

    @property
    def requests(self) -> list[JsonObject]:
        """The last requests asked, oldest first."""
        return list(self._log)

    def truth(self, source: str, from_ms: int | None = None, to_ms: int | None = None) -> Iterator[TruthRow]:
        """Every row the API serves now for that range (inclusive), newest first."""
        return self.site.truth(source, from_ms, to_ms)

    async def start(self) -> str:
        """Listen; returns the base URL.

        Raises:
            UnreachableError: the port is taken.
        """
        app = web.Application()
        Control(self.site, self._log).add_routes(app)
        for method in ("GET", "POST"):
            app.router.add_route(method, "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        site = web.TCPSite(runner, _HOST, self._port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            raise UnreachableError(
                f"the simulator cannot listen on port {self._port}", hint="choose another port, or 0 for any"
            ) from error
        self._runner = runner
        self.site.url = f"http://{_HOST}:{runner.addresses[0][1]}"
        return self.site.url

    async def stop(self) -> None:
        """Stop listening; open connections are closed."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        asked = Request(
            request.path,
            tuple(request.query.items()),
            request.headers.get("Authorization", ""),
            request.method,
            await request.read() if request.method == "POST" else b"",
            request.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        )
        outcome = self._gate.answer(asked)
        answer = outcome.answer
        entry: JsonObject = {
            "at_ms": self.site.now_ms(),
            "method": request.method,
            "path": request.path,
            "query": {**asked.query},
            "status": answer.status,
            "rows": answer.rows,
            "cut": outcome.cut,
            "caller": outcome.caller.value,
        }
        if asked.body:
            entry["body"] = asked.body.decode(errors="replace")
        self._log.append(entry)
        if outcome.delay_s:
            await asyncio.sleep(outcome.delay_s)
        body = answer.body.encode() if isinstance(answer.body, str) else compact_bytes(answer.body)
        headers = self._headers(outcome)
        if outcome.cut:
            return await _send_half(request, answer, body, headers)
        return web.Response(status=answer.status, body=body, headers=headers)

    def _headers(self, outcome: Outcome) -> dict[str, str]:
        self._served += 1
        trace = f"{mix(self.site.world.spec.seed, self._served):016x}"
        headers = {
            "Content-Type": f"{outcome.answer.content_type};charset=UTF-8",
            "Server": "AtlassianEdge",
            "Cache-Control": "no-cache, no-store, no-transform",
            "X-Arequestid": trace * 2,
            "Atl-Traceid": trace * 2,
        }
        if outcome.caller not in {Caller.ANONYMOUS, Caller.REJECTED}:
            headers["X-Aaccountid"] = self.site.world.people.collector.account_id.replace(":", "%3A")
        return headers | dict(outcome.answer.headers)


async def _send_half(
    request: web.Request, answer: Answer, body: bytes, headers: dict[str, str]
) -> web.StreamResponse:
    """Promise the whole body, send half of it and drop the connection."""
    response = web.StreamResponse(status=answer.status, headers={**headers, "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response


async def serve(spec: WorldSpec, faults: FaultPlan, port: int, ready: Callable[[str], None]) -> None:
    """Run a simulator until cancelled; ``ready`` is told the base URL once it answers.

    Raises:
        UnreachableError: the port is taken.
    """
    async with Simulator(spec, faults=faults, port=port) as simulator:
        ready(simulator.url)
        await asyncio.Event().wait()
