"""Asking Bitbucket Cloud 2.0: pages, repositories, and whether we may.

Source: developer.atlassian.com/cloud/bitbucket/rest. A page is ``{values, next?}``; ``next`` is absolute
and only its path and query are used. Where a list is paged by number, rows that come or go meanwhile shift
it, so lists in the order of a time are asked anew from the last time seen (:meth:`BitbucketClient.by_time`).
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.access import Api, path_of
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

    Params = Mapping[str, str | int | Sequence[str]]

PAGE_ROWS = 100
PULL_REQUEST_PAGE_ROWS = 50
"""Pull requests and their activity refuse more (BCLOUD-13229)."""
_API = "/2.0"


@dataclass(frozen=True, slots=True)
class BitbucketPage:
    """One page of a list; ``next_path`` is empty at its end."""

    values: list[JsonObject]
    next_path: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, known by its uuid for ever; its names are those of the moment."""

    workspace: str
    uuid: str
    full_name: str
    url: str
    created_on: str

    @property
    def path(self) -> str:
        """Where it is in the API; the uuid stands in the address, so that a rename changes nothing."""
        return f"/repositories/{quote(self.workspace, safe='')}/{quote(self.uuid, safe='')}"

    @property
    def as_json(self) -> JsonObject:
        """What normalisers are told of it."""
        return {"uuid": self.uuid, "full_name": self.full_name, "url": self.url}


class BitbucketClient:
    """The lists of Bitbucket that more than one source reads."""

    def __init__(self, client: AtlassianClient) -> None:
        self._client = client

    async def prove_access(self, workspaces: Sequence[str]) -> None:
        """Return when Bitbucket knows our account, or shows us a workspace at least.

        Access tokens of workspaces and repositories have no account, so ``/user`` refuses them.

        Raises:
            SourceError: neither.
        """
        try:
            await self._client.get(Api.BITBUCKET, f"{_API}/user", {}, endpoint="bitbucket-user")
        except AccessError:
            await self._prove_workspace(workspaces)

    async def _prove_workspace(self, workspaces: Sequence[str]) -> None:
        refusal: AccessError | None = None
        for workspace in workspaces:
            try:
                await self.page(_workspace_path(workspace), {"pagelen": 1}, endpoint="bitbucket-repositories")
            except AccessError as error:
                refusal = error
            else:
                return
        raise refusal or AccessError(
            "no Bitbucket workspace is set",
            status=SourceStatus.NO_PERMISSION,
            hint="set BITBUCKET__WORKSPACES of the site",
        )

    async def object(self, path: str, *, endpoint: str) -> JsonObject:
        """One object.

        Raises:
            SourceError: it cannot be had.
        """
        answer = await self._client.get(Api.BITBUCKET, _API + path, {}, endpoint=endpoint)
        if not isinstance(answer.value, dict):
            raise FormatError("the answer is no object", status=SourceStatus.UNREADABLE)
        return answer.value

    async def page(self, path: str, params: Params, *, endpoint: str) -> BitbucketPage:
        """One page of a list; ``path`` begins below ``/2.0``.

        Raises:
            SourceError: it cannot be had or has no list of values.
        """
        return _page((await self._client.get(Api.BITBUCKET, _API + path, params, endpoint=endpoint)).value)

    async def form_page(self, path: str, form: JsonObject, *, endpoint: str) -> BitbucketPage:
        """One page of a list that is asked for with a form, where the query would be too long."""
        answer = await self._client.post(Api.BITBUCKET, _API + path, form, endpoint=endpoint, as_form=True)
        return _page(answer.value)

    async def next_page(self, page: BitbucketPage, *, endpoint: str) -> BitbucketPage:
        """The page after a page that has one."""
        return _page((await self._client.get(Api.BITBUCKET, page.next_path, {}, endpoint=endpoint)).value)

    async def pages(
        self, path: str, params: Params, *, endpoint: str, first: BitbucketPage | None = None
    ) -> AsyncGenerator[BitbucketPage]:
        """All pages of a list, by ``next``.

        Raises:
            FormatError: a link leads back to a page that was read.
            SourceError: a page cannot be had.
        """
        page = first or await self.page(path, params, endpoint=endpoint)
        met: set[str] = set()
        yield page
        while page.next_path:
            if page.next_path in met:
                raise FormatError("a list leads back to its own pages", status=SourceStatus.UNREADABLE)
            met.add(page.next_path)
            page = await self.next_page(page, endpoint=endpoint)
            yield page

    async def by_time(
        self, path: str, params: Params, field: str, since: str, *, endpoint: str
    ) -> AsyncGenerator[BitbucketPage]:
        """The pages of a list in the order of a time field, oldest first; an empty ``since`` means all.

        Each page is asked for anew from the last time seen, so a row that moves to the end meanwhile makes
        no other row slip through; rows at the border come twice. ``next`` is followed only where all rows
        of a page have one time, or have been seen.

        Raises:
            SourceError: a page cannot be had.
        """
        bound, seen = since, set[str]()
        while True:
            query = {**params, "sort": field} | ({"q": f'{field}>="{bound}"'} if bound else {})
            last: JsonValue = None
            async with aclosing(self.pages(path, query, endpoint=endpoint)) as pages:
                async for page in pages:
                    keys = {_key(value, field) for value in page.values}
                    has_new = not keys <= seen
                    seen |= keys
                    yield page
                    if not page.next_path:
                        return
                    last = page.values[-1].get(field) if page.values else None
                    if has_new and isinstance(last, str) and last != bound:
                        break
            bound = str(last)

    async def repositories(self, workspace: str) -> list[Repository]:
        """All repositories of a workspace that we may see.

        Raises:
            SourceError: the list cannot be read to its end.
        """
        found: dict[str, Repository] = {}
        pages = self.by_time(
            _workspace_path(workspace),
            {"pagelen": PAGE_ROWS},
            "created_on",
            "",
            endpoint="bitbucket-repositories",
        )
        try:
            async for page in pages:
                for value in page.values:
                    repository = _repository(workspace, value)
                    found[repository.uuid] = repository
        except NotFoundError as error:
            raise AccessError(
                f"Bitbucket shows us no workspace {workspace}",
                status=error.status,
                hint="check BITBUCKET__WORKSPACES, and that the account is a member",
            ) from error
        return [*found.values()]


def _workspace_path(workspace: str) -> str:
    return f"/repositories/{quote(workspace, safe='')}"


def _key(value: JsonObject, field: str) -> str:
    return f"{value.get('uuid', value.get('id'))}:{value.get(field)}"


def _page(value: JsonValue) -> BitbucketPage:
    values = value.get("values") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(values, list):
        raise FormatError("the answer has no list of values", status=SourceStatus.UNREADABLE)
    following = value.get("next")
    rows: list[JsonObject] = [row if isinstance(row, dict) else {"not_an_object": row} for row in values]
    return BitbucketPage(rows, path_of(following) if isinstance(following, str) else "")


def _repository(workspace: str, value: JsonObject) -> Repository:
    uuid, name, links = value.get("uuid"), value.get("full_name"), value.get("links")
    if not isinstance(uuid, str) or not uuid:
        raise FormatError("a repository has no uuid", status=SourceStatus.UNREADABLE)
    html = links.get("html") if isinstance(links, dict) else None
    href = html.get("href") if isinstance(html, dict) else None
    created = value.get("created_on")
    return Repository(
        workspace,
        uuid,
        name if isinstance(name, str) else f"{workspace}/{uuid}",
        href if isinstance(href, str) else "",
        created if isinstance(created, str) else "",
    )
