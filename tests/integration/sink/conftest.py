"""A client of the session's node with everything set up, and sinks on it."""

from __future__ import annotations

import asyncio
import random
import time
import zlib

import pytest

from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.sink.bulk import BulkItem, BulkSink
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from atlaslens_forwarder.storage.months import MonthKeeper
from atlaslens_forwarder.storage.plugins import Plugins


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


class Pauses:
    """A sleep that only counts, and yields to the loop."""

    def __init__(self):
        self.seconds = []

    async def __call__(self, seconds):
        self.seconds.append(seconds)
        await asyncio.sleep(0.05)


@pytest.fixture
def pauses():
    """The waits between attempts."""
    return Pauses()


@pytest.fixture
def make_sink(pauses):
    """A sink on any client; small batches where wanted."""

    def make(client, **options):
        return BulkSink(
            client,
            clock=lambda: time.time_ns() // 1_000_000,
            sleep=pauses,
            rng=random.Random(1),
            same_origin=lambda doc, stored: doc["event"]["hash"] == stored,
            **options,
        )

    return make


def audit_items(index, prefix, count):
    """Events as a normaliser makes them, small."""
    return [
        BulkItem(
            index,
            f"{prefix}:{number}",
            {
                "@timestamp": f"{index[-7:].replace('.', '-')}-02T03:04:05.678Z",
                "event": {"id": f"{prefix}:{number}", "hash": f"k:{prefix}:{number}"},
                "message": f"event {number}",
            },
        )
        for number in range(count)
    ]


@pytest.fixture
async def month(store, request):
    """A month of this test's own: its name."""
    year = 1971 + zlib.crc32(request.node.nodeid.encode()) % 38  # creation dates start in 1970
    name = f"atlaslens-audit-{year}.03"
    await store.indices.delete(index=name, params={"ignore_unavailable": "true"})
    await MonthKeeper(store, plugins=Plugins()).ensure_months([name])
    return name


@pytest.fixture
def events(month):
    """Makes events for this test's month."""
    return lambda count, prefix="e": audit_items(month, prefix, count)
