"""Three nodes on this machine, one of which is killed while a source is read."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack

import pytest

from atlaslens_forwarder.engine.config import Membership
from atlaslens_forwarder.engine.node import EmbeddedOpenSearch
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.simulator import JIRA_AUDIT
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from tests.integration.engine.processes import java_pids
from tests.integration.rig import Clock, Rigs

RETENTION_DAYS = 30


@pytest.fixture
async def nodes(engine_home, tmp_path_factory):
    """Three nodes of one cluster; those that still run are stopped at the end."""
    folder = tmp_path_factory.mktemp("cluster")

    def node(name, seed=""):
        return EmbeddedOpenSearch(
            engine_home,
            folder / name,
            cluster_name="three",
            quick_start=True,
            heap_mb=256,
            membership=Membership(name, seed),
            stop_grace_s=1,
        )

    first = node("first")
    async with first:
        others = [node(name, first.seed) for name in ("second", "third")]
        await asyncio.gather(*(each.start() for each in others))
        try:
            yield [first, *others]
        finally:
            await asyncio.gather(*(each.stop() for each in others))


async def test_a_node_killed_while_a_source_is_read_loses_nothing(nodes, tmp_path):
    urls = ",".join(node.url for node in nodes)
    clock = Clock(time.time_ns() // 1_000_000)
    async with AsyncExitStack() as stack:
        client = open_client(OpenSearchConfig(urls))
        stack.push_async_callback(client.close)
        options = SetupOptions(now_ms=clock(), retention_days=RETENTION_DAYS)
        await apply_plan(client, await make_plan(client, options))
        health = await client.cluster.health(params={"wait_for_status": "green"})
        assert (health["number_of_nodes"], health["status"]) == (3, "green")
        service = {"retention_days": RETENTION_DAYS, "backfill_slice_days": 5, "parallel_windows": 2}
        rig = await Rigs(stack, client, urls, tmp_path).open(
            "three",
            clock=clock,
            size=400,
            span_days=25,
            page_limit=10,
            service=service,
            site_changes={"requests_per_second": 12, "sources": (JIRA_AUDIT,)},
        )
        reading = asyncio.ensure_future(rig.sync())
        while len(rig.pages(JIRA_AUDIT)) < 8:  # noqa: ASYNC110  it happens at the server
            await asyncio.sleep(0.02)

        victim = await _holder_of_the_cursor(client, nodes)
        for pid in java_pids(victim.data_dir):
            os.kill(pid, signal.SIGKILL)
        report = rig.report(await asyncio.wait_for(reading, 120), JIRA_AUDIT)

        assert report.error is None
        assert report.ok
        await rig.assert_equals_truth_of(JIRA_AUDIT)
        assert len((await rig.cursor(JIRA_AUDIT)).covered.spans) == 1
        windows, stored = await rig.windows(JIRA_AUDIT), len(await rig.events(JIRA_AUDIT))
        # OpenSearch itself may send to the new primary again what the old one had stored: a repeat to us.
        told = sum(window["stored"] + window["repeat"] for window in windows)
        assert sum(window["stored"] for window in windows) <= stored <= told
        assert (await client.cluster.health())["number_of_nodes"] == 2


async def _holder_of_the_cursor(client, nodes):
    """The node with the primary copy of the state."""
    (shard,) = [
        row
        for row in await client.cat.shards(index="atlaslens-state", params={"format": "json"})
        if row["prirep"] == "p"
    ]
    return next(node for node in nodes if node.data_dir.name == shard["node"])
