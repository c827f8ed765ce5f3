"""Requests for issues, their histories and their comments.

Source: developer.atlassian.com/cloud/jira/platform/rest/v3 (issue search, issues, issue comments). Traps:

- Times in JQL are epoch milliseconds without quotes: quoted ones have minute precision in the zone of the
  account's profile (airbytehq/airbyte#48492).
- The last page of a search may lack ``isLast`` and give a token all the same; such a token repeats or leads
  to an empty page (shridhar-tl/jira-assistant#418).
- An issue's histories can span pages of the bulk changelog; at most 1000 issues may be asked for at once, and
  those that we may not see are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import FormatError, NotFoundError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.jira_issues.rows import FIELDS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

SEARCH: Final = "/rest/api/3/search/jql"
CHANGELOGS: Final = "/rest/api/3/changelog/bulkfetch"
PAGE_ISSUES: Final = 100
"""More are not given at once when fields are asked for, as measured by others."""
PAGE_CHANGES: Final = 1000
PAGE_COMMENTS: Final = 100
MOST_ISSUES: Final = 1000


class JiraWorkFeed:
    """Issues of one site as records."""

    def __init__(self, client: AtlassianClient) -> None:
        self._client = client

    async def searches(self) -> None:
        """Return when a search is answered to somebody who is logged in.

        Raises:
            SourceError: it is not.
        """
        body: JsonObject = {"jql": "updated >= -1m", "fields": ["id"], "maxResults": 1}
        await self._client.post(Api.JIRA, SEARCH, body, endpoint="jira-search")

    async def issues(self, from_ms: int, to_ms: int | None) -> AsyncGenerator[list[JsonValue]]:
        """Pages of issues whose last touch lies in the time, by that touch as the index knows it.

        Raises:
            SourceError: a page cannot be had or does not have the documented form.
        """
        end = "" if to_ms is None else f" AND updated <= {to_ms}"
        body: JsonObject = {
            "jql": f"updated >= {from_ms}{end} ORDER BY updated ASC, key ASC",
            "fields": [*FIELDS],
            "maxResults": PAGE_ISSUES,
        }
        async for answer in self._pages(SEARCH, body, "issues", "jira-search"):
            yield answer

    async def histories(self, issue_ids: Sequence[str]) -> AsyncGenerator[list[tuple[str, JsonValue]]]:
        """Pages of histories, each with the id of its issue; oldest first over all of them.

        Raises:
            SourceError: a page cannot be had or does not have the documented form.
        """
        for start in range(0, len(issue_ids), MOST_ISSUES):
            body: JsonObject = {
                "issueIdsOrKeys": [*issue_ids[start : start + MOST_ISSUES]],
                "maxResults": PAGE_CHANGES,
            }
            async for logs in self._pages(CHANGELOGS, body, "issueChangeLogs", "jira-changelog"):
                yield [each for log in logs for each in _histories(log)]

    async def comments(self, issue_id: str) -> Listing | None:
        """All comments of an issue; None when the issue is not there, or no longer for us.

        Raises:
            SourceError: a page cannot be had or does not have the documented form.
        """
        listing = Listing()
        path = f"/rest/api/3/issue/{issue_id}/comment"
        while True:
            params: dict[str, str | int] = {
                "startAt": listing.received,
                "maxResults": PAGE_COMMENTS,
                "orderBy": "created",
            }
            try:
                answer = await self._client.get(Api.JIRA, path, params, endpoint="jira-comments")
            except NotFoundError:
                return None
            found = answer.value.get("comments") if isinstance(answer.value, dict) else None
            total = answer.value.get("total") if isinstance(answer.value, dict) else None
            if not isinstance(found, list):
                raise _without("comments")
            if not listing.add(found, total):
                return listing

    async def _pages(
        self, path: str, body: JsonObject, name: str, endpoint: str
    ) -> AsyncGenerator[list[JsonValue]]:
        """Pages by token, until there is none, it repeats, or a page is empty."""
        tokens: set[str] = set()
        while True:
            answer = await self._client.post(Api.JIRA, path, body, endpoint=endpoint)
            found = answer.value.get(name) if isinstance(answer.value, dict) else None
            if not isinstance(answer.value, dict) or not isinstance(found, list):
                raise _without(name)
            if not found:
                return
            yield found
            token = answer.value.get("nextPageToken")
            if not isinstance(token, str) or not token or token in tokens:
                return
            tokens.add(token)
            body = {**body, "nextPageToken": token}


class Listing:
    """The comments of an issue, page by page, and whether the pages fit together.

    Pages are counted from the start, so a comment that is deleted meanwhile moves one past the border of the
    page before it. What is missing from such a listing proves nothing.
    """

    def __init__(self) -> None:
        self.records: list[JsonValue] = []
        self.received = 0
        self._totals: set[int] = set()
        self._is_counted = True

    def add(self, page: list[JsonValue], total: JsonValue) -> bool:
        """Take a page; whether another one follows."""
        self.records += page
        self.received += len(page)
        if not isinstance(total, int) or isinstance(total, bool):
            self._is_counted = False
            return bool(page)
        self._totals.add(total)
        return bool(page) and self.received < total

    @property
    def ids(self) -> set[str]:
        """The comments that are there."""
        return {
            str(record["id"])
            for record in self.records
            if isinstance(record, dict) and isinstance(record.get("id"), str)
        }

    @property
    def is_whole(self) -> bool:
        """Whether every comment is in it for certain, so that one that is not there is no more."""
        return self._is_counted and self._totals == {len(self.ids)} and len(self.ids) == self.received


def _histories(log: JsonValue) -> list[tuple[str, JsonValue]]:
    """The histories of one issue on a page."""
    issue_id = log.get("issueId") if isinstance(log, dict) else None
    found = log.get("changeHistories") if isinstance(log, dict) else None
    if not isinstance(issue_id, str) or not isinstance(found, list):
        raise _without("changeHistories")
    return [(issue_id, history) for history in found]


def _without(name: str) -> FormatError:
    return FormatError(f"the answer has no list of {name}", status=SourceStatus.UNREADABLE)
