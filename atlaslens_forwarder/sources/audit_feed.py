"""Reading a newest-first audit feed by time-stepped paging."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.sources.source import Page
from atlaslens_forwarder.sources.time_step import FeedRow, TimeStepPager

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.time_step import FeedRequest


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page as the feed client decoded it."""

    rows: list[FeedRow]
    at_end: bool


class Feed(Protocol):
    """The part of an audit feed that differs between APIs."""

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`."""

    async def fetch(self, request: FeedRequest) -> FeedPage:
        """Ask for one page."""

    def identity(self, row: JsonObject, seen: Counter[str]) -> str:
        """The row's lasting name; ``seen`` counts digests within the row's millisecond."""


class AuditFeedReader:
    """Reads windows of a newest-first feed by time-stepped paging."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`."""
        await self._feed.prove_access()

    async def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        pager = TimeStepPager(window.from_ms, window.to_ms)
        at_ms: int | None = None
        seen: Counter[str] = Counter()
        while (request := pager.request) is not None:
            page = await self._feed.fetch(request)
            accepted = pager.feed(page.rows, at_end=page.at_end)
            rows: list[RawRow] = []
            for row in accepted.rows:
                if row.at_ms is None:
                    # Its millisecond is unknown, so twins cannot be counted: equal rows are one row.
                    rows.append(RawRow(row.data, self._feed.identity(row.data, Counter()), None))
                    continue
                if row.at_ms != at_ms:
                    at_ms, seen = row.at_ms, Counter()
                rows.append(RawRow(row.data, self._feed.identity(row.data, seen), row.at_ms))
            without_event = Counter({"page_border": accepted.border, "outside_window": accepted.outside})
            next_ms = window.from_ms - 1 if pager.request is None else pager.request.to_ms
            delivered = (next_ms + 1, window.to_ms) if next_ms < window.to_ms else None
            yield Page(len(page.rows), rows, +without_event, delivered)
