"""A simulated Atlassian site, and clients of it that wait almost no time."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiolimiter import AsyncLimiter

from atlaslens_forwarder.http.access import Api, SiteAccess, TokenKind
from atlaslens_forwarder.http.budget import FairBudget
from atlaslens_forwarder.http.client import Answer, AtlassianClient, open_http_client
from atlaslens_forwarder.http.retry import RetryPolicy
from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NOW_MS = 1_795_420_800_000
JIRA_PATH = "/rest/api/3/auditing/record"
CONFLUENCE_PATH = "/wiki/rest/api/audit"


class CountingLimiter(AsyncLimiter):
    """A budget that is never short and counts what was paid."""

    def __init__(self) -> None:
        super().__init__(1_000_000, 1)
        self.paid = 0

    async def acquire(self, amount: float = 1) -> None:
        self.paid += 1
        await super().acquire(amount)


class Seen:
    """An observer that writes down what it is told."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []
        self.waits: list[tuple[str, str, float]] = []

    def request_done(self, *, site: str, endpoint: str, outcome: str, duration_s: float) -> None:
        assert site == "acme"
        assert endpoint
        assert duration_s >= 0
        self.outcomes.append(outcome)

    def request_waits(self, *, site: str, endpoint: str, reason: str, wait_s: float) -> None:
        assert site == "acme"
        self.waits.append((endpoint, reason, wait_s))

    def budget_opened(self, *, site: str, service: str, budget: Any) -> None:
        raise AssertionError("a client opens no budget")


class Door:
    """A client at a simulator, with its budget and observer."""

    def __init__(
        self, simulator: Simulator, client: AtlassianClient, budget: CountingLimiter, seen: Seen
    ) -> None:
        self.simulator = simulator
        self.client = client
        self.budget = budget
        self.seen = seen

    async def jira(self, endpoint: str = "jira-audit", **params: Any) -> Answer:
        return await self.client.get(Api.JIRA, JIRA_PATH, {"limit": 5, **params}, endpoint=endpoint)

    async def confluence(self) -> Answer:
        return await self.client.get(
            Api.CONFLUENCE, CONFLUENCE_PATH, {"limit": 5}, endpoint="confluence-audit"
        )


@pytest.fixture
def open_door() -> Callable[..., Any]:
    """Opens a client with a kind of token at a simulator with the given faults."""

    @asynccontextmanager
    async def open_(
        kind: TokenKind = TokenKind.CLASSIC, *, policy: RetryPolicy | None = None, **faults: Any
    ) -> AsyncIterator[Door]:
        spec = WorldSpec(3, 60, NOW_MS)
        plan = FaultPlan(**({"bucket_size": 10_000} | faults))
        async with (
            Simulator(spec, faults=plan, clock=lambda: NOW_MS) as simulator,
            open_http_client() as http,
        ):
            owned = simulator.credentials
            access = SiteAccess(
                name="acme",
                site_url=simulator.url,
                gateway_url=simulator.url,
                cloud_id=simulator.cloud_id,
                kind=kind,
                email=owned.email,
                token=getattr(owned, f"{kind.value}_token"),
            )
            budget, seen = CountingLimiter(), Seen()
            client = AtlassianClient(
                access,
                http,
                budget=FairBudget(budget),
                observer=seen,
                clock=lambda: time.time_ns() // 1_000_000,
                policy=policy or RetryPolicy(first_wait_s=0.01, longest_wait_s=0.02),
            )
            yield Door(simulator, client, budget, seen)

    return open_
