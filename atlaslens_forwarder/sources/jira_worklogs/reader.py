"""Reads windows of worklogs: those whose last update, or whose end, lies in a window.

The feeds are exact and in order, so the first entry past the end of a window ends it, and what was read is
covered page by page.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.normalise.jira_work import event_id
from atlaslens_forwarder.sources.jira_account import prove_account
from atlaslens_forwarder.sources.jira_records import moment_ms
from atlaslens_forwarder.sources.jira_worklogs.feed import JiraWorklogFeed, Kind
from atlaslens_forwarder.sources.jira_worklogs.rows import (
    deleted_row,
    is_first_version,
    is_outdated,
    worklog_rows,
)
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.event import RawRow
    from atlaslens_forwarder.model.json import JsonValue
    from atlaslens_forwarder.sources.source import SourceContext

NOT_SERVED: Final = "not_served"
"""Reason of an entry without event: the worklog is gone by now, or on an issue that we may not see."""
STORED_BEFORE: Final = "stored_before"
"""Reason of a deed without event: it was stored when it was fresh, with what the record no longer shows."""
OUTSIDE: Final = "outside_window"


class JiraWorklogsReader:
    """Reads windows of one site's worklogs; one reader serves all windows of a round."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._feed = JiraWorklogFeed(context.client)
        self._fresh: set[str] = set()

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`."""
        await prove_account(self._context.client)
        await self._feed.entries(Kind.DELETED, self._context.clock())

    async def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        async for values, outside in self._entries(Kind.DELETED, window):
            rows = [deleted_row(value) for value in values]
            yield Page(len(rows) + outside, rows, +Counter({OUTSIDE: outside}))
        async for values, outside in self._entries(Kind.UPDATED, window):
            page = await self._worklogs(values)
            page.received += outside
            page.without_event += +Counter({OUTSIDE: outside})
            last_ms = _time_of(values[-1]) if values else None
            if last_ms is not None and last_ms <= window.to_ms:
                page.delivered = (window.from_ms, last_ms)
            yield page

    async def _entries(self, kind: Kind, window: Window) -> AsyncGenerator[tuple[list[JsonValue], int]]:
        """Entries of a window page by page, and how many lie past its end."""
        since_ms = window.from_ms - 1
        while True:
            found = await self._feed.entries(kind, since_ms)
            values = [value for value in found.values if not _is_past(value, window.to_ms)]
            yield values, len(found.values) - len(values)
            if found.is_last or len(values) < len(found.values) or found.until_ms >= window.to_ms:
                return
            since_ms = found.until_ms

    async def _worklogs(self, values: list[JsonValue]) -> Page:
        ids = list(dict.fromkeys(one for value in values if (one := _id_of(value)) is not None))
        records = await self._feed.worklogs(ids)
        rows = [row for record in records for row in worklog_rows(record)]
        kept = await self._not_told(rows)
        reasons = Counter({NOT_SERVED: len(values) - len(records), STORED_BEFORE: len(rows) - len(kept)})
        return Page(len(rows) + max(0, reasons[NOT_SERVED]), kept, +reasons)

    async def _not_told(self, rows: list[RawRow]) -> list[RawRow]:
        """Rows without those whose event was stored while more was to be seen.

        An edit hides how much was logged at first. The event of the first version is never altered; it is
        made without that only where nobody saw the version.
        """
        self._fresh |= {row.identity for row in rows if is_first_version(row)}
        outdated = {
            row.identity: event_id(self._context.event, row.identity) for row in rows if is_outdated(row)
        }
        stored = await self._context.known.existing([*outdated.values()]) if outdated else set()
        return [
            row
            for row in rows
            if row.identity not in outdated
            or (row.identity not in self._fresh and outdated[row.identity] not in stored)
        ]


def _id_of(value: JsonValue) -> int | str | None:
    found = value.get("worklogId") if isinstance(value, dict) else None
    return found if isinstance(found, int | str) and not isinstance(found, bool) else None


def _time_of(value: JsonValue) -> int | None:
    return moment_ms(value.get("updatedTime")) if isinstance(value, dict) else None


def _is_past(value: JsonValue, to_ms: int) -> bool:
    at_ms = _time_of(value)
    return at_ms is not None and at_ms > to_ms
