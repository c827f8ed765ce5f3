"""Thousands of random stores, sealed and tampered with: all is found, named rightly, and nothing else."""

from __future__ import annotations

import asyncio
import random

import pytest

from atlaslens_forwarder.proof.dsse import Envelope, Signature
from atlaslens_forwarder.seals.chain import seal_id
from atlaslens_forwarder.seals.seal import PAYLOAD_TYPE, read_seal, sign_seal
from tests.property.seals.memory import FOREIGN, KEY, World, as_text, told

RUNS = 1000
SHAPES = ({"audit": 1}, {"audit": 2, "windows": 1}, {"audit": 1, "custody": 1, "quarantine": 3})


async def grown(rng: random.Random, *, most_seals=4) -> World:
    """A store that grew hour by hour and was sealed each hour, empty hours among them."""
    world = World(rng.choice(SHAPES))
    for _ in range(rng.randint(1, most_seals)):
        grow(world, rng, rng.choice((0, 1, 3, 9, 14)))
        await world.seal()
    return world


def grow(world: World, rng: random.Random, count: int) -> None:
    for _ in range(count):
        name = rng.choice(sorted(world.store.content))
        shard = rng.randrange(len(world.store.content[name].shards))
        world.store.write(name, shard, skip=rng.choice((0, 0, 0, 1, 5)))


def change(world, rng, place):
    """Edit a document, as through a clone that is cloned back: it gets a new number."""
    name, number, seq_no = place
    shard = world.store.content[name].shards[number]
    document_id, source = shard.documents.pop(seq_no)
    field = rng.choice(("text", "hash", "ingested"))
    altered = {**source, field: "altered"}
    world.store.clone(name)
    if rng.random() < 0.5:
        shard.documents[seq_no] = (document_id, altered)
    else:
        shard.put(document_id, altered)
    return {("changed", name, document_id)}


def remove(world, _rng, place):
    name, number, seq_no = place
    document_id, _ = world.store.content[name].shards[number].documents.pop(seq_no)
    world.store.clone(name)
    return {("removed", name, document_id)}


def add(world, rng, place):
    """Write a document beside us, or copy one of ours under another id."""
    name, number, seq_no = place
    shard = world.store.content[name].shards[number]
    source = shard.documents[seq_no][1]
    forged = dict(source) if rng.random() < 0.5 else {"id": "forged", "text": "x", "hash": "y", "ingested": 1}
    shard.put(f"forged-{seq_no}", forged)
    return {("added", name, f"forged-{seq_no}")}


def insert(world, rng, place):
    """Put a document into a number that was left free, within what is sealed."""
    name, number, _ = place
    shard = world.store.content[name].shards[number]
    free = sorted(set(range(shard.checkpoint)) - set(shard.documents))
    if not free:
        return add(world, rng, place)
    seq_no = rng.choice(free)
    shard.documents[seq_no] = ("inserted", {"id": "inserted", "text": "", "hash": "", "ingested": 1})
    return {("added", name, "inserted")}


def reindex(world, _rng, place):
    world.store.reindex(place[0])
    return set()


DEEDS = (change, remove, add, insert, reindex)


def test_every_change_of_a_document_is_found_and_named_and_nothing_else():
    async def run(seed: int) -> None:
        rng = random.Random(seed)
        world = await grown(rng)
        places = world.store.places()
        if not places:
            return
        by_index = {}
        for place in places:
            by_index.setdefault(place[0], []).append(place)
        expected = set()
        deed = rng.choice(DEEDS)
        for place in rng.sample(places, min(len(places), rng.randint(1, 3))):
            if deed in (insert, reindex) and expected:
                break
            expected |= deed(world, rng, place)
        if rng.random() < 0.3:
            await world.seal()  # sealing goes on over the deed, and must not endorse it
        grow(world, rng, rng.choice((0, 2)))
        verdict = await world.verify()
        assert told(verdict) == expected, (seed, deed.__name__, as_text(verdict), expected)

    async def all_runs():
        for seed in range(RUNS):
            await run(seed)

    asyncio.run(all_runs())


def test_clean_stores_raise_no_alarm():
    async def all_runs():
        for seed in range(RUNS):
            rng = random.Random(10_000 + seed)
            world = await grown(rng)
            grow(world, rng, rng.choice((0, 5)))
            if rng.random() < 0.3:
                world.store.clone(rng.choice(sorted(world.store.content)))  # restored, unaltered
            heads = [(number, read_seal(envelope).hash) for number, envelope in world.copies.items()]
            verdict = await world.verify(copies=rng.random() < 0.5, heads=heads)
            assert verdict.ok, (seed, as_text(verdict))

    asyncio.run(all_runs())


