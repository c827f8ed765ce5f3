"""Members of Bitbucket workspaces: which uuid is which account.

Source: developer.atlassian.com/cloud/bitbucket/rest, group "Workspaces". No address is ever shown there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import FormatError
from atlaslens_forwarder.http.access import Api, path_of
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.people.answers import account_of, objects_in, text

if TYPE_CHECKING:
    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.people.roster import Roster

PAGE: Final = 100


async def read_members(client: AtlassianClient, workspace: str, roster: Roster) -> None:
    """The members of one workspace.

    Raises:
        SourceError: the list was not read to its end.
    """
    path = f"/2.0/workspaces/{workspace}/members?pagelen={PAGE}"
    asked: set[str] = set()
    while path and path not in asked:
        asked.add(path)
        answer = await client.get(Api.BITBUCKET, path, {}, endpoint="bitbucket-members")
        page = answer.value
        if not isinstance(page, dict):
            raise FormatError("the answer is no page", status=SourceStatus.UNREADABLE)
        for member in objects_in(page.get("values"), "members"):
            user = member.get("user")
            seen = account_of(user) if isinstance(user, dict) else None
            if seen is not None:
                roster.add(seen)
        path = path_of(text(page, "next"))
