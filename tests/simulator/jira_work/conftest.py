"""A simulator with issues, and a client that knows the ways of Jira's activity API."""

from __future__ import annotations

from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NOW_MS = 1_795_420_800_000  # 2026-11-23T08:00:00Z, a Monday
SEARCH = "/rest/api/3/search/jql"


class Desk:
    """A simulator whose clock stands still unless told, and what a test asks of it."""

    def __init__(self, simulator: Simulator, client: httpx.AsyncClient) -> None:
        self.simulator = simulator
        self.client = client
        owned = simulator.credentials
        self.auth: Any = (owned.email, owned.classic_token)
        self.base = ""

    async def ask(self, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """GET, or POST where there is a body."""
        if body is None:
            return await self.client.get(self.base + path, params=query or None, auth=self.auth)
        return await self.client.post(self.base + path, json=body, params=query or None, auth=self.auth)

    async def told(self, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of an answer that is 200."""
        answer = await self.ask(path, body, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def order(self, route: str, do: str, /, **fields: Any) -> Any:
        """Give an order."""
        answer = await self.client.post(f"/_sim/{route}", json={"do": do, **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def advance(self, seconds: float) -> None:
        """Let time pass."""
        await self.client.post("/_sim/advance", json={"seconds": seconds})

    async def pages(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Every page by token, until there is none, it repeats, or the page is empty."""
        pages: list[dict[str, Any]] = []
        token = None
        while True:
            page = await self.told(path, body | ({"nextPageToken": token} if token else {}))
            pages.append(page)
            following = page.get("nextPageToken")
            if not following or following == token or not page.get("issues", page.get("issueChangeLogs")):
                return pages
            token = following

    async def found(self, jql: str, **more: Any) -> list[dict[str, Any]]:
        """The issues of a search, over all pages."""
        body = {"jql": jql, "fields": ["id", "key"], "maxResults": 5000} | more
        return [issue for page in await self.pages(SEARCH, body) for issue in page["issues"]]

    async def ids(self, jql: str, **more: Any) -> list[str]:
        """Their ids."""
        return [issue["id"] for issue in await self.found(jql, **more)]

    def truth(self, source: str) -> dict[str, Any]:
        """The truth by key."""
        return {row.key: row for row in self.simulator.truth(source)}


@pytest.fixture
def desk() -> Callable[..., Any]:
    """Opens a simulator with issues and faults; a ticking clock never tells a time twice."""

    @asynccontextmanager
    async def open_desk(
        *, issues: int = 120, seed: int = 5, ticking: bool = False, **faults: Any
    ) -> AsyncIterator[Desk]:
        plan = FaultPlan(**({"bucket_size": 10_000} | faults))
        spec = WorldSpec(seed, 0, NOW_MS, issues=issues)
        ticks = count(NOW_MS)
        clock = (lambda: next(ticks)) if ticking else (lambda: NOW_MS)
        simulator = Simulator(spec, faults=plan, clock=clock)
        async with simulator, httpx.AsyncClient(base_url=simulator.url, follow_redirects=False) as client:
            yield Desk(simulator, client)

    return open_desk
