"""A simulator with Confluence pages, and a client that follows its pages as a careful one does."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NOW_MS = 1_795_420_800_000  # 2026-11-23T08:00:00Z, a Monday
V2 = "/wiki/api/v2"
KINDS = ("pages", "blogposts", "footer-comments", "inline-comments")
STATUSES = {"pages": "current,archived,trashed,deleted", "blogposts": "current,trashed,deleted"}


class Shelf:
    """A simulator whose clock stands still unless told, and what a test asks of it."""

    def __init__(self, simulator: Simulator, client: httpx.AsyncClient) -> None:
        self.simulator = simulator
        self.client = client
        owned = simulator.credentials
        self.auth: Any = (owned.email, owned.classic_token)
        self.base = ""

    async def ask(self, path: str, query: Any = None) -> httpx.Response:
        """GET below the base."""
        return await self.client.get(self.base + path, params=query or None, auth=self.auth)

    async def told(self, path: str, **query: Any) -> dict[str, Any]:
        """The JSON of an answer that is 200; dashes of parameters are written as underscores."""
        answer = await self.ask(path, {name.replace("_", "-"): value for name, value in query.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def walked(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every row of a list, following ``next``; there it is a path below the host."""
        page = await self.told(path, **query)
        rows = list(page["results"])
        while following := page["_links"].get("next"):
            parts = urlsplit(following)
            page = (await self.ask(parts.path, parse_qsl(parts.query))).json()
            rows += page["results"]
        return rows

    async def seen(self) -> set[str]:
        """What a client learns that walks every list and fetches the versions of all it finds."""
        found = set()
        for kind in KINDS:
            query = {"status": STATUSES[kind]} if kind in STATUSES else {}
            for row in await self.walked(f"{V2}/{kind}", sort="-modified-date", limit=250, **query):
                found.add(f"{row['id']}:{row['version']['number']}")
                if row["status"] != "deleted" and row["version"]["number"] > 1:
                    versions = await self.walked(f"{V2}/{kind}/{row['id']}/versions", limit=250)
                    found |= {f"{row['id']}:{version['number']}" for version in versions}
        return found

    async def order(self, do: str, /, **fields: Any) -> Any:
        """Give an order."""
        answer = await self.client.post("/_sim/content", json={"do": do, **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def advance(self, seconds: float) -> None:
        """Let time pass."""
        await self.client.post("/_sim/advance", json={"seconds": seconds})

    def truth(self, source: str = "confluence-content") -> dict[str, Any]:
        """The truth by key."""
        return {row.key: row for row in self.simulator.truth(source)}


@pytest.fixture
def shelf() -> Callable[..., Any]:
    """Opens a simulator of sixty pages with the given faults; the clock moves only when told."""

    @asynccontextmanager
    async def open_shelf(*, pages: int = 60, seed: int = 5, **faults: Any) -> AsyncIterator[Shelf]:
        plan = FaultPlan(**({"bucket_size": 100_000} | faults))
        spec = WorldSpec(seed, 100, NOW_MS, pages=pages)
        simulator = Simulator(spec, faults=plan, clock=lambda: NOW_MS)
        async with simulator, httpx.AsyncClient(base_url=simulator.url, follow_redirects=False) as client:
            yield Shelf(simulator, client)

    return open_shelf
