"""What a site's content looked like, kept between looks in documents of bounded size.

Items lie in a fixed number of documents, by a checksum of their id: a million of them make documents of some
hundred kilobytes. No title and no name is kept, as memory is not for the texts of people's work.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from zlib import crc32

from atlaslens_forwarder.sources.confluence_content.remembered import Seen, after_turn

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.source import Memory

LOOK: Final = "look"
DOCUMENTS: Final = 64


@dataclass(slots=True)
class Remembered:
    """The last look: when it was (None: never), each item by its id, turns that may not be stored yet."""

    at_ms: int | None = None
    items: dict[str, Seen] = field(default_factory=dict)
    pending: list[JsonObject] = field(default_factory=list)


class Shelf:
    """Loads and saves the memory of one site's content."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._stored: dict[str, JsonObject] = {}

    async def load(self) -> Remembered:
        """All that is remembered; turns that were written ahead count as seen.

        Raises:
            StoreError: it cannot be read.
        """
        names = [_name(number) for number in range(DOCUMENTS)]
        look, *found = await asyncio.gather(*(self._memory.load(name) for name in (LOOK, *names)))
        remembered = Remembered()
        for name, document in zip(names, found, strict=True):
            items = (document or {}).get("items")
            self._stored[name] = items if isinstance(items, dict) else {}
            for item_id, value in self._stored[name].items():
                if (seen := Seen.from_json(value)) is not None:
                    remembered.items[item_id] = seen
        at_ms, pending = (look or {}).get("at_ms"), (look or {}).get("pending")
        remembered.at_ms = at_ms if isinstance(at_ms, int) else None
        remembered.pending = [turn for turn in pending or [] if isinstance(turn, dict)]  # type: ignore[union-attr]
        for turn in remembered.pending:
            item_id = str(turn.get("id"))
            if (after := after_turn(remembered.items, turn)) is not None:
                remembered.items[item_id] = after
            else:
                remembered.items.pop(item_id, None)
        return remembered

    async def write_ahead(self, at_ms: int | None, pending: list[JsonObject]) -> None:
        """Keep turns before anybody is told, so that each has the same time whatever breaks.

        Raises:
            StoreError: it is not kept.
        """
        await self._memory.save(LOOK, {"at_ms": at_ms, "pending": [*pending]})

    async def save(self, at_ms: int, items: dict[str, Seen]) -> None:
        """Remember a look whose every row is stored; only documents that differ are written.

        Raises:
            FencedError: another forwarder looked meanwhile.
            StoreError: it is not kept.
        """
        documents: dict[str, JsonObject] = {_name(number): {} for number in range(DOCUMENTS)}
        for item_id, seen in items.items():
            documents[_name(crc32(item_id.encode()) % DOCUMENTS)][item_id] = seen.to_json()
        for name, document in documents.items():
            if document != self._stored.get(name, {}):
                await self._memory.save(name, {"items": document})
                self._stored[name] = document
        await self._memory.save(LOOK, {"at_ms": at_ms, "pending": []})


def _name(number: int) -> str:
    return f"items-{number:02}"
