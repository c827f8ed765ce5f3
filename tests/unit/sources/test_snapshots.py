"""Differences between two looks, and a memory that dies at any write without losing or doubling one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from atlaslens_forwarder.errors import FencedError, FormatError, NotFoundError, TransientError
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.listings import Entry, read_listing
from atlaslens_forwarder.sources.snapshots import (
    Deed,
    Places,
    Remembered,
    confirmed,
    deeds_since,
    differences,
    loses,
    next_turn,
    without_addresses,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from atlaslens_forwarder.model.json import JsonObject

ROW = RawRow({"deed": "added"}, "place:1", 5)


@dataclass
class KeptMemory:
    """A memory in a dictionary; ``refuses`` makes it say that somebody else was faster."""

    docs: dict[str, JsonObject] = field(default_factory=dict)
    refuses: bool = False
    writes: int = 0

    async def load(self, key: str) -> JsonObject | None:
        return self.docs.get(key)

    async def save(self, key: str, value: JsonObject) -> None:
        if self.refuses:
            raise FencedError("changed")
        self.writes += 1
        self.docs[key] = value


def test_what_came_went_and_changed_is_told_by_key():
    before = {"a": {"n": 1}, "b": {"n": 1}, "c": {"n": 1}}
    after = {"b": {"n": 2}, "c": {"n": 1}, "d": {}}

    assert differences(before, after) == [
        Deed("a", {"n": 1}, None),
        Deed("b", {"n": 1}, {"n": 2}),
        Deed("d", None, {}),
    ]


def test_the_first_sight_tells_nothing_an_empty_place_does():
    assert deeds_since(Remembered(), {"a": {}}) == []
    assert deeds_since(Remembered({}), {"a": {}}) == [Deed("a", None, {})]


def test_only_what_was_there_can_be_lost():
    assert loses({"a": {}}, {"b": {}})
    assert not loses({"a": {}}, {"a": {"n": 1}, "b": {}})
    assert not loses(None, {})


def test_gone_is_what_is_missing_in_both_readings():
    before = {"stays": {}, "skipped once": {"n": 1}, "gone": {}}
    first = {"stays": {}, "skipped once": {"n": 1}, "left meanwhile": {}}
    second = {"stays": {"n": 2}, "came meanwhile": {}}

    assert confirmed(before, first, second) == {
        "stays": {"n": 2},
        "skipped once": {"n": 1},
        "came meanwhile": {},
    }


def test_turns_go_round():
    assert next_turn(["c", "a", "b"], "", 2) == ["a", "b"]
    assert next_turn(["c", "a", "b"], "b", 2) == ["c", "a"]
    assert next_turn(["a", "b"], "b", 5) == ["a", "b"]
    assert next_turn([], "b", 5) == []


def test_no_address_is_remembered():
    assert without_addresses({"name": "Ada <ada@team.example>"}) == {"name": "Ada <[email:hidden]>"}


async def test_rows_are_remembered_before_they_are_handed_out_and_forgotten_with_their_outcome():
    memory = KeptMemory()
    places = Places(memory, lambda: 5)

    page = await places.settle("p", Remembered({}), {"a": {}}, [ROW], 5)

    assert page is not None
    assert page.rows == [ROW]
    assert page.received == 1
    assert await places.recall("p") == Remembered({"a": {}}, (ROW,), 5)
    assert page.commit is not None
    await page.commit()
    assert await places.recall("p") == Remembered({"a": {}}, (), 5)


async def test_rows_found_in_memory_are_handed_out_with_new_ones_and_before_them():
    memory = KeptMemory()
    places = Places(memory, lambda: 5)
    known = Remembered({}, (ROW,), 5)
    newer = RawRow({"deed": "removed"}, "place:2", 6)

    page = await places.settle("p", known, {}, [newer], 6)

    assert page is not None
    assert page.rows == [ROW, newer]
    assert (await places.recall("p")).pending == (ROW, newer)


async def test_a_place_that_could_not_be_looked_at_still_hands_out_what_it_owes():
    memory = KeptMemory()
    places = Places(memory, lambda: 5)
    page = places.unsettled("p", Remembered({"a": {}}, (ROW,), 5))

    assert page is not None
    assert page.commit is not None
    await page.commit()
    assert await places.recall("p") == Remembered({"a": {}}, (), 5)
    assert places.unsettled("p", Remembered({"a": {}})) is None


async def test_an_unchanged_place_is_not_written():
    memory = KeptMemory()
    places = Places(memory, lambda: 9)

    assert await places.settle("p", Remembered({"a": {}}, (), 5), {"a": {}}, [], 9) is None
    assert memory.writes == 0


async def test_an_empty_place_is_remembered():
    memory = KeptMemory()
    places = Places(memory, lambda: 9)

    assert await places.settle("p", Remembered(), {}, [], 9) is None
    assert (await places.recall("p")).snapshot == {}


async def test_who_is_slower_hands_out_nothing():
    places = Places(KeptMemory(refuses=True), lambda: 9)

    with pytest.raises(FencedError):
        await places.settle("p", Remembered({}), {"a": {}}, [ROW], 9)


def test_looks_have_rising_times_whatever_the_clock_says():
    places = Places(KeptMemory(), lambda: 5)
    assert places.now_ms(Remembered()) == 5
    assert places.now_ms(Remembered({}, (), 5)) == 6
    assert places.now_ms(Remembered({}, (), 900)) == 901


async def test_a_memory_of_another_form_is_read_as_far_as_it_goes():
    memory = KeptMemory({"p": {"snapshot": {"a": {}, "b": 1}, "pending": [{"identity": "i"}, 3]}, "q": {}})
    places = Places(memory, lambda: 5)

    assert await places.recall("p") == Remembered({"a": {}}, (RawRow({}, "i", None),), 0)
    assert await places.recall("q") == Remembered({}, (), 0)


class Lists:
    """A list that is read several times; each reading is a list of pages, an exception ends one."""

    def __init__(self, *readings):
        self.readings = [*readings]
        self.asked = 0

    async def pages(self) -> AsyncIterator[list[JsonObject]]:
        self.asked += 1
        for page in self.readings.pop(0):
            if isinstance(page, Exception):
                raise page
            yield [{"key": key, "name": f"{key} name"} if key else {} for key in page]


def entry(row):
    key = row.get("key")
    return Entry(key, {"n": 1}, key, row["name"]) if key else None


def before(*keys):
    return {key: {"n": 1} for key in keys}


GONE = NotFoundError("no such page", status=SourceStatus.NO_PERMISSION)


async def test_a_list_without_losses_is_read_once():
    lists = Lists([["a", "b"], ["c"]])

    found = await read_listing(lists.pages, entry, before("a"))

    assert found.entries == before("a", "b", "c")
    assert found.names == {"a": "a name", "b": "b name", "c": "c name"}
    assert lists.asked == 1


async def test_a_row_that_slipped_between_two_pages_is_found_again():
    lists = Lists([["a", "b"], ["d"]], [["a", "c"], ["d"]])

    found = await read_listing(lists.pages, entry, before("a", "b", "c", "d"))

    assert found.entries == before("a", "b", "c", "d")


async def test_what_two_readings_miss_is_gone():
    lists = Lists([["a"], ["c"]], [["a"], ["c"]])

    found = await read_listing(lists.pages, entry, before("a", "b", "c"))

    assert found.entries == before("a", "c")


async def test_one_page_cannot_shift_and_is_believed_at_once():
    lists = Lists([["a"]])

    assert (await read_listing(lists.pages, entry, before("a", "b"))).entries == before("a")
    assert lists.asked == 1


async def test_a_row_without_a_key_may_be_any_that_is_missing():
    lists = Lists([["a", ""]])

    found = await read_listing(lists.pages, entry, before("a", "b"))

    assert found.entries == before("a", "b")
    assert found.unreadable == 1


async def test_a_list_that_became_shorter_than_the_page_asked_for_is_read_again():
    lists = Lists([["a"], GONE], [["a"]])

    assert (await read_listing(lists.pages, entry, None)).entries == before("a")


async def test_a_list_that_always_becomes_shorter_says_nothing():
    lists = Lists(*[[["a"], GONE]] * 3)

    with pytest.raises(TransientError):
        await read_listing(lists.pages, entry, before("a", "b"))


@pytest.mark.parametrize("error", [GONE, FormatError("no list", status=SourceStatus.UNREADABLE)])
async def test_a_list_that_cannot_be_read_says_nothing(error):
    with pytest.raises(type(error)):
        await read_listing(Lists([error]).pages, entry, before("a"))
