"""State documents: only who saw the last version may write the next."""

from __future__ import annotations

import asyncio

import pytest

from atlaslens_forwarder.errors import FencedError, StoreError
from atlaslens_forwarder.storage.state import FORMAT, StateStore

NOW_MS = 1_767_225_600_123


@pytest.fixture
def state(store):
    return StateStore(store, clock=lambda: NOW_MS)


async def test_a_missing_document_is_none(state):
    assert await state.load("test:missing") is None


async def test_a_saved_document_is_loaded_at_once_as_it_was_written(state):
    value = {"intervals": [[1, 2], [5, 9]], "any": {"depth": {"is": "kept"}}, "none": None}

    saved = await state.save("test:one", "test-one", value, None, connector="jira", holder="me")

    assert await state.load("test:one") == saved
    assert saved.value == value
    assert (saved.connector, saved.holder, saved.updated_ms) == ("jira", "me", NOW_MS)


async def test_creating_twice_is_fenced(state):
    await state.save("test:two", "test-two", {"n": 1}, None)

    with pytest.raises(FencedError):
        await state.save("test:two", "test-two", {"n": 2}, None)

    loaded = await state.load("test:two")
    assert loaded is not None
    assert loaded.value == {"n": 1}


async def test_writing_over_a_version_not_seen_is_fenced(state):
    first = await state.save("test:three", "test-three", {"n": 1}, None)
    second = await state.save("test:three", "test-three", {"n": 2}, first)

    with pytest.raises(FencedError):
        await state.save("test:three", "test-three", {"n": 99}, first)

    assert (await state.save("test:three", "test-three", {"n": 3}, second)).seq_no > second.seq_no


async def test_of_many_who_write_the_same_version_one_wins(state):
    first = await state.save("test:race", "test-race", {"n": 0}, None)

    results = await asyncio.gather(
        *(state.save("test:race", "test-race", {"n": number}, first) for number in range(1, 9)),
        return_exceptions=True,
    )

    fenced = [result for result in results if isinstance(result, FencedError)]
    assert len(fenced) == len(results) - 1


async def test_a_list_holds_all_of_a_kind_and_nothing_else(state):
    for name in ("b", "a", "c"):
        await state.save(f"test:list:{name}", "test-list", {"name": name}, None)

    listed = await state.list("test-list")

    assert [doc.id for doc in listed] == ["test:list:a", "test:list:b", "test:list:c"]
    assert listed[0] == await state.load("test:list:a")
    assert await state.list("test-no-such-kind") == []


async def test_without_set_up_it_says_that_the_index_is_missing(state, store, monkeypatch):
    monkeypatch.setattr("atlaslens_forwarder.storage.state._INDEX", "atlaslens-state-not-there")

    with pytest.raises(StoreError, match="index_not_found"):
        await state.load("x")
    with pytest.raises(StoreError, match="index_not_found"):
        await state.save("x", "k", {}, None)


async def test_a_document_of_a_newer_forwarder_is_not_misread(store, state):
    newer = {"kind": "test-newer", "format": FORMAT + 1, "updated": "2026-01-01T00:00:00Z", "state": {"n": 1}}
    await store.index(index="atlaslens-state", id="test:newer", body=newer)

    for reading in (state.load("test:newer"), state.list("test-newer")):
        with pytest.raises(StoreError, match=f"test:newer has format {FORMAT + 1}") as caught:
            await reading
        assert "upgrade this one" in caught.value.hint
