"""When a seal is due, how many were missed, and what is left for the next one."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.proof.dsse import Envelope
from atlaslens_forwarder.seals.compose import Composer, due_ms, missed
from atlaslens_forwarder.seals.ports import IndexInfo
from atlaslens_forwarder.seals.seal import PAYLOAD_TYPE, read_seal, sign_seal
from tests.property.seals.memory import HOUR_MS, KEY, MemoryStore, World, endorse


async def composed(store, before=None, *, most_ranges=1000, kept=None):
    composer = Composer(
        store,
        endorse=endorse,
        expired=lambda _name: False,
        keep=(kept if kept is not None else []).append,
        most_ranges=most_ranges,
    )
    seal = await composer.compose(
        before, now_ms=HOUR_MS, interval_s=3600, forwarder="1", cluster="c", key_ids=[KEY.id]
    )
    return sign_seal(seal, [KEY])


@pytest.mark.parametrize(
    ("later_ms", "lost"), [(0, 0), (HOUR_MS, 0), (2 * HOUR_MS - 1, 0), (2 * HOUR_MS, 1), (5 * HOUR_MS + 1, 4)]
)
async def test_a_seal_is_due_after_its_interval_and_counts_what_was_missed(later_ms, lost):
    seal = await World({"audit": 1}).seal()

    assert due_ms(seal, 3600) == seal.created_ms + HOUR_MS
    assert missed(seal, seal.created_ms + later_ms, 3600) == lost


async def test_a_seal_that_is_full_leaves_the_rest_to_the_next_which_is_due_at_once():
    store = MemoryStore({"audit": 2})
    for number in range(30):
        store.write("audit", number % 2)
    first = await composed(store, most_ranges=2)
    assert first.seal.more
    assert due_ms(first.seal, 3600) == first.seal.created_ms
    second = await composed(store, first)
    assert not second.seal.more
    assert first.seal.documents + second.seal.documents == 30
    assert second.seal.ranges[0].after == first.seal.ranges[-1].to


async def test_an_index_that_cannot_be_read_is_named_and_made_up_for_later():
    class Closed(MemoryStore):
        async def indices(self):
            return [IndexInfo(each.name, each.uuid, 1, True, None) for each in await super().indices()]  # noqa: FBT003

    store = MemoryStore({"audit": 1})
    store.write("audit", 0)
    first = await composed(store)
    closed = Closed({"audit": 1})
    second = await composed(closed, first)
    assert second.seal.unread == ("audit",)
    assert second.seal.indices == first.seal.indices
    assert not second.seal.more
    store.write("audit", 0)
    assert (await composed(store, second)).seal.documents == 1


async def test_numbers_that_were_set_back_are_sealed_anew():
    store = MemoryStore({"audit": 1})
    for _ in range(3):
        store.write("audit", 0)
    first = await composed(store)
    rolled = MemoryStore({"audit": 1})
    rolled.write("audit", 0)
    second = await composed(rolled, first)
    assert [(each.name, each.uuid_before) for each in second.seal.rebuilt] == [("audit", "uuid-audit")]
    assert [(each.after, each.to) for each in second.seal.ranges] == [(-1, 0)]


async def test_strangers_are_named_up_to_a_bound_and_counted_beyond():
    store = MemoryStore({"audit": 1})
    for number in range(120):
        store.content["audit"].shards[0].put(f"evil-{number}", {"id": "x", "text": "", "hash": ""})
    seal = (await composed(store)).seal
    assert (seal.strangers, len(seal.strangers_named)) == (120, 100)


async def test_only_the_one_form_of_a_seal_is_read():
    signed = await composed(MemoryStore({"audit": 1}))
    payload = signed.envelope.payload
    assert read_seal(signed.envelope).hash == signed.hash
    for damaged in (
        b"{}",
        b"[]",
        b"\xff",
        payload + b" ",
        payload.replace(b'"version":1', b'"version":2'),
        payload.replace(b'"missed":0', b'"missed":"0"'),
        payload.replace(b'"strangers":0', b'"further":1,"strangers":0'),
        payload.replace(b'"created":"1970-01-01T01:00:00.000Z"', b'"created":"1970-01-01T01:00:00Z"'),
    ):
        assert damaged != payload
        with pytest.raises(EvidenceError):
            read_seal(Envelope(PAYLOAD_TYPE, damaged, signed.envelope.signatures))
