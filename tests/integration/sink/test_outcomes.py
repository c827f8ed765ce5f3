"""Each document gets its own outcome from the real node: stored, repeat, conflict or rejected."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.sink.bulk import BulkItem, Delivery


def outcomes(results):
    return Counter(result.outcome for result in results)


async def count(client, index):
    await client.indices.refresh(index=index)
    return (await client.count(index=index))["count"]


async def test_new_documents_are_stored_with_the_time_of_the_attempt(store, make_sink, month, events):
    items = events(25)

    results = await make_sink(store, max_docs=10).create(items)

    assert outcomes(results) == {Delivery.STORED: 25}
    assert await count(store, month) == 25
    stored = (await store.get(index=month, id=items[7].id))["_source"]
    assert stored["event"].pop("ingested")
    assert stored == items[7].doc


async def test_what_is_sent_again_is_a_repeat_and_no_second_document(store, make_sink, month, events):
    sink = make_sink(store)
    await sink.create(events(20))

    results = await sink.create(events(30))

    assert [result.outcome for result in results] == [Delivery.REPEAT] * 20 + [Delivery.STORED] * 10
    assert await count(store, month) == 30


async def test_a_record_read_again_months_later_is_a_repeat(store, make_sink, month, events):
    first = make_sink(store)
    await first.create(events(3))
    later = make_sink(store)
    later._clock = lambda: 4_102_444_800_000

    results = await later.create(events(3))

    assert outcomes(results) == {Delivery.REPEAT: 3}
    stored = (await store.get(index=month, id="e:0"))["_source"]
    assert stored["event"]["ingested"] < "2099"


async def test_another_hash_under_the_same_id_is_a_conflict_and_changes_nothing(
    store, make_sink, month, events
):
    sink = make_sink(store)
    await sink.create(events(1))
    [original] = events(1)
    altered = replace(original, doc={**original.doc, "event": {**original.doc["event"], "hash": "k:other"}})

    [result] = await sink.create([altered])

    assert result.outcome is Delivery.CONFLICT
    assert result.detail == "k:e:0"
    assert (await store.get(index=month, id="e:0"))["_source"]["event"]["hash"] == "k:e:0"


async def test_a_document_without_hash_in_our_place_is_a_conflict(store, make_sink, month, events):
    await store.create(index=month, id="e:0", body={"@timestamp": "1990-01-01T00:00:00Z"})

    [result] = await make_sink(store).create(events(1))

    assert result.outcome is Delivery.CONFLICT
    assert result.detail == ""


async def test_the_same_document_twice_in_one_call_is_stored_once(store, make_sink, month, events):
    results = await make_sink(store).create([*events(3), *events(3)])

    assert [result.outcome for result in results] == [Delivery.STORED] * 3 + [Delivery.REPEAT] * 3
    assert await count(store, month) == 3


async def test_only_the_document_that_cannot_be_mapped_is_rejected(store, make_sink, month, events):
    good = events(4)
    unmapped = BulkItem(month, "bad:1", {**good[0].doc, "colour": "secret-red"})
    wrong = BulkItem(month, "bad:2", {**good[0].doc, "source": {"ip": "secret-address"}})
    unencodable = BulkItem(month, "bad:3", {**good[0].doc, "message": "\ud800"})

    results = await make_sink(store).create(
        [good[0], unmapped, good[1], wrong, unencodable, good[2], good[3]]
    )

    assert [result.outcome.value for result in results] == [
        "stored",
        "rejected",
        "stored",
        "rejected",
        "rejected",
        "stored",
        "stored",
    ]
    assert results[1].reason == "strict_dynamic_mapping_exception"
    assert results[1].detail == "colour is not mapped"
    assert results[3].reason == "mapper_parsing_exception"
    assert results[3].detail == "source.ip (ip)"
    assert results[4].reason == "unencodable"
    assert "secret" not in repr(results)
    assert await count(store, month) == 4


async def test_a_missing_month_stops_at_once_and_blames_no_document(store, make_sink, pauses, events):
    [item] = events(1)
    missing = "atlaslens-audit-1899.01"

    with pytest.raises(StoreError, match="index_not_found") as caught:
        await make_sink(store).create([replace(item, index=missing)])

    assert caught.value.hint
    assert pauses.seconds == []
    assert not await store.indices.exists(index=missing)


async def test_a_write_block_stops_at_once_and_after_it_all_is_stored(
    store, make_sink, month, events, pauses
):
    sink = make_sink(store)
    await sink.create(events(5))
    await store.indices.put_settings(index=month, body={"index.blocks.write": True})

    with pytest.raises(StoreError, match="cluster_block"):
        await sink.create(events(10))
    await store.indices.put_settings(index=month, body={"index.blocks.write": None})
    results = await sink.create(events(10))

    assert pauses.seconds == []
    assert outcomes(results) == {Delivery.REPEAT: 5, Delivery.STORED: 5}
    assert await count(store, month) == 10


async def test_nothing_to_create_asks_nothing(store, make_sink):
    assert await make_sink(store).create([]) == []
