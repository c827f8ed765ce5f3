"""Measures what documents take on disk: a simulated site read into an embedded OpenSearch by the product."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr

from atlaslens_forwarder.engine.spec import OPENSEARCH_VERSION
from atlaslens_forwarder.errors import CheckFailedError
from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.service.forwarder import open_forwarder
from atlaslens_forwarder.service.round import sync_once
from atlaslens_forwarder.service.seals.opening import open_sealer
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.settings import (
    BitbucketSettings,
    OpenSearchSettings,
    ServiceSettings,
    Settings,
    SiteSettings,
)
from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from bench.sizing import INTERVAL_S, Footprint, Size

if TYPE_CHECKING:
    from pathlib import Path

    from opensearchpy import AsyncOpenSearch

SITE = "acme"
SPAN_DAYS = 28
FAMILIES = {
    "audit": "atlaslens-audit-*",
    "activity": "atlaslens-activity-*,-atlaslens-activity-undated-*",
    "windows": "atlaslens-windows-*",
    "seals": "atlaslens-seals",
    "people": "atlaslens-people",
}


class _Clock:
    """Goes on by one interval at a time."""

    def __init__(self) -> None:
        self._now_ms = time.time_ns() // 1_000_000

    def __call__(self) -> int:
        return self._now_ms

    def tick(self) -> None:
        self._now_ms += INTERVAL_S * 1000


async def measure(url: str, folder: Path, *, size: int, rounds: int) -> Footprint:
    """Read a month of history, then go on round by round with a seal after each.

    Args:
        url: a plain OpenSearch node without indices of ours.
        folder: where the forwarder keeps its keys.
        size: audit events; the activity is about as much.
        rounds: how many rounds follow the first.

    Raises:
        CheckFailedError: a source could not be read, so the figures would not be those of a whole site.
    """
    clock = _Clock()
    spec = WorldSpec(
        seed=1,
        size=size,
        now_ms=clock() - 2 * MINUTE_MS,
        span_days=SPAN_DAYS,
        site=SITE,
        issues=size // 10,
        pages=size // 12,
        repositories=max(4, size // 500),
    )
    client = open_client(OpenSearchConfig(url))
    try:
        await apply_plan(client, await make_plan(client, SetupOptions(now_ms=clock())))
        plan = FaultPlan(bucket_size=1_000_000, bitbucket_requests_per_h=1_000_000)
        async with Simulator(spec, faults=plan, clock=clock) as simulator:
            settings = _settings(folder, url, simulator)
            await _sync(settings, clock)
            before = await _documents(client, FAMILIES["windows"])
            for _ in range(rounds):
                clock.tick()
                await _sync(settings, clock)
                await _seal(settings, clock)
            rows = await _documents(client, FAMILIES["windows"]) - before
        return Footprint(
            date=datetime.now(UTC).strftime("%Y-%m-%d"),
            engine=f"embedded OpenSearch {OPENSEARCH_VERSION}",
            rows_per_round=rows / rounds,
            sizes={family: await _size(client, pattern) for family, pattern in FAMILIES.items()},
        )
    finally:
        await client.close()


async def _sync(settings: Settings, clock: _Clock) -> None:
    async with open_forwarder(settings, Telemetry(Metrics()), clock) as forwarder:
        reports = await sync_once(forwarder, asyncio.Event())
    failed = [
        f"{connector}: {report.error.one_line()}" for connector, report in reports.items() if report.error
    ]
    if failed:
        raise CheckFailedError(f"a source was not read: {failed[0]}")


async def _seal(settings: Settings, clock: _Clock) -> None:
    telemetry = Telemetry(Metrics())
    async with open_store(settings, clock) as store, open_sealer(settings, store, telemetry, clock) as sealer:
        await sealer.make()


async def _documents(client: AsyncOpenSearch, pattern: str) -> int:
    await client.indices.refresh(index=pattern)
    count: int = (await client.count(index=pattern))["count"]
    return count


async def _size(client: AsyncOpenSearch, pattern: str) -> Size:
    """As it lies there after a flush, and again after everything was merged to one segment."""
    documents = await _documents(client, pattern)
    written = await _bytes(client, pattern)
    await client.indices.forcemerge(index=pattern, params={"max_num_segments": "1"})
    return Size(documents, written, await _bytes(client, pattern))


async def _bytes(client: AsyncOpenSearch, pattern: str) -> int:
    """Counted from the committed segments: the size in the statistics is up to ten seconds old.

    Segments that were merged away are listed until the refresh, without being part of the commit.
    """
    await client.indices.flush(index=pattern, params={"force": "true", "wait_if_ongoing": "true"})
    await client.indices.refresh(index=pattern)
    found = await client.indices.segments(index=pattern)
    return sum(
        segment["size_in_bytes"]
        for index in found["indices"].values()
        for copies in index["shards"].values()
        for shard in copies
        for segment in shard["segments"].values()
        if segment["committed"]
    )


def _settings(folder: Path, url: str, simulator: Simulator) -> Settings:
    credentials = simulator.credentials
    bitbucket = BitbucketSettings(
        workspaces=(SITE, f"{SITE}-labs"),
        email=credentials.email,
        api_token=SecretStr(credentials.bitbucket_token),
        url=simulator.url,
        requests_per_hour=100_000,
    )
    site = SiteSettings(
        url=simulator.url,
        email=credentials.email,
        api_token=SecretStr(credentials.classic_token),
        requests_per_second=1000,
        bitbucket=bitbucket,
    )
    return Settings.model_construct(
        data_dir=folder,
        sites={SITE: site},
        opensearch=OpenSearchSettings(url=url),
        service=ServiceSettings(interval_s=INTERVAL_S),
    )
