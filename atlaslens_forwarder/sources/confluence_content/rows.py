"""Rows of deeds from what the lists say: versions, resolutions and turns, each with its place and names."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.sources.confluence_content.lists import Kind
from atlaslens_forwarder.sources.confluence_content.walk import time_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.sources.confluence_content.lists import ContentLists

ITEMS_AT_ONCE: Final = 8
"""Items whose versions are asked for side by side; the request budget holds in any case."""
_NESTED: Final = ("page", "blogpost", "comment")
_RESOLUTIONS: Final = ("resolved", "reopened")


class RowMaker:
    """Makes rows; remembers titles and spaces for the time of one round."""

    def __init__(self, lists: ContentLists) -> None:
        self._lists = lists
        self._spaces: dict[str, JsonObject] | None = None
        self._works: dict[str, JsonObject] = {}

    def note(self, kind: Kind, items: Sequence[JsonObject]) -> None:
        """Learn titles and spaces of pages and posts, for the comments on them."""
        if not kind.is_comment:
            for item in items:
                self._works[str(item.get("id"))] = {name: item.get(name) for name in ("title", "spaceId")}

    async def history(self, kind: Kind, items: Sequence[JsonObject]) -> list[RawRow]:
        """All deeds of these items that the API tells: their versions, and how a comment was resolved.

        Raises:
            SourceError: they cannot be had.
        """
        rows: list[RawRow] = []
        for start in range(0, len(items), ITEMS_AT_ONCE):
            some = items[start : start + ITEMS_AT_ONCE]
            # All are awaited before one may fail: a request in flight is never cancelled.
            found = await asyncio.gather(
                *(self._versions(kind, item) for item in some), return_exceptions=True
            )
            for item, versions in zip(some, found, strict=True):
                if isinstance(versions, BaseException):
                    raise versions
                rows += await self._version_rows(kind, item, versions)
                rows += await self.resolution(kind, item)
        return rows

    async def resolution(self, kind: Kind, item: JsonObject) -> list[RawRow]:
        """The present resolution of an inline comment, where the API tells when it was."""
        status, told = item.get("resolutionStatus"), item.get("resolutionLastModifiedAt")
        if kind is not Kind.INLINE_COMMENT or status not in _RESOLUTIONS or not told:
            return []
        data = {"deed": "resolution", **await self._place(kind, item)}
        return [RawRow(data, f"{item.get('id')}:{told}:{status}", time_ms(told))]

    async def turn(self, turn: JsonObject, item: JsonObject) -> RawRow:
        """The row of a turn that was written ahead; ``item`` is it as listed now, or empty."""
        kind, at_ms = Kind(str(turn["kind"])), turn["at_ms"]
        container, _, container_id = str(turn["container"]).partition(":")
        key = "pageId" if container == Kind.PAGE else "blogPostId"
        standing: JsonObject = {key: container_id} if container_id else {}
        data = await self._place(kind, {**standing, **item, "id": turn["id"]})
        change = {"field": turn["field"], "from": turn["from"], "to": turn["to"]}
        return RawRow(
            {"deed": "turn", "turned": turn["deed"], "turn": change, **data},
            f"{turn['id']}:{turn['field']}:{at_ms}",
            at_ms if isinstance(at_ms, int) else None,
        )

    async def space_key(self, space_id: str) -> str:
        """A space's key, its id where the space is not there any more."""
        return str((await self._known_spaces()).get(space_id, {}).get("key") or space_id)

    async def _versions(self, kind: Kind, item: JsonObject) -> list[JsonObject]:
        """All versions of an item, or the listed one where there is no other or the rest is purged."""
        listed = item.get("version")
        stamp = listed if isinstance(listed, dict) else {}
        if stamp.get("number") == 1 or not item.get("id"):
            return [stamp]
        versions = await self._lists.versions(kind, str(item["id"])) or []
        numbers = {digest_hex(version.get("number")) for version in versions}
        return versions if digest_hex(stamp.get("number")) in numbers else [*versions, stamp]

    async def _version_rows(
        self, kind: Kind, item: JsonObject, versions: Sequence[JsonObject]
    ) -> list[RawRow]:
        place, rows = await self._place(kind, item), []
        for version in versions:
            inside = next((found for name in _NESTED if isinstance(found := version.get(name), dict)), {})
            stamp = {name: value for name, value in version.items() if name not in _NESTED}
            data: JsonObject = {"deed": "version", "version": stamp, **place}
            if inside.get("title"):
                data["version_title"] = inside["title"]
            identity = f"{item.get('id')}:{version.get('number')}" if item.get("id") else digest_hex(data)
            rows.append(RawRow(data, identity, time_ms(version.get("createdAt"))))
        return rows

    async def _place(self, kind: Kind, item: JsonObject) -> JsonObject:
        work = self._works.get(str(item.get("pageId") or item.get("blogPostId")), {})
        space_id: JsonValue = item.get("spaceId") or work.get("spaceId")
        data: JsonObject = {"kind": kind.value, "item": item}
        if space_id and (space := (await self._known_spaces()).get(str(space_id))):
            data["space"] = space
        if kind.is_comment and work.get("title"):
            data["container_title"] = work["title"]
        return data

    async def _known_spaces(self) -> dict[str, JsonObject]:
        if self._spaces is None:
            self._spaces = await self._lists.spaces()
        return self._spaces
