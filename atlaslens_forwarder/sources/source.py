"""What every source offers to the pipeline, and how a newest-first audit feed is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.sources.time_step import FeedRow, TimeStepPager

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from atlaslens_forwarder.cursor.plan import ReadPolicy
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.event import Event, EventContext, Pipeline, Rejected
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.time_step import FeedRequest


@dataclass(slots=True)
class Page:
    """One page after paging: what came over the wire and which of it counts.

    ``received`` = ``len(rows)`` + the sum of ``without_event``, whose keys are ``page_border`` (read again
    with the next page) and ``outside_window`` (the server sent what was not asked).
    """

    received: int
    rows: list[RawRow]
    without_event: Counter[str] = field(default_factory=Counter)


class Reader(Protocol):
    """Reads windows of one source of one site."""

    async def prove_access(self) -> None:
        """Return when this account may read the feed now.

        Raises:
            SourceError: it may not, or we cannot tell.
        """

    def pages(self, window: Window) -> AsyncGenerator[Page]:
        """The window's pages; when the iterator ends by itself, the end of the window was reached.

        Raises:
            SourceError: the window cannot be read to its end.
        """


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source, declared in one place: its folder's ``source.py``, listed in ``sources/registry.py``.

    ``api_retention_days`` is how far back the API can answer at all, as far as known.
    """

    name: str
    title: str
    pipeline: Pipeline
    api_retention_days: int
    policy: ReadPolicy
    open_reader: Callable[[AtlassianClient], Reader]
    normalise: Callable[[RawRow, EventContext], Event | Rejected]


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
            yield Page(len(page.rows), rows, +without_event)
