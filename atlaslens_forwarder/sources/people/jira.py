"""Accounts and groups of a Jira site.

Source: developer.atlassian.com/cloud/jira/platform/rest/v3, groups "Users", "User search" and "Groups".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.people.roster import SeenGroup
from atlaslens_forwarder.sources.people.answers import account_of, objects_in, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.people.roster import Roster

USERS: Final = "/rest/api/3/users/search"
BULK: Final = "/rest/api/3/user/bulk"
GROUPS: Final = "/rest/api/3/group/bulk"
MEMBERS: Final = "/rest/api/3/group/member"
PAGE_USERS: Final = 200
"""1,000 are allowed, but large pages of a large site are refused as too slow (409)."""
PAGE_GROUPS: Final = 50
IDS_PER_REQUEST: Final = 90
"""More make the address longer than some proxies take."""
KIND: Final = "group"


class JiraPeople:
    """Asks one Jira site."""

    def __init__(self, client: AtlassianClient) -> None:
        self._client = client

    async def myself(self) -> str:
        """Our own account id, which proves that the token is accepted.

        Raises:
            SourceError: it is not.
        """
        answer = await self._client.get(Api.JIRA, "/rest/api/3/myself", {}, endpoint="jira-myself")
        found = text(answer.value, "accountId") if isinstance(answer.value, dict) else ""
        if not found:
            raise AccessError(
                "Jira does not know our account", status=SourceStatus.EXPIRED, hint="create a new API token"
            )
        return found

    async def prove_access(self) -> None:
        """Return when our account may list accounts and groups.

        Raises:
            SourceError: it may not, or we cannot tell.
        """
        await self.myself()
        await self._client.get(Api.JIRA, USERS, {"maxResults": 1}, endpoint="jira-users")
        await self._client.get(Api.JIRA, GROUPS, {"maxResults": 1}, endpoint="jira-groups")

    async def accounts(self, roster: Roster) -> None:
        """All accounts: active, inactive, apps and customers.

        A page may be short, because accounts we may not see take up positions, or because the server gives
        fewer than asked for. So each next page begins where the accounts that came end, which repeats some
        and misses none, and only an empty page, with another one after it, is the end.

        Raises:
            SourceError: the list was not read to its end.
        """
        start, empty = 0, 0
        while empty <= 1:
            params: dict[str, str | int] = {"startAt": start, "maxResults": PAGE_USERS}
            answer = await self._client.get(Api.JIRA, USERS, params, endpoint="jira-users")
            users = objects_in(answer.value, "users")
            for user in users:
                seen = account_of(user)
                if seen is not None:
                    roster.add(seen)
            empty = 0 if users else empty + 1
            start += len(users) or PAGE_USERS

    async def look_up(self, roster: Roster, ids: Iterable[str], own_id: str) -> None:
        """Accounts by id, for those that no list shows; whoever is not found is gone.

        Our own account is asked for each time: an answer without it proves nothing about the others.

        Raises:
            SourceError: an answer cannot be had.
        """
        wanted = sorted({*ids} - {own_id})
        for begin in range(0, len(wanted), IDS_PER_REQUEST - 1):
            part = wanted[begin : begin + IDS_PER_REQUEST - 1]
            params: dict[str, str | int | list[str]] = {
                "accountId": [own_id, *part],
                "maxResults": IDS_PER_REQUEST,
            }
            found: set[str] = set()
            async for user in self._values(BULK, params, "jira-user-bulk"):
                seen = account_of(user)
                if seen is not None:
                    roster.add(seen)
                    found.add(seen.account_id)
            if own_id in found:
                roster.checked |= {*part}
                roster.gone |= {*part} - found

    async def groups(self, roster: Roster) -> None:
        """All groups with their members, inactive ones too.

        Raises:
            SourceError: something was not read to its end; the roster says what was.
        """
        listed, whole = await self._counted(GROUPS, {}, "jira-groups")
        for one in listed:
            group_id, name = text(one, "groupId"), text(one, "name")
            if not group_id:
                continue
            roster.groups[group_id] = SeenGroup(group_id, name, KIND)
            query = {"groupId": group_id, "includeInactiveUsers": "true"}
            try:
                users, all_of_them = await self._counted(MEMBERS, query, "jira-group-members")
            except NotFoundError:
                del roster.groups[group_id]  # deleted meanwhile
                continue
            seen = [account for account in map(account_of, users) if account is not None]
            for account in seen:
                roster.add(account)
            members = frozenset(account.key for account in seen)
            roster.groups[group_id] = SeenGroup(group_id, name, KIND, members, all_of_them)
        if whole:
            roster.whole_kinds.add(KIND)

    async def _counted(
        self, path: str, query: dict[str, str], endpoint: str
    ) -> tuple[list[JsonObject], bool]:
        """Every value of a list, and whether these are all.

        Somebody who leaves while we page shifts the rest up by one, so that one of them is skipped. The
        number of different values against the one that the server counts shows it.
        """
        counts: set[object] = set()
        found: dict[str, JsonObject] = {}
        async for value in self._values(path, query, endpoint, counts):
            found[text(value, "accountId") or text(value, "groupId")] = value
        return [*found.values()], counts == {len(found)}

    async def _values(
        self,
        path: str,
        query: Mapping[str, str | int | list[str]],
        endpoint: str,
        counts: set[object] | None = None,
    ) -> AsyncIterator[JsonObject]:
        start = 0
        while True:
            params: dict[str, str | int | list[str]] = {"maxResults": PAGE_GROUPS, **query, "startAt": start}
            answer = await self._client.get(Api.JIRA, path, params, endpoint=endpoint)
            page = answer.value
            if not isinstance(page, dict):
                raise FormatError("the answer is no page", status=SourceStatus.UNREADABLE)
            values = objects_in(page.get("values"), "values")
            if counts is not None:
                counts.add(page.get("total"))
            for value in values:
                yield value
            start += len(values)
            if not values or page.get("isLast") is True:
                return
