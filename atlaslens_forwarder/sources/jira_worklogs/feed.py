"""Requests for worklogs: the two feeds of ids by time, and the worklogs themselves.

Source: developer.atlassian.com/cloud/jira/platform/rest/v3 (issue worklogs). A feed answers strictly after
``since``, oldest first, up to 1000 ids, and withholds the last minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import FormatError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

LIST: Final = "/rest/api/3/worklog/list"
MOST_IDS: Final = 1000


class Kind(StrEnum):
    """The two feeds."""

    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class FeedEntries:
    """A page of a feed; ``until_ms`` is the newest time it speaks for."""

    values: list[JsonValue]
    until_ms: int
    is_last: bool


class JiraWorklogFeed:
    """The worklogs of one site."""

    def __init__(self, client: AtlassianClient) -> None:
        self._client = client

    async def entries(self, kind: Kind, since_ms: int) -> FeedEntries:
        """Entries strictly after a time.

        Raises:
            SourceError: the page cannot be had or does not have the documented form.
        """
        path = f"/rest/api/3/worklog/{kind.value}"
        answer = await self._client.get(Api.JIRA, path, {"since": since_ms}, endpoint=f"jira-worklog-{kind}")
        match answer.value:
            case {"values": list(values), "until": int(until_ms), **rest}:
                is_last = rest.get("lastPage") is True or not values or until_ms <= since_ms
                return FeedEntries(values, until_ms, is_last)
        raise FormatError("the answer has no list of values with its end", status=SourceStatus.UNREADABLE)

    async def worklogs(self, ids: Sequence[int | str]) -> list[JsonValue]:
        """Those of the worklogs that are there and that we may see.

        Raises:
            SourceError: they cannot be had.
        """
        found: list[JsonValue] = []
        for start in range(0, len(ids), MOST_IDS):
            body: JsonObject = {"ids": [*ids[start : start + MOST_IDS]]}
            answer = await self._client.post(Api.JIRA, LIST, body, endpoint="jira-worklog-list")
            if not isinstance(answer.value, list):
                raise FormatError("the answer is no list of worklogs", status=SourceStatus.UNREADABLE)
            found += answer.value
        return found
