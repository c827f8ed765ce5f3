"""What a source remembers, and what the store is asked before anything is created."""

from __future__ import annotations

import uuid

import pytest

from atlaslens_forwarder.errors import FencedError
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.sink.encode import BulkItem, encode_item
from atlaslens_forwarder.storage.known import UNDATED_PATTERN, KnownEvents
from atlaslens_forwarder.storage.memory import SourceMemory
from atlaslens_forwarder.storage.months import MonthKeeper
from atlaslens_forwarder.storage.plugins import read_plugins
from atlaslens_forwarder.storage.state import StateStore

MONTHS = ("atlaslens-activity-2026.09", "atlaslens-audit-2026.10", "atlaslens-activity-undated-2026.10")


@pytest.fixture
def remembering(store):
    connector = ConnectorId("acme", uuid.uuid4().hex)
    state = StateStore(store, clock=lambda: 1)
    return lambda: SourceMemory(state, connector)


async def test_what_was_saved_is_remembered_by_the_next(remembering):
    memory = remembering()
    assert await memory.load("heads") is None
    await memory.save("heads", {"main": "a1"})
    await memory.save("heads", {"main": "b2"})

    assert await remembering().load("heads") == {"main": "b2"}
    assert await remembering().load("other") is None


async def test_saving_over_what_another_changed_is_fenced(remembering):
    ours, theirs = remembering(), remembering()
    await ours.load("heads")
    await theirs.save("heads", {"main": "theirs"})

    with pytest.raises(FencedError):
        await ours.save("heads", {"main": "ours"})
    assert await remembering().load("heads") == {"main": "theirs"}


@pytest.fixture(scope="module")
async def known(store):
    """A store with one event in each of three indices, and 1,200 in one."""
    await MonthKeeper(store, plugins=await read_plugins(store)).ensure_months(MONTHS)
    items = [
        BulkItem(index, f"known:{number}", document(f"known:{number}", "page" if number else "issue"))
        for number, index in enumerate(MONTHS)
    ]
    items += [
        BulkItem(MONTHS[0], f"many:{number:04d}", document(f"many:{number:04d}", "comment"))
        for number in range(1200)
    ]
    await store.bulk(body=b"".join(encode_item(item, "2026-11-01T00:00:00.000Z") for item in items))
    return KnownEvents(store)


def document(event_id, object_type):
    return {
        "@timestamp": "2026-09-09T00:00:00.000Z",
        "event": {"id": event_id, "action": "seen"},
        "atlassian": {"object": {"type": object_type, "id": event_id}},
    }


async def test_stored_events_are_found_in_any_month(known):
    assert await known.existing(["known:0", "known:1", "known:2", "known:3"]) == {
        "known:0",
        "known:1",
        "known:2",
    }
    assert await known.existing([]) == set()


async def test_the_place_of_an_event_is_told(known):
    found = await known.places([f"known:{number}" for number in range(3)], UNDATED_PATTERN)

    assert found == {"known:2": MONTHS[2]}


async def test_more_ids_than_one_query_takes(known):
    ids = [f"many:{number:04d}" for number in range(1500)]

    assert len(await known.existing(ids)) == 1200


async def test_events_are_found_by_terms_over_several_pages(known):
    terms = {"atlassian.object.type": ["comment"], "event.action": ["seen", "other"]}

    found = [doc["atlassian"]["object"]["id"] async for doc in known.find(terms, ["atlassian.object.id"])]

    assert found == [f"many:{number:04d}" for number in range(1200)]
    assert [doc async for doc in known.find({"event.action": []}, ["event.id"])] == []
