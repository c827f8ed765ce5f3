"""All lists of content at once, newest first, so that what was walked reaches down to one moment for all."""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.sources.confluence_content.lists import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.sources.confluence_content.lists import ContentLists

_NEWEST_MS: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of one list.

    All items modified later than ``front_ms`` have been listed by now; None: all there are, or all that are
    not older than was asked for.
    """

    kind: Kind
    items: list[JsonObject]
    front_ms: int | None


async def walk(lists: ContentLists, oldest_ms: int | None) -> AsyncGenerator[Listed]:
    """The lists of every kind, always going on with the one that is least far; pages before comments.

    Args:
        lists: where they are asked.
        oldest_ms: a list ends with the page that holds an older item; None: at its own end.

    Raises:
        SourceError: a list cannot be read.
    """
    async with AsyncExitStack() as stack:
        pages = {kind: await stack.enter_async_context(aclosing(lists.items(kind))) for kind in Kind}
        fronts = dict.fromkeys(Kind, _NEWEST_MS)
        while fronts:
            kind = max(fronts, key=fronts.__getitem__)
            items = await anext(pages[kind], None)
            times = [at_ms for item in items or () if (at_ms := touched_ms(item)) is not None]
            low_ms = min([fronts[kind], *times])
            if items is None or (oldest_ms is not None and low_ms < oldest_ms):
                del fronts[kind]
            else:
                fronts[kind] = low_ms
            yield Listed(kind, items or [], max(fronts.values(), default=None))


def touched_ms(item: JsonObject) -> int | None:
    """When an item was last modified, epoch milliseconds; None where that cannot be read. Pure."""
    version = item.get("version")
    return time_ms(version.get("createdAt")) if isinstance(version, dict) else None


def time_ms(value: JsonValue) -> int | None:
    """Epoch milliseconds of a time as the API writes it, None for anything else. Pure."""
    try:
        return parse_iso_ms(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
