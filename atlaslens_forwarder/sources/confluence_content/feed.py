"""Windows of Confluence content: what was modified in them, and now and then a look at all there is.

A plain window walks the lists from the newest item down to its beginning and reads each item whose last
modification lies in it in full, all its versions. A *look* (the first backfill, and the periodic re-reading)
walks to the end of every list and compares with what is remembered: that finds what a walk by time cannot,
because no date moved: turns, and items that were hidden when their time was read.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.cursor.window import Purpose
from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.sources.confluence_content.lists import ContentLists
from atlaslens_forwarder.sources.confluence_content.look import Look
from atlaslens_forwarder.sources.confluence_content.rows import RowMaker
from atlaslens_forwarder.sources.confluence_content.shelf import Shelf
from atlaslens_forwarder.sources.confluence_content.walk import touched_ms, walk
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from atlaslens_forwarder.cursor.intervals import Interval
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.confluence_content.walk import Listed
    from atlaslens_forwarder.sources.source import SourceContext

ITEMS_A_PAGE: Final = 40
"""Items of a list handled before their rows are handed on; an item has up to some hundred versions."""
LOOKS: Final = frozenset({Purpose.BACKFILL, Purpose.REREAD_DAILY})

OUTSIDE: Final = "outside_window"
UNCHANGED: Final = "unchanged"
READ: Final = ""
"""In place of a reason why an item is not read in full."""


class ContentReader:
    """Reads windows of one site's content."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._lists = ContentLists(context.client)
        self._rows = RowMaker(self._lists)
        self._looking = asyncio.Lock()

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`."""
        await self._lists.prove_access()

    async def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        if window.purpose not in LOOKS:
            async with aclosing(self._walked(window)) as pages:
                async for page in pages:
                    yield page
            return
        async with self._looking, aclosing(self._looked(window)) as pages:  # two looks share one memory
            async for page in pages:
                yield page

    async def _walked(self, window: Window) -> AsyncGenerator[Page]:
        async with aclosing(walk(self._lists, window.from_ms)) as walked:
            async for listed in walked:
                for part in _parts(listed, lambda item: _by_time(item, window), window):
                    yield await self._page(part)

    async def _looked(self, window: Window) -> AsyncGenerator[Page]:
        clock = self._context.clock
        look = Look(self._lists, self._rows, Shelf(self._context.memory), clock())
        oldest_ms = look.at_ms - self._context.retention_ms
        yield await look.begin()

        def reason(item: JsonObject) -> str:
            if window.backfilled:
                return _by_time(item, window)
            if look.knows(item):
                return UNCHANGED
            touched = touched_ms(item)
            return OUTSIDE if touched is not None and touched < oldest_ms else READ

        async with aclosing(walk(self._lists, None)) as walked:
            async for listed in walked:
                for part in _parts(listed, reason, window if window.backfilled else None):
                    yield await self._page(part, look.resolved_since(part.listed, reason))
                look.add(listed)
        # What was modified meanwhile went to the front, past this walk.
        async with aclosing(walk(self._lists, look.at_ms - MINUTE_MS)) as walked:
            async for again in walked:
                listed = look.fresh(again)
                for part in _parts(listed, reason):
                    yield await self._page(part, look.resolved_since(part.listed, reason))
                look.add(listed)
        yield await look.end()

    async def _page(self, part: _Part, resolved: Sequence[JsonObject] = ()) -> Page:
        kind = part.listed.kind
        self._rows.note(kind, part.listed.items)
        rows = await self._rows.history(kind, part.wanted)
        for item in resolved:
            rows += await self._rows.resolution(kind, item)
        return Page(len(rows) + part.without_event.total(), rows, part.without_event, part.delivered)


@dataclass(frozen=True, slots=True)
class _Part:
    """Some items of a page of a list, what of them is read in full and why the others are not.

    ``delivered`` is what of the window is done after the part.
    """

    listed: Listed
    wanted: list[JsonObject]
    without_event: Counter[str]
    delivered: Interval | None = None


def _parts(listed: Listed, reason: Callable[[JsonObject], str], window: Window | None = None) -> list[_Part]:
    """A page of a list in parts of which each has few enough items; at least one. Pure."""
    parts: list[_Part] = []
    for start in range(0, max(1, len(listed.items)), ITEMS_A_PAGE):
        items = listed.items[start : start + ITEMS_A_PAGE]
        reasons = [reason(item) for item in items]
        wanted = [item for item, why in zip(items, reasons, strict=True) if why == READ]
        delivered = _delivered(listed, window) if start + ITEMS_A_PAGE >= len(listed.items) else None
        without_event = Counter(why for why in reasons if why != READ)
        parts.append(_Part(replace(listed, items=items), wanted, without_event, delivered))
    return parts


def _by_time(item: JsonObject, window: Window) -> str:
    """Whether an item was last modified in the window; what has no readable time is read, to be kept."""
    touched = touched_ms(item)
    if touched is None or window.from_ms <= touched <= window.to_ms:
        return READ
    return OUTSIDE


def _delivered(listed: Listed, window: Window | None) -> Interval | None:
    """The part of the window that is done once a page of a list has its outcomes."""
    if window is None:
        return None
    from_ms = window.from_ms if listed.front_ms is None else max(window.from_ms, listed.front_ms + 1)
    return (from_ms, window.to_ms) if from_ms <= window.to_ms else None
