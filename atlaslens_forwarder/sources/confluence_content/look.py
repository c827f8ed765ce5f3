"""A look at everything there is, compared with the last one.

Turns are written ahead (memory first, then events, then memory without them), so that a crash anywhere loses
and doubles none. Nothing follows from absence but this: a comment that a list read to its end does not have,
whose address answers 404 while the page or post it stood on is there and can be read, was deleted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atlaslens_forwarder.sources.confluence_content.lists import Kind
from atlaslens_forwarder.sources.confluence_content.remembered import (
    ALIVE,
    DELETED,
    Seen,
    comment_deleted,
    first_state,
    seen_of,
    turns_of,
)
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.confluence_content.lists import ContentLists
    from atlaslens_forwarder.sources.confluence_content.remembered import Turn
    from atlaslens_forwarder.sources.confluence_content.rows import RowMaker
    from atlaslens_forwarder.sources.confluence_content.shelf import Remembered, Shelf
    from atlaslens_forwarder.sources.confluence_content.walk import Listed


class Look:
    """One look: :meth:`begin`, :meth:`add` for each page of a list, :meth:`end`."""

    def __init__(self, lists: ContentLists, rows: RowMaker, shelf: Shelf, at_ms: int) -> None:
        self.at_ms = at_ms
        self._lists = lists
        self._rows = rows
        self._shelf = shelf
        self._before: Remembered | None = None
        self._seen: dict[str, Seen] = {}
        self._items: dict[str, JsonObject] = {}

    async def begin(self) -> Page:
        """Remember; the page tells again what the last look may not have brought to its end.

        Raises:
            StoreError: memory cannot be read.
        """
        self._before = await self._shelf.load()
        return await self._told(self._before.pending)

    @property
    def before(self) -> Remembered:
        """The last look, once this one has begun."""
        if self._before is None:
            raise RuntimeError("a look is begun before it goes on")
        return self._before

    def knows(self, item: JsonObject) -> bool:
        """Whether this version of an item was seen by the last look."""
        known, version = self.before.items.get(str(item.get("id"))), item.get("version")
        return known is not None and isinstance(version, dict) and version.get("number") == known.version

    def fresh(self, listed: Listed) -> Listed:
        """The items that this look has not met, or not as they are now."""
        items = [
            item for item in listed.items if self._seen.get(str(item.get("id"))) != seen_of(listed.kind, item)
        ]
        return replace(listed, items=items)

    def resolved_since(self, listed: Listed, unread: Callable[[JsonObject], str]) -> list[JsonObject]:
        """Inline comments whose resolution differs from that of the last look, and that stay unread."""
        if listed.kind is not Kind.INLINE_COMMENT:
            return []
        found: list[JsonObject] = []
        for item in listed.items:
            after, known = seen_of(listed.kind, item), self.before.items.get(str(item.get("id")))
            if after is not None and unread(item) and (known is None or known.resolution != after.resolution):
                found.append(item)
        return found

    def add(self, listed: Listed) -> None:
        """Note what a page of a list shows."""
        for item in listed.items:
            if (seen := seen_of(listed.kind, item)) is not None:
                item_id = str(item["id"])
                self._seen[item_id] = seen
                if self.before.at_ms is None:
                    continue  # nothing to compare with
                known = self.before.items.get(item_id)
                if known is None or (known.status, known.space) != (seen.status, seen.space):
                    self._items[item_id] = item

    async def end(self) -> Page:
        """Every list was read to its end: a page that tells what turned, and then remembers.

        Raises:
            SourceError: we cannot tell what became of a comment.
            StoreError: it cannot be remembered.
        """
        turns: list[Turn] = []
        for item_id, item in self._items.items():
            after = self._seen[item_id]
            known = self.before.items.get(item_id) or first_state(after, item, self.before.at_ms)
            turns += turns_of(item_id, known, after) if known is not None else []
        kept, deleted = await self._absent()
        turns += deleted
        told = [await self._ahead(turn) for turn in turns]
        if told:
            await self._shelf.write_ahead(self.before.at_ms, [*self.before.pending, *told])
        page, remembered = await self._told(told), kept | self._seen

        async def remember() -> None:
            await self._shelf.save(self.at_ms, remembered)

        page.commit = remember
        return page

    async def _ahead(self, turn: Turn) -> JsonObject:
        """A turn as it is written ahead: values for people are keys of spaces as they are now."""
        shown = {"from": turn.before, "to": turn.after}
        if turn.field == "space":
            shown = {side: await self._rows.space_key(space_id) for side, space_id in shown.items()}
        return {**turn.to_json(self.at_ms), **shown}

    async def _told(self, turns: list[JsonObject]) -> Page:
        rows = [await self._rows.turn(turn, self._items.get(str(turn["id"]), {})) for turn in turns]
        return Page(len(rows), rows)

    async def _absent(self) -> tuple[dict[str, Seen], list[Turn]]:
        """Of what was there before and is in no list: what is to be kept in mind, and comments deleted."""
        kept: dict[str, Seen] = {}
        deleted: list[Turn] = []
        is_proven = False
        for item_id, known in self.before.items.items():
            if item_id in self._seen or known.status == DELETED:
                continue
            container = self._seen.get(known.container.partition(":")[2])
            if not known.kind.is_comment or container is None:
                kept[item_id] = known  # hidden from us or gone: the API does not tell which
            elif container.status in ALIVE:
                if not is_proven:
                    await self._lists.prove_access()
                    is_proven = True
                if await self._is_deleted(item_id, known):
                    deleted.append(comment_deleted(item_id, known))
                else:
                    kept[item_id] = known
            elif container.status != DELETED:
                kept[item_id] = known  # not served while its page is in the trash
        return kept, deleted

    async def _is_deleted(self, item_id: str, known: Seen) -> bool:
        """Whether a comment is gone, while what it stood on can be read."""
        if await self._lists.find(known.kind, item_id) is not None:
            return False
        kind, _, container_id = known.container.partition(":")
        container = await self._lists.find(Kind(kind), container_id)
        return container is not None and container.get("status") in ALIVE
