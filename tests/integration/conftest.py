"""The session's store, set up anew for each module that asks, and simulated sites on it."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from tests.integration.rig import Rigs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from opensearchpy import AsyncOpenSearch

NAMES_PER_REQUEST = 50
"""OpenSearch bounds the URL at 4 KiB (``http.max_initial_line_length``)."""


@pytest.fixture(scope="session")
async def opensearch(opensearch_url: str) -> AsyncIterator[AsyncOpenSearch]:
    """A client of the session's node."""
    client = open_client(OpenSearchConfig(opensearch_url))
    yield client
    await client.close()


@pytest.fixture(scope="session")
def wipe(opensearch: AsyncOpenSearch) -> Callable[[], Awaitable[AsyncOpenSearch]]:
    """Empties the store and sets it up again."""

    async def anew() -> AsyncOpenSearch:
        rows = await opensearch.cat.indices(index="atlaslens-*", params={"format": "json", "h": "index"})
        # The node refuses to delete by a pattern. Many in one request are one change of the cluster's state.
        names = [row["index"] for row in rows]
        for start in range(0, len(names), NAMES_PER_REQUEST):
            await opensearch.indices.delete(index=",".join(names[start : start + NAMES_PER_REQUEST]))
        now_ms = time.time_ns() // 1_000_000
        await apply_plan(opensearch, await make_plan(opensearch, SetupOptions(now_ms=now_ms)))
        return opensearch

    return anew


@pytest.fixture(scope="module")
async def clean_store(wipe: Callable[[], Awaitable[AsyncOpenSearch]]) -> AsyncOpenSearch:
    """The store, empty and set up at the start of the module."""
    return await wipe()


@pytest.fixture(scope="module")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a module's forwarders: one store, one key file."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
async def rigs(clean_store: AsyncOpenSearch, opensearch_url: str, keys_folder: Path) -> AsyncIterator[Rigs]:
    """Opens rigs; they close with the test."""
    async with AsyncExitStack() as stack:
        yield Rigs(stack, clean_store, opensearch_url, keys_folder)
