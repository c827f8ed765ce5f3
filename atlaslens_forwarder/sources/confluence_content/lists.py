"""The lists of Confluence's REST API v2, page by page.

Source: developer.atlassian.com/cloud/confluence/rest/v2. Lists know no filter by date;
``sort=-modified-date`` gives them newest first. The next page is ``_links.next`` or the ``Link`` header: path
and query of it are used as they stand, the cursor inside is never decoded. The end is a page without one, an
empty page, or a link that was followed before.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.access import Api, path_of
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from atlaslens_forwarder.http.client import Answer, AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject

V2: Final = "/wiki/api/v2"
PAGE_ROWS: Final = 250
_LINK: Final = re.compile(r"<([^>]+)>\s*;[^,]*\brel=\"?next\"?")


class Kind(StrEnum):
    """What an item is; the value is that of ``normalise.confluence_content.OBJECT_TYPES``."""

    PAGE = "page"
    BLOG_POST = "blogpost"
    FOOTER_COMMENT = "footer-comment"
    INLINE_COMMENT = "inline-comment"

    @property
    def path(self) -> str:
        """The list's address."""
        return f"{V2}/{self.value}s"

    @property
    def is_comment(self) -> bool:
        """Whether it stands on another item."""
        return self in {Kind.FOOTER_COMMENT, Kind.INLINE_COMMENT}


STATUSES: Final = {
    Kind.PAGE: "current,archived,trashed,deleted",
    Kind.BLOG_POST: "current,trashed,deleted",
}
"""All that a list can be asked for; comments are listed while they and what they stand on are there."""


class ContentLists:
    """The content of one Confluence site, as its lists show it now."""

    def __init__(self, client: AtlassianClient) -> None:
        self._client = client

    async def prove_access(self) -> None:
        """Ask who we are (anonymous visitors get an answer too), then for one page and one comment.

        Raises:
            SourceError: we are anonymous or may not read content.
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
        for kind in (Kind.PAGE, Kind.FOOTER_COMMENT):
            await self._client.get(Api.CONFLUENCE, kind.path, {"limit": 1}, endpoint=f"confluence-{kind}s")

    def items(self, kind: Kind) -> AsyncGenerator[list[JsonObject]]:
        """The pages of all items of a kind, last modified first.

        Raises:
            SourceError: a page cannot be had or does not have the documented form.
        """
        params: dict[str, str | int] = {"sort": "-modified-date", "limit": PAGE_ROWS}
        if kind in STATUSES:
            params["status"] = STATUSES[kind]
        return self._pages(kind.path, params, f"confluence-{kind}s")

    async def versions(self, kind: Kind, item_id: str) -> list[JsonObject] | None:
        """All versions of an item, oldest first; None where the item is not there any more.

        Raises:
            SourceError: they cannot be had.
        """
        params: dict[str, str | int] = {"sort": "modified-date", "limit": PAGE_ROWS}
        found: list[JsonObject] = []
        try:
            async for rows in self._pages(f"{kind.path}/{item_id}/versions", params, "confluence-versions"):
                found += rows
        except NotFoundError:
            return None
        return found

    async def find(self, kind: Kind, item_id: str) -> JsonObject | None:
        """One item, None where it is not there or hidden from us.

        Raises:
            SourceError: we cannot tell.
        """
        try:
            answer = await self._client.get(
                Api.CONFLUENCE, f"{kind.path}/{item_id}", {}, endpoint=f"confluence-{kind}"
            )
        except NotFoundError:
            return None
        return answer.value if isinstance(answer.value, dict) else {}

    async def spaces(self) -> dict[str, JsonObject]:
        """Key and name of every space, by its id.

        Raises:
            SourceError: they cannot be had.
        """
        found: dict[str, JsonObject] = {}
        async for rows in self._pages(f"{V2}/spaces", {"limit": PAGE_ROWS}, "confluence-spaces"):
            for row in rows:
                found[str(row.get("id"))] = {name: row.get(name) for name in ("key", "name")}
        return found

    async def _pages(
        self, path: str, params: Mapping[str, str | int], endpoint: str
    ) -> AsyncGenerator[list[JsonObject]]:
        followed: set[str] = set()
        answer = await self._client.get(Api.CONFLUENCE, path, params, endpoint=endpoint)
        while rows := rows_of(answer):
            yield rows
            following = next_path(answer)
            if following is None or following in followed:
                return
            followed.add(following)
            answer = await self._client.get(Api.CONFLUENCE, following, {}, endpoint=endpoint)


def rows_of(answer: Answer) -> list[JsonObject]:
    """The rows of a page; what is no object becomes one that says so.

    Raises:
        FormatError: the answer has no list of results.
    """
    results = answer.value.get("results") if isinstance(answer.value, dict) else None
    if not isinstance(results, list):
        raise FormatError("the answer has no list of results", status=SourceStatus.UNREADABLE)
    return [row if isinstance(row, dict) else {"not_an_object": row} for row in results]


def next_path(answer: Answer) -> str | None:
    """Path and query of the next page below any base address, None at the end.

    A link may be absolute, may lack ``/wiki`` or may begin with the gateway's own prefix.
    """
    links = answer.value.get("_links") if isinstance(answer.value, dict) else None
    link = links.get("next") if isinstance(links, dict) else None
    if not isinstance(link, str) or not link:
        match = _LINK.search(answer.headers.get("link", ""))
        link = match[1] if match else ""
    if not link:
        return None
    path = path_of(link)
    begins = path.partition("?")[0].find("/api/v2/")
    if begins < 0:
        raise FormatError("the link to the next page leads elsewhere", status=SourceStatus.UNREADABLE)
    return f"/wiki{path[begins:]}"
