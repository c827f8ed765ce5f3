"""Requests to one Atlassian site: every try pays the budget, waits its turn and is counted.

The client never cancels a request in flight: httpx 0.28 loses pool slots that way
(github.com/encode/httpcore/issues/1093). It stops by not starting new ones.
"""

from __future__ import annotations

import asyncio
import copy
import json
import random as random_module
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

import httpx
import stamina

from atlaslens_forwarder import __version__
from atlaslens_forwarder.errors import FormatError, SourceError, TransientError
from atlaslens_forwarder.http.bounded import read_bounded
from atlaslens_forwarder.http.classify import error_of
from atlaslens_forwarder.http.retry import RetryPolicy
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atlaslens_forwarder.http.access import Access, Api
    from atlaslens_forwarder.http.budget import FairBudget
    from atlaslens_forwarder.model.json import JsonValue

    Params = Mapping[str, str | int | Sequence[str]]

ERROR_TEXT_BYTES = 2_000
POOL_CONNECTIONS = 1_000
"""Far more than all sources of all sites use at once, so that none waits for another's connection."""
BUDGET = "budget"
"""Reason of a wait for the request budget."""
NOTED_WAIT_S = 0.01


class RequestObserver(Protocol):
    """Who is told about requests; endpoint names come from a closed set."""

    def request_done(self, *, site: str, endpoint: str, outcome: str, duration_s: float) -> None:
        """One try ended; ``outcome`` is ``ok`` or a source status."""

    def request_waits(self, *, site: str, endpoint: str, reason: str, wait_s: float) -> None:
        """A request waits before another try, or has waited for the budget (reason ``budget``)."""

    def budget_opened(self, *, site: str, service: str, budget: FairBudget) -> None:
        """A credential has its budget; what it has left may be asked at any time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A decoded 200 answer."""

    value: JsonValue
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, whichever try it is."""

    method: str
    path: str
    params: Params
    body: JsonValue
    as_form: bool = False


def open_http_client(*, timeout_s: float = 60.0) -> httpx.AsyncClient:
    """The process's HTTP client: no redirects (an auth failure may be one), generous pool."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(timeout_s, connect=10.0, pool=timeout_s),
        limits=httpx.Limits(max_connections=POOL_CONNECTIONS, max_keepalive_connections=20),
        follow_redirects=False,
        headers={"Accept": "application/json", "User-Agent": f"atlaslens-forwarder/{__version__}"},
    )


