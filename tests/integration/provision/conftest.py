"""A client of the session's node, with everything set up."""

from __future__ import annotations

import time

import pytest

from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client


@pytest.fixture(scope="session")
async def client(opensearch_url):
    """The one client of these tests."""
    client = open_client(OpenSearchConfig(opensearch_url))
    yield client
    await client.close()


@pytest.fixture(scope="session")
async def store(client):
    """The client, after set-up."""
    await apply_plan(client, await make_plan(client, SetupOptions(now_ms=time.time_ns() // 1_000_000)))
    return client
