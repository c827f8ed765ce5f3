"""Pages of ``GET /wiki/rest/api/audit``.

Source: developer.atlassian.com/cloud/confluence/rest/v1/api-group-audit. Times are epoch milliseconds,
inclusive; the server may lower ``limit``; ``size`` is not reliable. The end is a page without
``_links.next`` that is shorter than the limit the *answer* states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import AccessError, FormatError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.normalise.read_time_names import identity_view
from atlaslens_forwarder.sources.audit_feed import FeedPage
from atlaslens_forwarder.sources.time_step import FeedRow

if TYPE_CHECKING:
    from collections import Counter

    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.sources.time_step import FeedRequest

PATH = "/wiki/rest/api/audit"
PAGE_ROWS = 1000
LATEST_MS = 253_402_300_799_999
"""The end of the year 9999; a later time is no time."""


class ConfluenceAuditFeed:
    """The audit records of one Confluence site."""

    def __init__(self, client: AtlassianClient) -> None:
        self._client = client

    async def prove_access(self) -> None:
        """Ask who we are (anonymous visitors get an answer too), then for one record.

        Raises:
            SourceError: we are anonymous or may not read the audit log.
        """
        answer = await self._client.get(
            Api.CONFLUENCE, "/wiki/rest/api/user/current", {}, endpoint="confluence-current-user"
        )
        if not isinstance(answer.value, dict) or answer.value.get("type") == "anonymous":
            raise AccessError(
                "Confluence takes us for an anonymous visitor",
                status=SourceStatus.EXPIRED,
                hint="create a new API token",
            )
        await self._client.get(Api.CONFLUENCE, PATH, {"limit": 1}, endpoint="confluence-audit")

    async def fetch(self, request: FeedRequest) -> FeedPage:
        """One page, newest first.

        Raises:
            SourceError: the page cannot be had or does not have the documented form.
        """
        params: dict[str, str | int] = {
            "startDate": request.from_ms,
            "endDate": request.to_ms,
            "start": request.offset,
            "limit": PAGE_ROWS,
        }
        answer = await self._client.get(Api.CONFLUENCE, PATH, params, endpoint="confluence-audit")
        value = answer.value
        results = value.get("results") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(results, list):
            raise FormatError("the audit answer has no list of results", status=SourceStatus.UNREADABLE)
        limit, links = value.get("limit"), value.get("_links")
        short = isinstance(limit, int) and len(results) < limit
        has_next = isinstance(links, dict) and bool(links.get("next"))
        return FeedPage([_row(result) for result in results], at_end=not results or (short and not has_next))

    def identity(self, row: JsonObject, seen: Counter[str]) -> str:
        """SHA-256 of the row without names resolved at read time, and a counter among equal rows."""
        digest = digest_hex(identity_view(row))
        seen[digest] += 1
        return f"{digest}:{seen[digest] - 1}"


def _row(record: JsonValue) -> FeedRow:
    if not isinstance(record, dict):
        return FeedRow(None, {"not_an_object": record})
    created = record.get("creationDate")
    if isinstance(created, int) and not isinstance(created, bool) and 0 <= created <= LATEST_MS:
        return FeedRow(created, record)
    return FeedRow(None, record)
