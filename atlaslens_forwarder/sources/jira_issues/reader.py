"""Reads windows of issues: each issue that was touched in a window, with all that it ever went through.

What is found by its last touch is read in full, so a window is covered when every issue whose last touch
lies in it was read. An issue that is touched again leaves the window for a newer one, which finds it.

The end of a window: the index can know an older touch of an issue than its record tells, so the order of an
answer does not show in the ``updated`` of its issues, and one that lies past the end is no proof that all
further ones do. Therefore old windows are bounded in the query. Those that end in the present are not: an
issue that is touched each minute would always be past their end.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import HOUR_MS, parse_iso_ms
from atlaslens_forwarder.normalise.jira_work import event_id
from atlaslens_forwarder.sources.jira_account import prove_account
from atlaslens_forwarder.sources.jira_issues.feed import JiraWorkFeed
from atlaslens_forwarder.sources.jira_issues.rows import (
    changed_row,
    comment_rows,
    created_row,
    deleted_comment_row,
    issue_id,
    updated_ms,
)
from atlaslens_forwarder.sources.jira_records import slim
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from atlaslens_forwarder.cursor.intervals import Interval
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.event import RawRow
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.jira_issues.feed import Listing
    from atlaslens_forwarder.sources.source import SourceContext

INDEX_LAG_MS: Final = 12 * HOUR_MS
"""How late the search index may learn of a touch: hours were met (estuary/connectors#3486)."""
REPEATED: Final = "page_border"
"""Reason of a comment without event: it moved to the next page meanwhile and came again."""
FOREIGN: Final = "outside_window"
"""Reason of a history without event: it is of an issue that was not asked for."""
_KNOWN_FIELDS: Final = ("@timestamp", "atlassian.object.id", "atlassian.work_item.id")


class JiraIssuesReader:
    """Reads windows of one site's issues; one reader serves all windows of a round."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._feed = JiraWorkFeed(context.client)
        self._deleted_at_ms: dict[str, int] = {}

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`."""
        await prove_account(self._context.client)
        await self._feed.searches()

    async def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        settled_ms = self._context.clock() - INDEX_LAG_MS
        to_ms = window.to_ms if window.to_ms < settled_ms else None
        async for records in self._feed.issues(window.from_ms, to_ms):
            issues = [slim(record) for record in records]
            yield Page(len(issues), [created_row(issue) for issue in issues])
            by_id = {issue_id(issue): issue for issue in issues if issue_id(issue)}
            async for page in self._changes(by_id):
                yield page
            page = await self._comments(by_id)
            page.delivered = _delivered(issues, window, settled_ms)
            yield page

    async def _changes(self, issues: dict[str, JsonObject]) -> AsyncGenerator[Page]:
        async for histories in self._feed.histories([*issues]):
            rows = [changed_row(issues[one], record) for one, record in histories if one in issues]
            foreign = len(histories) - len(rows)
            yield Page(len(histories), rows, +Counter({FOREIGN: foreign}))

    async def _comments(self, issues: dict[str, JsonObject]) -> Page:
        rows: dict[str, RawRow] = {}
        received = 0
        listings: dict[str, Listing] = {}
        for one, issue in issues.items():
            listing = await self._feed.comments(one)
            if listing is None:
                continue  # deleted or hidden since it was found: the audit log knows, we do not
            listings[one] = listing
            for record in listing.records:
                deeds = comment_rows(issue, record)
                received += len(deeds)
                rows |= {row.identity: row for row in deeds}
        repeated = received - len(rows)
        deleted = await self._deleted(issues, listings)
        return Page(received + len(deleted), [*rows.values(), *deleted], +Counter({REPEATED: repeated}))

    async def _deleted(self, issues: dict[str, JsonObject], listings: dict[str, Listing]) -> list[RawRow]:
        """Comments that we have events of and that a whole listing of a readable issue no longer shows.

        Their time is the issue's last touch: the deletion is one, so it was not later, and mostly exactly
        then. The time of the look would be off by as long as we were away.
        """
        whole = {one: listing for one, listing in listings.items() if listing.is_whole}
        last_ms: dict[tuple[str, str], int] = {}
        async for doc in self._known_comments([*whole]):
            about, comment_id, at_ms = _known(doc)
            if about in whole and comment_id and comment_id not in whole[about].ids:
                last_ms[about, comment_id] = max(at_ms, last_ms.get((about, comment_id), 0))
        found = [
            deleted_comment_row(issues[about], comment_id, self._end_ms(issues[about], comment_id, at_ms))
            for (about, comment_id), at_ms in sorted(last_ms.items())
        ]
        told = await self._context.known.existing([self._event_id(row) for row in found]) if found else set()
        return [row for row in found if self._event_id(row) not in told]

    async def _known_comments(self, issue_ids: list[str]) -> AsyncGenerator[JsonObject]:
        if issue_ids:
            terms = {
                "organization.id": [self._context.event.cloud_id],
                "event.dataset": ["atlassian.jira_comment"],
                "atlassian.work_item.id": issue_ids,
            }
            async for doc in self._context.known.find(terms, _KNOWN_FIELDS):
                yield doc

    def _end_ms(self, issue: JsonObject, comment_id: str, known_ms: int) -> int:
        """When a comment ended, the same for all windows of a round, which may meet it side by side."""
        at_ms = max(updated_ms(issue) or 0, known_ms)
        return self._deleted_at_ms.setdefault(comment_id, at_ms)

    def _event_id(self, row: RawRow) -> str:
        return event_id(self._context.event, row.identity)


def _delivered(issues: list[JsonObject], window: Window, settled_ms: int) -> Interval | None:
    """What of the window is done with these issues.

    Issues come in the order of the index. A touch that is older than the index can lag is known to it, so
    whatever comes next was not touched before the last such one.
    """
    limit_ms = min(window.to_ms, settled_ms)
    times = [at_ms for issue in issues if (at_ms := updated_ms(issue)) is not None and at_ms <= limit_ms]
    end_ms = max(times, default=window.from_ms) - 1
    return (window.from_ms, end_ms) if end_ms >= window.from_ms else None


def _known(doc: JsonObject) -> tuple[str, str, int]:
    """Issue, comment and time of a stored event."""
    match doc:
        case {
            "@timestamp": str(moment),
            "atlassian": {"object": {"id": str(comment_id)}, "work_item": {"id": str(about)}},
        }:
            return about, comment_id, parse_iso_ms(moment)
    return "", "", 0
