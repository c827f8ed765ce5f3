"""Proof that the account may read Jira's work, for every source that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import AccessError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from atlaslens_forwarder.http.client import AtlassianClient

MYSELF: Final = "/rest/api/3/myself"
PROJECTS: Final = "/rest/api/3/project/search"


async def prove_account(client: AtlassianClient) -> None:
    """Return when Jira knows us and shows us at least one project.

    Searches answer strangers, and accounts that may browse nothing, with an empty 200. Nothing may be read
    from such emptiness, so it is told apart from an idle site here.

    Raises:
        SourceError: the account is unknown, or sees no project.
    """
    answer = await client.get(Api.JIRA, MYSELF, {}, endpoint="jira-myself")
    if not isinstance(answer.value, dict) or not answer.value.get("accountId"):
        raise AccessError(
            "Jira does not know our account", status=SourceStatus.EXPIRED, hint="create a new API token"
        )
    answer = await client.get(Api.JIRA, PROJECTS, {"maxResults": 1}, endpoint="jira-projects")
    if not isinstance(answer.value, dict) or not answer.value.get("values"):
        raise AccessError(
            "the account sees no project of the site",
            status=SourceStatus.NO_PERMISSION,
            hint="give it the permission to browse projects",
        )
