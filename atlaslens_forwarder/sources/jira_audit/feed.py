"""Pages of ``GET /rest/api/3/auditing/record``.

Source: developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-audit-records. Both ends are inclusive,
``from`` = ``to`` answers nothing, ``total`` counts rows that paging never returns: the end is an empty page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import AccessError, FormatError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms
from atlaslens_forwarder.sources.audit_feed import FeedPage
from atlaslens_forwarder.sources.time_step import FeedRow

if TYPE_CHECKING:
    from collections import Counter

    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.sources.time_step import FeedRequest

PATH = "/rest/api/3/auditing/record"
PAGE_ROWS = 1000


class JiraAuditFeed:
    """The audit records of one Jira site."""

    def __init__(self, client: AtlassianClient) -> None:
        self._client = client

    async def prove_access(self) -> None:
        """Ask who we are (an expired token can answer 200 elsewhere), then for one record.

        Raises:
            SourceError: the account is unknown or may not read the audit log.
        """
        answer = await self._client.get(Api.JIRA, "/rest/api/3/myself", {}, endpoint="jira-myself")
        if not isinstance(answer.value, dict) or not answer.value.get("accountId"):
            raise AccessError(
                "Jira does not know our account", status=SourceStatus.EXPIRED, hint="create a new API token"
            )
        await self._client.get(Api.JIRA, PATH, {"limit": 1}, endpoint="jira-audit")

    async def fetch(self, request: FeedRequest) -> FeedPage:
        """One page, newest first.

        Raises:
            SourceError: the page cannot be had or does not have the documented form.
        """
        params: dict[str, str | int] = {
            # A window of one millisecond must be asked as [ms - 1, ms]; the pager leaves the first out again.
            "from": iso_ms(min(request.from_ms, request.to_ms - 1)),
            "to": iso_ms(request.to_ms),
            "offset": request.offset,
            "limit": PAGE_ROWS,
        }
        answer = await self._client.get(Api.JIRA, PATH, params, endpoint="jira-audit")
        records = answer.value.get("records") if isinstance(answer.value, dict) else None
        if not isinstance(records, list):
            raise FormatError("the audit answer has no list of records", status=SourceStatus.UNREADABLE)
        return FeedPage([_row(record) for record in records], at_end=not records)

    def identity(self, row: JsonObject, seen: Counter[str]) -> str:
        """The record's own id; a digest where it is missing, so that the row can be kept in quarantine."""
        found = row.get("id")
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        if isinstance(found, str) and found:
            return found
        digest = digest_hex(row)
        seen[digest] += 1
        return f"{digest}:{seen[digest] - 1}"


def _row(record: JsonValue) -> FeedRow:
    if not isinstance(record, dict):
        return FeedRow(None, {"not_an_object": record})
    created = record.get("created")
    try:
        return FeedRow(parse_iso_ms(created) if isinstance(created, str) else None, record)
    except (ValueError, OverflowError):
        return FeedRow(None, record)
