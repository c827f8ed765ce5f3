"""A simulator with Bitbucket repositories, and a client that reads them as a careful one does."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NOW_MS = 1_795_420_800_000  # 2026-11-23T08:00:00Z, a Monday
API = "/2.0"
STATES = [("state", state) for state in ("OPEN", "MERGED", "DECLINED", "SUPERSEDED")]


class Bench:
    """A simulator whose clock stands still unless told, and what a test asks of it."""

    def __init__(self, simulator: Simulator, client: httpx.AsyncClient) -> None:
        self.simulator = simulator
        self.client = client
        owned = simulator.credentials
        self.auth: Any = (owned.email, owned.bitbucket_token)

    async def ask(self, path: str, query: Any = None, **more: Any) -> httpx.Response:
        """GET a path of the API, or an absolute URL."""
        url = path if path.startswith("http") else API + path
        return await self.client.get(url, params=query or None, auth=self.auth, **more)

    async def told(self, path: str, query: Any = None) -> dict[str, Any]:
        """The JSON of an answer that is 200."""
        answer = await self.ask(path, query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def walked(self, path: str, query: Any = None) -> list[dict[str, Any]]:
        """Every row of a list, following the absolute ``next``."""
        page = await self.told(path, query)
        rows = list(page["values"])
        while "next" in page:
            page = await self.told(page["next"])
            rows += page["values"]
        return rows

    async def repositories(self) -> list[dict[str, Any]]:
        """All repositories of all workspaces."""
        rows = []
        for access in await self.walked("/user/workspaces"):
            rows += await self.walked(f"/repositories/{access['workspace']['slug']}", {"pagelen": 100})
        return rows

    async def heads(self, repository: str) -> set[str]:
        """The commits that branches point at."""
        rows = await self.walked(f"/repositories/{repository}/refs/branches", {"pagelen": 100})
        return {row["target"]["hash"] for row in rows}

    async def order(self, do: str, /, **fields: Any) -> Any:
        """Give an order."""
        answer = await self.client.post("/_sim/bitbucket", json={"do": do, **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def advance(self, seconds: float) -> None:
        """Let time pass."""
        await self.client.post("/_sim/advance", json={"seconds": seconds})

    def truth(self, source: str) -> dict[str, Any]:
        """The truth by key."""
        return {row.key: row for row in self.simulator.truth(f"bitbucket-{source}")}

    def person(self, position: int) -> str:
        """The account id of one of the staff."""
        return self.simulator.site.world.people.staff[position].account_id


@pytest.fixture
def bench() -> Callable[..., Any]:
    """Opens a simulator of five repositories with the given faults; the clock moves only when told."""

    @asynccontextmanager
    async def open_bench(*, repositories: int = 5, seed: int = 5, **faults: Any) -> AsyncIterator[Bench]:
        plan = FaultPlan(**({"bitbucket_requests_per_h": 100_000} | faults))
        spec = WorldSpec(seed, 100, NOW_MS, repositories=repositories)
        simulator = Simulator(spec, faults=plan, clock=lambda: NOW_MS)
        async with simulator, httpx.AsyncClient(base_url=simulator.url, follow_redirects=False) as client:
            yield Bench(simulator, client)

    return open_bench


@pytest.fixture
def repository() -> str:
    """A repository of every bench."""
    return "acme/payments-api"
