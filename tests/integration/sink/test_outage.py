"""The node goes away in the middle of a delivery and comes back: nothing is lost, nothing is there twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from urllib.parse import urlsplit

import pytest

from atlaslens_forwarder.engine.node import EmbeddedOpenSearch
from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.sink.bulk import BulkItem, Delivery
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from atlaslens_forwarder.storage.names import Family, month_index

COUNT = 20_000


async def test_after_an_outage_in_the_middle_sending_all_again_completes(engine_home, tmp_path, make_sink):
    now_ms = time.time_ns() // 1_000_000
    index = month_index(Family.AUDIT, now_ms)
    items = [
        BulkItem(index, f"out:{number}", {"@timestamp": now_ms, "event": {"hash": f"k:{number}"}})
        for number in range(COUNT)
    ]
    node = EmbeddedOpenSearch(engine_home, tmp_path / "node", heap_mb=384, quick_start=True)
    url = await node.start()
    client = open_client(OpenSearchConfig(url))
    try:
        await apply_plan(client, await make_plan(client, SetupOptions(now_ms=now_ms)))
        sink = make_sink(client, max_docs=100)
        delivery = asyncio.create_task(sink.create(items))
        while not (await client.indices.stats(index=index))["_all"]["total"]["indexing"]["index_total"]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await node.stop()

        with pytest.raises(StoreError, match="were not taken"):
            await delivery

        node = EmbeddedOpenSearch(
            engine_home,
            tmp_path / "node",
            heap_mb=384,
            quick_start=True,
            http_port=urlsplit(url).port or 0,
        )
        await node.start()
        await client.cluster.health(index=index, params={"wait_for_status": "yellow"})
        resumed = await make_sink(client).create(items)
        results = Counter(result.outcome for result in resumed)
        await client.indices.refresh(index=index)

        assert results[Delivery.STORED] > 0
        assert results[Delivery.REPEAT] > 0
        assert sum(results.values()) == results[Delivery.STORED] + results[Delivery.REPEAT] == COUNT
        assert (await client.count(index=index))["count"] == COUNT
    finally:
        await client.close()
        await node.stop()
