"""Worlds that stand still, simulators on them, and clients with each kind of credential."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NOW_MS = 1_795_420_800_000  # 2026-11-23T08:00:00Z, a Monday


class Stage:
    """A simulator whose clock stands still, and an HTTP client that knows its classic token."""

    def __init__(self, simulator: Simulator, client: httpx.AsyncClient) -> None:
        self.simulator = simulator
        self.client = client

    async def get(self, path: str, auth: Any = "classic", **query: Any) -> httpx.Response:
        """Ask once; ``auth`` is a kind of credential, a pair, or None."""
        headers = {}
        owned = self.simulator.credentials
        if auth == "bearer":
            headers["Authorization"] = f"Bearer {owned.bearer_token}"
            auth = None
        elif auth in {"classic", "scoped"}:
            auth = (owned.email, getattr(owned, f"{auth}_token"))
        return await self.client.get(path, params=query or None, headers=headers, auth=auth)

    async def jira(self, **query: Any) -> dict[str, Any]:
        """A page of Jira's audit log."""
        response = await self.get("/rest/api/3/auditing/record", **query)
        assert response.status_code == 200, response.text
        return response.json()

    async def confluence(self, path: str = "/wiki/rest/api/audit", **query: Any) -> dict[str, Any]:
        """A page of Confluence's audit log."""
        response = await self.get(path, **query)
        assert response.status_code == 200, response.text
        return response.json()

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask ``/_sim``."""
        response = await self.client.request(method, f"/_sim{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def rows(self, source: str, from_ms: int | None = None, to_ms: int | None = None) -> list[dict[str, Any]]:
        """The truth: rows as served now, newest first."""
        return [truth.row for truth in self.simulator.truth(source, from_ms, to_ms)]


@pytest.fixture
def stage() -> Callable[..., Any]:
    """Opens a simulator of 1,000 events with the given faults; the clock moves only when told."""

    @asynccontextmanager
    async def open_stage(*, size: int = 1000, seed: int = 5, **faults: Any) -> AsyncIterator[Stage]:
        plan = FaultPlan(**({"bucket_size": 10_000} | faults))
        simulator = Simulator(WorldSpec(seed, size, NOW_MS), faults=plan, clock=lambda: NOW_MS)
        async with simulator, httpx.AsyncClient(base_url=simulator.url, follow_redirects=False) as client:
            yield Stage(simulator, client)

    return open_stage