class AtlassianClient:
    """Requests with one credential; they only read, also where reading takes a POST.

    There is one for each credential, and :meth:`for_reader` gives each source a view of it: the budget is
    shared fairly between the readers, and where Atlassian asks one to wait, all wait.
    """

    def __init__(
        self,
        access: Access,
        http: httpx.AsyncClient,
        *,
        budget: FairBudget,
        observer: RequestObserver,
        clock: Callable[[], int],
        policy: RetryPolicy | None = None,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self.access = access
        self._http = http
        self._budget = budget
        self._reader = ""
        self._observer = observer
        self._clock = clock
        self._policy = policy or RetryPolicy()
        self._random = random
        self._closed_until_s: dict[str, float] = {}

    def for_reader(self, name: str) -> Self:
        """The same client for one reader, whose requests take turns with those of the others."""
        view = copy.copy(self)
        view._reader = name  # noqa: SLF001  another self
        return view

    async def get(self, api: Api, path: str, params: Params, *, endpoint: str) -> Answer:
        """GET a JSON value.

        Args:
            api: which product's base address.
            path: path below it, starting with ``/``; with a query of its own (see
                :func:`~atlaslens_forwarder.http.access.path_of`) where ``params`` is empty.
            params: query; values are percent-encoded, ``+`` included; a list repeats its name.
            endpoint: name for limits, metrics and logs, from a closed set.

        Raises:
            AccessError: not allowed, whatever we try.
            TransientError: every try failed; ``wait_s`` says when to come back.
            FormatError: the answer is no JSON, or too long (:mod:`~atlaslens_forwarder.http.bounded`).
        """
        return await self._tries(api, _Asked("GET", path, params, None), endpoint)

    async def post(
        self, api: Api, path: str, body: JsonValue, *, endpoint: str, as_form: bool = False
    ) -> Answer:
        """POST a JSON value (or a form) that asks for a JSON value; raises as :meth:`get` does."""
        return await self._tries(api, _Asked("POST", path, {}, body, as_form), endpoint)

    async def _tries(self, api: Api, asked: _Asked, endpoint: str) -> Answer:
        failures = 0

        def wait_before_retry(error: Exception) -> float | bool:
            nonlocal failures
            failures += 1
            if not isinstance(error, TransientError):
                return False
            wait_s = self._policy.wait_s(failures, error.wait_s, self._random)
            if error.scope != "request":
                self._close(api if error.scope == "product" else endpoint, wait_s)
            if wait_s > self._policy.patience_s or failures >= self._policy.tries:
                return False
            self._observer.request_waits(
                site=self.access.name, endpoint=endpoint, reason=error.status.value, wait_s=wait_s
            )
            return wait_s

        async for attempt in stamina.retry_context(
            on=wait_before_retry, attempts=self._policy.tries, timeout=None
        ):
            with attempt:
                await self._wait_until_open(api, endpoint)
                await self._pay(endpoint)
                await self._wait_until_open(api, endpoint)  # it may have closed while we stood in line
                return await self._try(api, asked, endpoint)
        raise AssertionError("unreachable: the retry loop returns or raises")

    def _close(self, gate: str, wait_s: float) -> None:
        until = time.monotonic() + wait_s
        self._closed_until_s[gate] = max(until, self._closed_until_s.get(gate, 0.0))

    async def _wait_until_open(self, api: Api, endpoint: str) -> None:
        """A burst limit closes its endpoint, a quota the product, for every reader of this credential."""
        while (wait_s := self._gates_closed_s(api, endpoint)) > 0:
            if wait_s > self._policy.patience_s:
                raise TransientError(
                    "Atlassian asked us to stay away for a while",
                    status=SourceStatus.THROTTLED,
                    wait_s=wait_s,
                )
            await asyncio.sleep(wait_s)  # others may close the gate again meanwhile

    def _gates_closed_s(self, api: Api, endpoint: str) -> float:
        until = max(self._closed_until_s.get(api, 0.0), self._closed_until_s.get(endpoint, 0.0))
        return until - time.monotonic()

    async def _pay(self, endpoint: str) -> None:
        started_s = time.perf_counter()
        await self._budget.acquire(self._reader)
        wait_s = time.perf_counter() - started_s
        if wait_s >= NOTED_WAIT_S:
            self._observer.request_waits(
                site=self.access.name, endpoint=endpoint, reason=BUDGET, wait_s=wait_s
            )

    async def _try(self, api: Api, asked: _Asked, endpoint: str) -> Answer:
        started_s = time.perf_counter()
        outcome = "ok"
        try:
            return await self._ask(api, asked)
        except SourceError as error:
            outcome = error.status.value
            raise
        finally:
            self._observer.request_done(
                site=self.access.name,
                endpoint=endpoint,
                outcome=outcome,
                duration_s=time.perf_counter() - started_s,
            )

    async def _ask(self, api: Api, asked: _Asked) -> Answer:
        body = {"data": asked.body} if asked.as_form else {"json": asked.body}
        try:
            async with self._http.stream(
                asked.method,
                self.access.url(api, asked.path),
                params=dict(asked.params) or None,
                headers={"Authorization": self.access.authorization},
                **({} if asked.method == "GET" else body),  # type: ignore[arg-type]
            ) as response:
                content = await read_bounded(response)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise TransientError(
                f"no whole answer from {self.access.home} ({type(error).__name__})",
                status=SourceStatus.UNREACHABLE,
                hint="check the address and the network",
            ) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        head = content[:ERROR_TEXT_BYTES].decode("utf-8", errors="replace") if response.is_error else ""
        error_found = error_of(response.status_code, headers, head, self._clock())
        if error_found is not None:
            raise error_found
        try:
            return Answer(json.loads(content), headers)
        except (ValueError, RecursionError) as error:
            raise FormatError("the answer is not valid JSON", status=SourceStatus.UNREADABLE) from error
