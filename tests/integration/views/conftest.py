"""One world for all tests of views."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from tests.integration.views.world import read_world


@pytest.fixture(scope="module")
async def world(clean_store, opensearch_url, keys_folder):
    """The world, read."""
    async with AsyncExitStack() as stack:
        yield await read_world(stack, clean_store, opensearch_url, keys_folder)
