"""Organisations of a service desk and their customers, as far as they are visible to us.

Source: developer.atlassian.com/cloud/jira/service-desk/rest, group "Organization". ``size`` counts the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.people.roster import SeenGroup
from atlaslens_forwarder.sources.people.answers import account_of, objects_in, text

if TYPE_CHECKING:
    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.people.roster import Roster

ORGANISATIONS: Final = "/rest/servicedeskapi/organization"
PAGE: Final = 50
KIND: Final = "organisation"
_CUSTOMER: Final = "customer"
_CUSTOMER_PREFIX: Final = "qm:"


class DeskPeople:
    """Asks the service desk of one site."""

    def __init__(self, client: AtlassianClient, cloud_id: str) -> None:
        self._client = client
        self._cloud_id = cloud_id

    async def organisations(self, roster: Roster) -> None:
        """All organisations with their customers; none where there is no service desk for us.

        Raises:
            TransientError: it may be had later.
            FormatError: an answer does not have the documented form.
        """
        try:
            listed, whole = await self._all(ORGANISATIONS, "jsm-organisations")
        except AccessError as error:
            if error.status is SourceStatus.EXPIRED:
                raise
            return  # no agent's licence, no such product
        for one in listed:
            number, name = text(one, "id"), text(one, "name")
            if not number:
                continue
            key = f"organisation:{self._cloud_id}:{number}"
            try:
                users, all_of_them = await self._all(
                    f"{ORGANISATIONS}/{number}/user", "jsm-organisation-users"
                )
            except NotFoundError:
                continue  # deleted meanwhile
            except AccessError:
                roster.groups[key] = SeenGroup(key, name, KIND)
                continue
            members = set()
            for user in users:
                is_customer = text(user, "accountId").startswith(_CUSTOMER_PREFIX)
                seen = account_of(user, _CUSTOMER if is_customer else "")
                if seen is not None:
                    roster.add(seen)
                    members.add(seen.key)
            roster.groups[key] = SeenGroup(key, name, KIND, frozenset(members), all_of_them)
        if whole:
            roster.whole_kinds.add(KIND)

    async def _all(self, path: str, endpoint: str) -> tuple[list[JsonObject], bool]:
        """Every value, and whether the server said that the last page was the last.

        It counts nothing, so a list of several pages may have shifted meanwhile: it is read once more where
        the second reading does not find the same.
        """
        first, pages = await self._once(path, endpoint)
        if pages <= 1:
            return [*first.values()], True
        second, _ = await self._once(path, endpoint)
        return [*(first | second).values()], first.keys() == second.keys()

    async def _once(self, path: str, endpoint: str) -> tuple[dict[str, JsonObject], int]:
        found: dict[str, JsonObject] = {}
        start, pages = 0, 0
        while True:
            params: dict[str, str | int] = {"start": start, "limit": PAGE}
            answer = await self._client.get(Api.JIRA, path, params, endpoint=endpoint)
            page = answer.value
            if not isinstance(page, dict):
                raise FormatError("the answer is no page", status=SourceStatus.UNREADABLE)
            values = objects_in(page.get("values"), "values")
            found |= {text(value, "accountId") or text(value, "id"): value for value in values}
            start, pages = start + len(values), pages + 1
            if page.get("isLastPage") is True or not values:
                return found, pages
