"""Polls for broken promises: requests that were touched, then those whose promise ran out by now.

A breach touches nothing, so no search leads to it. Each poll reads the promises on

1. every request touched since the last poll (``progress``), and
2. every request whose running promise, as remembered, is broken by now (``dues``),

and remembers when the next one of each breaks. What is remembered moves in ``Page.commit`` only.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.normalise.jsm_sla import event_id
from atlaslens_forwarder.sources.jsm_sla.cycles import Promises, read_promises
from atlaslens_forwarder.sources.jsm_sla.dues import Due, Dues
from atlaslens_forwarder.sources.jsm_sla.feed import PAGE_ISSUES, DeskFeed, about, updated_ms
from atlaslens_forwarder.sources.jsm_sla.progress import Progress
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.event import RawRow
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.source import SourceContext

NO_REQUEST: Final = "no_request"
"""An issue of a service desk that is no request, or that is hidden from us or gone."""
ALREADY_STORED: Final = "already_stored"
"""A breach stays as it was first seen: goals are changed later, for running cycles too."""
_PROGRESS: Final = "progress"
_AT_ONCE: Final = 8
"""Requests in flight; the budget of the credential bounds their rate."""


class BreachReader:
    """Reads the broken promises of one site."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._feed = DeskFeed(context.client)
        self._emitted: set[str] = set()

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`."""
        await self._feed.prove_access()

    async def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        memory = self._context.memory
        dues = Dues(memory)
        await dues.load()
        progress = begun = Progress.of(await memory.load(_PROGRESS), window)
        desks = await self._feed.desks()
        if desks:
            async for issues in self._feed.touched(desks, begun.since_ms(window)):
                times = [at_ms for at_ms in map(updated_ms, issues) if at_ms is not None]
                progress = progress.part_done(window, min(times, default=None))
                yield await self._page([about(issue) for issue in issues], dues, progress)
        due = dues.before(self._context.clock())
        for start in range(0, len(due), PAGE_ISSUES):
            part = due[start : start + PAGE_ISSUES]
            yield await self._page([{"id": id_, "key": dues.ahead[id_].key} for id_ in part], dues, progress)
        yield Page(0, [], commit=self._remember(dues, {}, progress.done(window, begun)))

    async def _page(self, issues: Sequence[JsonObject], dues: Dues, progress: Progress) -> Page:
        """The promises on these requests as one page."""
        received = 0
        rows: list[RawRow] = []
        without_event: Counter[str] = Counter()
        changes: dict[str, Due | None] = {}
        for start in range(0, len(issues), _AT_ONCE):
            part = issues[start : start + _AT_ONCE]
            for issue, promises in zip(part, await self._promises(part), strict=True):
                id_ = str(issue["id"])
                if promises is None:
                    received += 1
                    without_event[NO_REQUEST] += 1
                    known = dues.ahead.get(id_)
                    changes[id_] = None if known is None else known.not_found(self._context.clock())
                    continue
                received += promises.received
                rows += promises.rows
                without_event += promises.without_event
                changes[id_] = _due(issue, promises)
        dues.look(changes)
        new = await self._new(rows)
        if len(new) < len(rows):
            without_event[ALREADY_STORED] = len(rows) - len(new)
        return Page(received, new, without_event, commit=self._remember(dues, changes, progress))

    async def _promises(self, issues: Sequence[JsonObject]) -> list[Promises | None]:
        """Asked side by side; when one fails the others end by themselves: none is cancelled in flight."""

        async def one(issue: JsonObject) -> Promises | None:
            values = await self._feed.promises(str(issue["id"]))
            return None if values is None else read_promises(issue, values, self._context.clock())

        found = await asyncio.gather(*map(one, issues), return_exceptions=True)
        failed = next((each for each in found if isinstance(each, BaseException)), None)
        if failed is not None:
            raise failed
        return [each for each in found if not isinstance(each, BaseException)]

    async def _new(self, rows: list[RawRow]) -> list[RawRow]:
        """Those that are not stored yet."""
        ids = {row.identity: event_id(self._context.event, row.identity) for row in rows}
        stored = await self._context.known.existing([*ids.values()]) if ids else set()
        new = []
        for row in rows:
            id_ = ids[row.identity]
            if id_ not in stored and id_ not in self._emitted:
                self._emitted.add(id_)
                new.append(row)
        return new

    def _remember(
        self, dues: Dues, changes: dict[str, Due | None], progress: Progress
    ) -> Callable[[], Awaitable[None]]:
        async def commit() -> None:
            await dues.save(changes)
            await self._context.memory.save(_PROGRESS, progress.to_json())

        return commit


def _due(issue: JsonObject, promises: Promises) -> Due | None:
    return None if promises.due_ms is None else Due(promises.due_ms, str(issue.get("key", "")))
