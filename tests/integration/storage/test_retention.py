"""Without index management the forwarder removes whole expired months, and nothing younger."""

from __future__ import annotations

import time

import pytest

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.time import DAY_MS, iso_ms
from atlaslens_forwarder.storage.months import MonthKeeper
from atlaslens_forwarder.storage.names import Family, month_index, parse_month_index
from atlaslens_forwarder.storage.plugins import Plugins
from atlaslens_forwarder.storage.retention import delete_expired_months

FAMILY = Family.UNDATED


async def others(client, own):
    """Months of other tests on the same node: they must survive."""
    rows = await client.cat.indices(index="atlaslens-*", params={"format": "json", "h": "index"})
    return {row["index"] for row in rows if parse_month_index(row["index"])} - set(own)


async def write(client, at_ms):
    index = month_index(FAMILY, at_ms)
    await MonthKeeper(client, plugins=Plugins()).ensure_months([index])
    doc = {"@timestamp": iso_ms(at_ms), "event": {"hash": "k:1"}}
    await client.create(index=index, id=f"at-{at_ms}", body=doc)
    return index


async def test_an_expired_month_is_removed_and_an_event_of_364_days_kept(store):
    now_ms = time.time_ns() // 1_000_000
    young_ms, old_ms = now_ms - 364 * DAY_MS, now_ms - 430 * DAY_MS
    young, old = await write(store, young_ms), await write(store, old_ms)

    deleted = await delete_expired_months(
        store, now_ms, plugins=Plugins(), held=await others(store, [young, old])
    )

    assert deleted == [old]
    assert not await store.indices.exists(index=old)
    assert (await store.get(index=young, id=f"at-{young_ms}"))["found"]


async def test_a_held_month_stays(store):
    now_ms = time.time_ns() // 1_000_000
    old = await write(store, now_ms - 500 * DAY_MS)
    held = await others(store, [])

    assert await delete_expired_months(store, now_ms, plugins=Plugins(), held=held) == []
    assert await store.indices.exists(index=old)
    await store.indices.delete(index=old)


async def test_with_index_management_nothing_is_deleted(store):
    now_ms = time.time_ns() // 1_000_000
    old = await write(store, now_ms - 500 * DAY_MS)

    assert await delete_expired_months(store, now_ms, plugins=Plugins(index_management=True)) == []
    assert await store.indices.exists(index=old)
    await store.indices.delete(index=old)


async def test_a_clock_that_runs_ahead_deletes_nothing(store):
    now_ms = time.time_ns() // 1_000_000
    month = await write(store, now_ms)

    with pytest.raises(StoreError, match="clock"):
        await delete_expired_months(
            store, now_ms + 3650 * DAY_MS, plugins=Plugins(), held=await others(store, [month])
        )

    assert await store.indices.exists(index=month)
