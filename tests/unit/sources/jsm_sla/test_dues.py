"""What is remembered of running promises moves after its rows, in small documents."""

from __future__ import annotations

from typing import Any

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.sources.jsm_sla.dues import SHARDS, Due, Dues


class Drawer:
    """Memory that counts what is saved."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.saved = 0

    async def load(self, key: str) -> Any:
        return self.kept.get(key)

    async def save(self, key: str, value: Any) -> None:
        self.saved += 1
        self.kept[key] = value


async def opened(drawer: Drawer) -> Dues:
    dues = Dues(drawer)
    await dues.load()
    return dues


async def test_what_was_saved_is_there_again():
    drawer = Drawer()
    changes = {str(number): Due(number, f"ITSM-{number}") for number in range(100)}
    await (await opened(drawer)).save(changes)
    assert 1 < len(drawer.kept) <= SHARDS
    assert (await opened(drawer)).ahead == changes


async def test_what_is_read_ahead_is_not_saved_before_its_page():
    drawer = Drawer()
    dues = await opened(drawer)
    await dues.save({"1": Due(5, "ITSM-1")})
    dues.look({"1": None, "2": Due(7, "ITSM-2")})
    await dues.save({"3": Due(9, "ITSM-3")})
    assert set((await opened(drawer)).ahead) == {"1", "3"}
    assert dues.before(10) == ["2"]


async def test_nothing_is_written_where_nothing_changed():
    drawer = Drawer()
    dues = await opened(drawer)
    await dues.save({"1": Due(5, "ITSM-1"), "2": None})
    assert drawer.saved == 1
    await dues.save({"1": Due(5, "ITSM-1"), "2": None})
    assert drawer.saved == 1


async def test_the_longest_due_comes_first_and_the_others_wait():
    dues = await opened(Drawer())
    dues.look({"1": Due(30, ""), "2": Due(10, ""), "3": Due(31, "")})
    assert dues.before(30) == ["2", "1"]


async def test_what_is_damaged_is_forgotten():
    drawer = Drawer()
    drawer.kept["dues-00"] = {"dues": {"1": [5, "ITSM-1", None], "2": "soon", "3": ["soon", "ITSM-3", None]}}
    drawer.kept["dues-01"] = {"dues": None}
    assert (await opened(drawer)).ahead == {"1": Due(5, "ITSM-1")}


def test_a_request_that_is_not_found_is_looked_for_once_a_day_for_a_month():
    due: Due | None = Due(0, "ITSM-1")
    days = 0
    while due is not None:
        due = due.not_found(days * DAY_MS)
        days += 1
        assert due is None or due.at_ms == days * DAY_MS
    assert days == 32
