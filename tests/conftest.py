"""Session fixtures: one real OpenSearch node for every test that needs a store."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from atlaslens_forwarder.engine.node import EmbeddedOpenSearch, install_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
async def engine_home() -> Path:
    """The installed engine; downloaded at most once per machine."""
    cache_dir = os.environ.get("ATLASLENS_ENGINE_CACHE") or REPOSITORY / ".atlaslens" / "engine"
    return await install_async(Path(cache_dir), progress=print)


@pytest.fixture(scope="session")
async def opensearch_url(engine_home: Path) -> AsyncIterator[str]:
    """A plain node on a free port, empty at the start of the session and shared by all tests in it."""
    with tempfile.TemporaryDirectory(prefix="atlaslens-tests-") as folder:
        node = EmbeddedOpenSearch(engine_home, Path(folder), cluster_name="tests", quick_start=True)
        async with node:
            yield node.url