def test_without_leaves_the_range_is_told_and_what_is_not_ours_in_it():
    async def all_runs():
        for seed in range(RUNS // 3):
            rng = random.Random(20_000 + seed)
            world = await grown(rng)
            places = world.store.places()
            if not places:
                continue
            world.kept.clear()
            name, number, seq_no = rng.choice(places)
            shard = world.store.content[name].shards[number]
            if rng.random() < 0.5:
                document_id, source = shard.documents[seq_no]
                shard.documents[seq_no] = (document_id, {**source, "text": "altered"})
                expected = {("range-differs", name, None), ("changed", name, document_id)}
            else:
                del shard.documents[seq_no]
                expected = {("range-differs", name, None)}
            verdict = await world.verify()
            assert told(verdict) == expected, (seed, as_text(verdict))
            (placed,) = [one for one in verdict.findings if one.kind.value == "range-differs"]
            sealed = read_seal(world.copies[placed.seal]).seal.ranges
            assert any(
                each.index == name and each.shard == number and each.after < seq_no <= each.to
                for each in sealed
            )

    asyncio.run(all_runs())


def forge(world, rng, number):
    """A seal of the same number with another content, signed by somebody else, or not anew."""
    seal = read_seal(world.seals[seal_id(number)]).seal
    altered = seal.model_copy(update={"created": "2020-01-01T00:00:00.000Z"})
    if rng.random() < 0.5:
        envelope = sign_seal(altered, [FOREIGN]).envelope
    else:
        old = world.seals[seal_id(number)]
        envelope = Envelope(PAYLOAD_TYPE, altered.payload(), old.signatures)
    world.seals[seal_id(number)] = envelope
    return {("seal-forged", number)}


def break_signature(world, _rng, number):
    old = world.seals[seal_id(number)]
    flipped = bytes([old.signatures[0].value[0] ^ 1]) + old.signatures[0].value[1:]
    world.seals[seal_id(number)] = Envelope(
        PAYLOAD_TYPE, old.payload, (Signature(old.signatures[0].key_id, flipped),)
    )
    return {("seal-forged", number)}


def drop(world, _rng, number):
    del world.seals[seal_id(number)]
    last = max(world.copies)
    return {("rolled-back", number - 1)} if number == last else {("seal-missing", number)}


def swap(world, _rng, number):
    other = number - 1
    if other < 1:
        return drop(world, _rng, number)
    one, two = seal_id(number), seal_id(other)
    world.seals[one], world.seals[two] = world.seals[two], world.seals[one]
    return {("seal-misplaced", number), ("seal-misplaced", other)}


def duplicate(world, _rng, number):
    world.seals["another"] = world.seals[seal_id(number)]
    return {("seal-duplicate", number)}


def roll_back(world, _rng, number):
    for later in range(number, max(world.copies) + 1):
        del world.seals[seal_id(later)]
    return {("rolled-back", number - 1)}


@pytest.mark.parametrize("deed", [forge, break_signature, drop, swap, duplicate, roll_back])
def test_every_tampering_with_seals_is_found_and_named_and_nothing_else(deed):
    async def all_runs():
        for seed in range(RUNS // 5):
            rng = random.Random(30_000 + seed)
            world = await grown(rng, most_seals=6)
            number = rng.choice(sorted(world.copies))
            expected = deed(world, rng, number)
            verdict = await world.verify()
            found = {(one.kind.value, one.seal) for one in verdict.findings}
            assert found == expected, (seed, as_text(verdict), expected)

    asyncio.run(all_runs())


def test_a_seal_signed_anew_with_the_right_key_is_betrayed_by_the_chain_and_by_every_head_outside():
    async def all_runs():
        for seed in range(RUNS // 5):
            rng = random.Random(40_000 + seed)
            world = await grown(rng, most_seals=6)
            number = rng.choice(sorted(world.copies))
            signed = read_seal(world.seals[seal_id(number)])
            altered = signed.seal.model_copy(update={"missed": signed.seal.missed + 1})
            world.seals[seal_id(number)] = sign_seal(altered, [KEY]).envelope
            inside = {(one.kind.value, one.seal) for one in (await world.verify(copies=False)).findings}
            last = number == max(world.copies)
            assert inside == (set() if last else {("chain-broken", number + 1)}), seed
            outside = await world.verify(copies=False, heads=[(number, signed.hash)])
            assert ("head-differs", number) in {(one.kind.value, one.seal) for one in outside.findings}

    asyncio.run(all_runs())


def test_a_month_that_expired_is_told_and_one_that_vanished_is_an_alarm():
    async def run():
        world = World({"audit": 1, "windows": 1})
        grow(world, random.Random(1), 20)
        await world.seal()
        del world.store.content["audit"]
        verdict = await world.verify()
        assert {(one.kind.value, one.index) for one in verdict.findings} == {("index-missing", "audit")}
        world.expired.add("audit")
        await world.seal()
        world.expired.clear()  # that it had expired by then is part of the seal
        verdict = await world.verify()
        assert verdict.ok
        assert [notice.value for notice, _ in verdict.notices] == ["index-expired"]

    asyncio.run(run())
