"""Organisations and their customers, as entries to remember.

Source: developer.atlassian.com/cloud/jira/service-desk/rest, group "Organization". ``size`` is the count of
the page; the end is ``isLastPage``, or an empty page where that is missing. An account that is no agent is
shown its own organisations only, so one that is missing counts as deleted only when it is not found by its id
either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.listings import Entry, read_listing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.listings import Listing
    from atlaslens_forwarder.sources.snapshots import Snapshot

_ORGANIZATIONS: Final = "/rest/servicedeskapi/organization"
_PAGE_ROWS: Final = 50


class OrganizationLists:
    """Asks for the lists; each raises ``SourceError`` when it cannot be read to its end."""

    def __init__(self, client: AtlassianClient) -> None:
        self._client = client

    async def prove_access(self) -> None:
        """Ask who we are (an expired token can answer 200 elsewhere), then for one organisation.

        Raises:
            SourceError: the account is unknown or may not see organisations.
        """
        answer = await self._client.get(Api.JIRA, "/rest/api/3/myself", {}, endpoint="jira-myself")
        if not isinstance(answer.value, dict) or not answer.value.get("accountId"):
            raise AccessError(
                "Jira does not know our account", status=SourceStatus.EXPIRED, hint="create a new API token"
            )
        await self._client.get(Api.JIRA, _ORGANIZATIONS, {"limit": 1}, endpoint="jsm-organizations")

    async def organizations(self, before: Snapshot | None) -> Listing:
        """All organisations, by id."""
        return await read_listing(
            lambda: self._pages(_ORGANIZATIONS, "jsm-organizations"), _organization, before
        )

    async def customers(self, organization: str, before: Snapshot | None) -> Listing:
        """The customers of an organisation, by account id."""
        path = f"{_ORGANIZATIONS}/{quote(organization, safe='')}/user"
        return await read_listing(lambda: self._pages(path, "jsm-organization-users"), _customer, before)

    async def is_gone(self, organization: str) -> bool:
        """Whether an organisation that is not listed any more is not found when asked for either."""
        path = f"{_ORGANIZATIONS}/{quote(organization, safe='')}/user"
        try:
            await self._client.get(Api.JIRA, path, {"limit": 1}, endpoint="jsm-organization-users")
        except NotFoundError:
            return True
        except AccessError as error:
            if error.status is not SourceStatus.NO_PERMISSION:
                raise
        return False

    async def _pages(self, path: str, endpoint: str) -> AsyncIterator[list[JsonObject]]:
        start = 0
        while True:
            answer = await self._client.get(
                Api.JIRA, path, {"start": start, "limit": _PAGE_ROWS}, endpoint=endpoint
            )
            found = answer.value if isinstance(answer.value, dict) else {}
            values = found.get("values")
            if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
                raise FormatError(
                    "a service desk list has no list of objects", status=SourceStatus.UNREADABLE
                )
            yield [value for value in values if isinstance(value, dict)]
            if not values or found.get("isLastPage") is True:
                return
            start += len(values)


def _text(source: JsonObject, key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""


def _organization(row: JsonObject) -> Entry | None:
    number = row.get("id")
    if isinstance(number, bool) or not isinstance(number, int | str) or number == "":
        return None
    return Entry(str(number), {"uuid": _text(row, "uuid"), "name": _text(row, "name")})


def _customer(row: JsonObject) -> Entry | None:
    account_id = _text(row, "accountId")
    return Entry(account_id, {}, account_id, _text(row, "displayName")) if account_id else None
