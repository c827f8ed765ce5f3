"""What is asked of Jira and of the service desk to know which promises are broken.

Sources: developer.atlassian.com Jira platform v3 (project search, JQL search) and service-desk ("Get sla
information"). ``GET /request`` shows an account little but its own requests, and the switch that showed all
is deprecated; requests are Jira issues, so they are found by JQL on the projects of service desks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import parse_iso_ms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

DESK: Final = "/rest/servicedeskapi"
SEARCH: Final = "/rest/api/3/search/jql"
PAGE_ISSUES: Final = 50
"""Each issue costs a request of its own; a page this short keeps what a broken-off poll got."""
_PAGE_PROMISES: Final = 50
_PAGE_PROJECTS: Final = 100
_MOST_PAGES: Final = 100
"""Of projects, and of promises on one request: more means that the server repeats itself."""


class DeskFeed:
    """The service desks of one site."""

    def __init__(self, client: AtlassianClient) -> None:
        self._client = client

    async def prove_access(self) -> None:
        """Ask who we are, and whether the service desk answers us, where there is one.

        Raises:
            SourceError: the account is unknown, or the desk does not answer it.
        """
        answer = await self._client.get(Api.JIRA, "/rest/api/3/myself", {}, endpoint="jira-myself")
        if not isinstance(answer.value, dict) or not answer.value.get("accountId"):
            raise AccessError(
                "Jira does not know our account", status=SourceStatus.EXPIRED, hint="create a new API token"
            )
        if await self.desks():
            await self._client.get(Api.JIRA, f"{DESK}/request", {"limit": 1}, endpoint="jsm-requests")

    async def desks(self) -> list[str]:
        """Ids of the projects that are service desks.

        Raises:
            SourceError: they cannot be listed.
        """
        ids: list[str] = []
        for _ in range(_MOST_PAGES):
            answer = await self._client.get(
                Api.JIRA,
                "/rest/api/3/project/search",
                {"typeKey": "service_desk", "startAt": len(ids), "maxResults": _PAGE_PROJECTS},
                endpoint="jira-projects",
            )
            page = _object(answer.value, "projects")
            values = _list(page, "values", "projects")
            ids += [str(value.get("id")) for value in values if isinstance(value, dict)]
            if not values or page.get("isLast") is True:
                return ids
        raise FormatError("the list of projects does not end", status=SourceStatus.UNREADABLE)

    async def touched(self, desks: list[str], since_ms: int) -> AsyncIterator[list[JsonObject]]:
        """Requests touched since then, page by page, the longest untouched first; no upper bound.

        The end is a page without token, with the token it was asked with, or without issues.

        Raises:
            SourceError: they cannot be listed to the end.
        """
        body: JsonObject = {
            "jql": f"project in ({', '.join(desks)}) AND updated >= {since_ms} ORDER BY updated ASC, key ASC",
            "fields": ["summary", "issuetype", "updated"],
            "maxResults": PAGE_ISSUES,
        }
        while True:
            answer = await self._client.post(Api.JIRA, SEARCH, body, endpoint="jira-search")
            page = _object(answer.value, "issues")
            issues = _list(page, "issues", "issues")
            if not issues:
                return
            yield [issue for issue in issues if isinstance(issue, dict)]
            token = page.get("nextPageToken")
            if page.get("isLast") is True or not isinstance(token, str) or token == body.get("nextPageToken"):
                return
            body = {**body, "nextPageToken": token}

    async def promises(self, issue_id: str) -> list[JsonValue] | None:
        """The promises on a request with all their cycles; None where this is no request, or hidden from us.

        Raises:
            SourceError: they cannot be read.
        """
        found: list[JsonValue] = []
        for _ in range(_MOST_PAGES):
            try:
                answer = await self._client.get(
                    Api.JIRA,
                    f"{DESK}/request/{issue_id}/sla",
                    {"start": len(found), "limit": _PAGE_PROMISES},
                    endpoint="jsm-sla",
                )
            except NotFoundError:
                return None
            page = _object(answer.value, "promises")
            values = _list(page, "values", "promises")
            found += values
            if not values or page.get("isLastPage") is True:
                return found
        raise FormatError("the list of promises does not end", status=SourceStatus.UNREADABLE)


def updated_ms(issue: JsonObject) -> int | None:
    """When an issue was touched last, None where that cannot be read."""
    fields = issue.get("fields")
    updated = fields.get("updated") if isinstance(fields, dict) else None
    try:
        return parse_iso_ms(updated) if isinstance(updated, str) else None
    except (ValueError, OverflowError):
        return None


def about(issue: JsonObject) -> JsonObject:
    """What events tell of an issue: ``id`` and ``key``, ``summary`` and ``type`` where they are texts."""
    fields = issue.get("fields")
    told = fields if isinstance(fields, dict) else {}
    kind = told.get("issuetype")
    named = {
        "key": issue.get("key"),
        "summary": told.get("summary"),
        "type": kind.get("name") if isinstance(kind, dict) else None,
    }
    found: JsonObject = {"id": str(issue.get("id"))}
    for name, value in named.items():
        if isinstance(value, str) and value:
            found[name] = value
    return found


def _object(value: JsonValue, what: str) -> JsonObject:
    if not isinstance(value, dict):
        raise FormatError(f"the answer with {what} is no object", status=SourceStatus.UNREADABLE)
    return value


def _list(page: JsonObject, name: str, what: str) -> list[JsonValue]:
    values = page.get(name)
    if not isinstance(values, list):
        raise FormatError(f"the answer has no list of {what}", status=SourceStatus.UNREADABLE)
    return values
