"""However a world moves and wherever the program dies, each visible difference is told exactly once."""

from __future__ import annotations

import asyncio
import copy
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.sources.snapshots import Places, deeds_since

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.source import Page

PLACES = ("a", "b", "c")
VALUES = st.dictionaries(st.sampled_from("wxyz"), st.integers(0, 2), max_size=4)
WORLDS = st.fixed_dictionaries(dict.fromkeys(PLACES, VALUES))


class Crash(BaseException):
    """The program ends here."""


@dataclass
class Machine:
    """Memory and store that outlive crashes; any step of them may be the last, before or after its effect."""

    steps_left: int | None = None
    memory: dict[str, JsonObject] = field(default_factory=dict)
    store: dict[str, RawRow] = field(default_factory=dict)

    def step(self) -> None:
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left < 0:
                raise Crash

    async def load(self, key: str) -> JsonObject | None:
        return copy.deepcopy(self.memory.get(key))

    async def save(self, key: str, value: JsonObject) -> None:
        self.step()
        self.memory[key] = copy.deepcopy(value)
        self.step()

    def deliver(self, page: Page) -> None:
        for row in page.rows:
            self.step()
            assert self.store.setdefault(row.identity, row) == row, "the same id with another content"
        self.step()


@dataclass
class Clock:
    """Stands still between two looks more often than not."""

    now_ms: int = 1_000

    def __call__(self) -> int:
        return self.now_ms


async def look(machine: Machine, clock: Clock, world: dict[str, dict[str, int]]) -> None:
    """One round, as a source makes it: the next page is made while the last one is being delivered."""
    places = Places(machine, clock)
    waiting: Page | None = None
    for place in PLACES:
        known = await places.recall(place)
        snapshot: dict[str, JsonObject] = {key: {"n": value} for key, value in world[place].items()}
        at_ms = places.now_ms(known)
        rows = [
            RawRow(
                {"place": place, "key": deed.key, "before": deed.before, "after": deed.after},
                digest_hex([place, deed.key, deed.before, deed.after, at_ms]),
                at_ms,
            )
            for deed in deeds_since(known, snapshot)
        ]
        page = await places.settle(place, known, snapshot, rows, at_ms)
        if waiting is not None:
            await finish(machine, waiting)
        waiting = page
    if waiting is not None:
        await finish(machine, waiting)


async def finish(machine: Machine, page: Page) -> None:
    machine.deliver(page)
    assert page.commit is not None
    await page.commit()


def chain(machine: Machine, place: str, start: dict[str, int]) -> dict[str, int]:
    """Replay what was told of a place upon its first sight; every deed must follow from the one before."""
    state = dict(start)
    told = [row for row in machine.store.values() if row.data["place"] == place]
    for row in sorted(told, key=lambda row: row.at_ms or 0):
        key, before, after = row.data["key"], row.data["before"], row.data["after"]
        assert state.get(key) == (None if before is None else before["n"])
        assert before != after
        if after is None:
            del state[key]
        else:
            state[key] = after["n"]
    return state


@settings(max_examples=300, deadline=None)
@given(
    worlds=st.lists(WORLDS, min_size=2, max_size=6),
    crashes=st.lists(st.none() | st.integers(0, 25), min_size=6, max_size=6),
    pauses=st.lists(st.sampled_from([0, 0, 1, 300_000, -5]), min_size=6, max_size=6),
)
def test_crashes_anywhere_lose_and_double_nothing(worlds, crashes, pauses):
    machine, clock = Machine(), Clock()
    asyncio.run(look(machine, clock, worlds[0]))
    assert machine.store == {}

    for world, crash, pause in zip(worlds[1:], crashes, pauses, strict=False):
        clock.now_ms += pause
        machine.steps_left = crash
        with suppress(Crash):
            asyncio.run(look(machine, clock, world))
    machine.steps_left = None
    asyncio.run(look(machine, clock, worlds[-1]))

    for place in PLACES:
        assert chain(machine, place, worlds[0][place]) == worlds[-1][place]
    assert all(not doc["pending"] for doc in machine.memory.values())


@settings(max_examples=100, deadline=None)
@given(worlds=st.lists(WORLDS, min_size=2, max_size=5), crash=st.integers(0, 25))
def test_a_crash_does_not_change_what_is_told(worlds, crash):
    """The last look is broken and repeated; the rows are those of an unbroken one, but for their times."""
    unbroken, broken = Machine(), Machine()
    for machine in (unbroken, broken):
        for world in worlds[:-1]:
            asyncio.run(look(machine, Clock(), world))
    asyncio.run(look(unbroken, Clock(2_000), worlds[-1]))
    broken.steps_left = crash
    try:
        asyncio.run(look(broken, Clock(2_000), worlds[-1]))
    except Crash:
        broken.steps_left = None
        asyncio.run(look(broken, Clock(3_000), worlds[-1]))

    def deeds(machine: Machine) -> list[str]:
        return sorted(str(row.data) for row in machine.store.values())

    assert deeds(broken) == deeds(unbroken)
