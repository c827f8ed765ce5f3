"""The session's store, set up anew for each module that asks, and simulated sites on it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from tests.integration.rig import Rigs
from tests.integration.wiping import Wipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from opensearchpy import AsyncOpenSearch


@pytest.fixture(scope="session")
async def opensearch(opensearch_url: str) -> AsyncIterator[AsyncOpenSearch]:
    """A client of the session's node."""
    client = open_client(OpenSearchConfig(opensearch_url))
    yield client
    await client.close()


@pytest.fixture(scope="session")
def wipe(opensearch: AsyncOpenSearch) -> Wipe:
    """Empties the store and sets it up again."""
    return Wipe(opensearch)


@pytest.fixture(scope="module")
async def clean_store(wipe: Wipe) -> AsyncOpenSearch:
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
