"""Reading commits: what the branches of a repository reach now and did not reach when we last looked.

Never by date: a commit's date is its author's word, late pushes are older than what was read before, and one
date in the future would stop a cursor for good.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.window import Purpose
from atlaslens_forwarder.errors import NotFoundError
from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.normalise.bitbucket_commits import commit_id
from atlaslens_forwarder.sources.bitbucket.client import PAGE_ROWS, BitbucketClient
from atlaslens_forwarder.sources.bitbucket.survey import each_repository
from atlaslens_forwarder.sources.bitbucket_commits.heads import Heads
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.bitbucket.client import BitbucketPage, Repository
    from atlaslens_forwarder.sources.source import SourceContext

ALREADY_STORED = "already_stored"
BEFORE_RETENTION = "before_retention"
_MOST_IN_QUERY = 40
"""Names in a query; more of them go into a form, since a URL of 8 KB is refused by many servers."""


class CommitReader:
    """Reads what is new on the branches of all repositories."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._client = BitbucketClient(context.client)

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`."""
        await self._client.prove_access(self._context.workspaces)

    def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        read = partial(self._repository, window)
        return each_repository(self._context.workspaces, self._client.repositories, read)

    async def _repository(self, window: Window, repository: Repository) -> AsyncGenerator[Page]:
        """The new commits of one repository; its heads are remembered with the last page."""
        remembered = Heads.of(await self._context.memory.load(repository.uuid))
        known = () if window.purpose is Purpose.REQUESTED else remembered.now
        heads = await self._heads(repository)
        if heads == set(remembered.now) and heads == set(known):
            return
        page: BitbucketPage | None = None
        exclude = known
        if new := sorted(heads - set(known)):
            try:
                page = await self._listed(repository, new, exclude)
            except NotFoundError:
                heads = await self._heads(repository)
                exclude = await self._living(repository, heads, remembered if known else Heads())
                new = sorted(heads - set(exclude))
                page = await self._listed(repository, new, exclude) if new else None
        keeps_old = window.backfilled or bool(exclude) or _is_born_in(window, repository)

        async def commit() -> None:
            await self._context.memory.save(repository.uuid, remembered.moved_to(heads).as_json())

        if page is None:
            yield Page(0, [], commit=commit)
            return
        async for each in self._client.pages("", {}, endpoint="bitbucket-commits", first=page):
            made = await self._page(repository, each, keeps_old=keeps_old)
            made.commit = None if each.next_path else commit
            yield made

    async def _heads(self, repository: Repository) -> set[str]:
        """The commits that branches point at.

        Raises:
            NotFoundError: the repository is gone.
        """
        found: set[str] = set()
        pages = self._client.pages(
            f"{repository.path}/refs/branches", {"pagelen": PAGE_ROWS}, endpoint="bitbucket-branches"
        )
        async for page in pages:
            for branch in page.values:
                target = branch.get("target")
                name = target.get("hash") if isinstance(target, dict) else None
                if isinstance(name, str) and name:
                    found.add(name)
        return found

    async def _living(self, repository: Repository, heads: set[str], remembered: Heads) -> tuple[str, ...]:
        """The remembered heads that Bitbucket still knows, so that only lost ones are read past.

        After a force push the old head may be collected as garbage; naming it would answer 404 for ever. The
        heads before it often live on. Where none does, everything is listed: ids make that free.
        """
        living = [name for name in remembered.now if await self._is_known(repository, heads, name)]
        if len(living) < len(remembered.now):
            living += [name for name in remembered.older if await self._is_known(repository, heads, name)]
        return tuple(living)

    async def _is_known(self, repository: Repository, heads: set[str], name: str) -> bool:
        if name in heads:
            return True
        try:
            query: dict[str, str | int] = {"include": name, "pagelen": 1}
            await self._client.page(f"{repository.path}/commits", query, endpoint="bitbucket-commits")
        except NotFoundError:
            return False
        return True

    async def _listed(
        self, repository: Repository, include: Sequence[str], exclude: Sequence[str]
    ) -> BitbucketPage:
        """The first page of what some commits reach and others do not.

        Raises:
            NotFoundError: one of them is lost, or the repository is.
        """
        path = f"{repository.path}/commits"
        if len(include) + len(exclude) > _MOST_IN_QUERY:
            form: JsonObject = {"include": [*include], "exclude": [*exclude]}
            path = f"{path}?pagelen={PAGE_ROWS}"
            return await self._client.form_page(path, form, endpoint="bitbucket-commits")
        params: dict[str, int | Sequence[str]] = {"pagelen": PAGE_ROWS, "include": include}
        if exclude:
            params["exclude"] = exclude
        return await self._client.page(path, params, endpoint="bitbucket-commits")

    async def _page(self, repository: Repository, page: BitbucketPage, *, keeps_old: bool) -> Page:
        """The rows of a page.

        What is stored already is left out here rather than compared: a full hash proves that it is the same
        commit, and whose account Bitbucket finds for its author can change any day.
        """
        ids = {
            name: commit_id(self._context.event, repository.uuid, name) for name in map(_hash, page.values)
        }
        stored = await self._context.known.existing([*ids.values()])
        oldest_ms = self._context.clock() - self._context.retention_ms
        rows: list[RawRow] = []
        reasons: Counter[str] = Counter()
        for value in page.values:
            at_ms = _at_ms(value)
            if ids[_hash(value)] in stored:
                reasons[ALREADY_STORED] += 1
            elif at_ms is not None and at_ms < oldest_ms and not keeps_old:
                reasons[BEFORE_RETENTION] += 1
            else:
                data: JsonObject = {"commit": value, "repository": repository.as_json}
                rows.append(RawRow(data, f"{repository.uuid}:{_hash(value)}", at_ms))
        return Page(len(page.values), rows, reasons)


def _hash(value: JsonObject) -> str:
    """The commit's full hash; a digest of what should be a commit and has none, to name it in quarantine."""
    name = value.get("hash")
    return name if isinstance(name, str) and name else digest_hex(value)


def _at_ms(value: JsonObject) -> int | None:
    date = value.get("date")
    try:
        return parse_iso_ms(date) if isinstance(date, str) else None
    except (ValueError, OverflowError):
        return None


def _is_born_in(window: Window, repository: Repository) -> bool:
    """Whether the repository is new: then everything in it was pushed since, however old it claims to be."""
    try:
        return parse_iso_ms(repository.created_on) >= window.from_ms
    except (ValueError, OverflowError):
        return False
