"""A simulator with an organisation, and a client that has its key."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NOW_MS = 1_795_420_800_000  # 2026-11-23T08:00:00Z, a Monday


class Organisation:
    """A simulator whose clock stands still unless told, and what a test asks of it."""

    def __init__(self, simulator: Simulator, client: httpx.AsyncClient) -> None:
        self.simulator = simulator
        self.client = client
        self.key = simulator.credentials.organisation_key
        self.base = f"/admin/v1/orgs/{simulator.credentials.organisation_id}"

    async def ask(self, path: str = "/events-stream", **query: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        query = {name.rstrip("_"): value for name, value in query.items()}
        return await self.client.get(self.base + path, params=query or None, headers=headers)

    async def told(self, path: str = "/events-stream", **query: Any) -> Any:
        answer = await self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def stream(self, **query: Any) -> list[dict[str, Any]]:
        """Every event, over all pages; the end is an empty page or one without cursor."""
        page = await self.told(**query)
        rows = []
        while page["data"]:
            rows += page["data"]
            if "next" not in page["meta"]:
                break
            page = await self.told(cursor=page["meta"]["next"], limit=query.get("limit", 200))
        return rows

    async def order(self, do: str, /, **fields: Any) -> Any:
        answer = await self.client.post("/_sim/organisation", json={"do": do, **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def advance(self, seconds: float) -> None:
        await self.client.post("/_sim/advance", json={"seconds": seconds})

    def truth(self) -> dict[str, Any]:
        return {row.key: row for row in self.simulator.truth("org-events")}


@pytest.fixture
def organisation() -> Callable[..., Any]:
    """Opens a simulator with events of an organisation, and faults."""

    @asynccontextmanager
    async def open_organisation(
        *, events: int = 300, seed: int = 5, **faults: Any
    ) -> AsyncIterator[Organisation]:
        plan = FaultPlan(**({"organisation_requests_per_min": 10_000} | faults))
        spec = WorldSpec(seed, 0, NOW_MS, organisation_events=events)
        simulator = Simulator(spec, faults=plan, clock=lambda: NOW_MS)
        async with simulator, httpx.AsyncClient(base_url=simulator.url) as client:
            yield Organisation(simulator, client)

    return open_organisation
