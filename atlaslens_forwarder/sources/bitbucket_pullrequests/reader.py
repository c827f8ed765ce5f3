"""Reading windows of pull requests: all that happened to each one that was touched in the window."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.window import Purpose
from atlaslens_forwarder.errors import NotFoundError, SourceError
from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.sources.bitbucket.client import PULL_REQUEST_PAGE_ROWS, BitbucketClient
from atlaslens_forwarder.sources.bitbucket.survey import each_repository
from atlaslens_forwarder.sources.bitbucket_pullrequests.changes import ChangedPullRequests
from atlaslens_forwarder.sources.bitbucket_pullrequests.deeds import (
    CLOSED_STATES,
    closing_of,
    deeds_of,
)
from atlaslens_forwarder.sources.bitbucket_pullrequests.walk import ActivityWalk
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.bitbucket.client import Repository
    from atlaslens_forwarder.sources.source import SourceContext

READ_BEFORE = "read_before"
"""Reason of a row without event: a pull request that this round has read in full already."""
PULL_REQUEST_GONE = "pull_request_gone"
_MOST_ROWS = 500
"""Rows after which a page is handed on."""


@dataclass(slots=True)
class _Batch:
    """Rows of several pull requests, until they are worth a page."""

    rows: list[RawRow] = field(default_factory=list)
    without_event: Counter[str] = field(default_factory=Counter)

    def page(self) -> Page:
        return Page(len(self.rows) + self.without_event.total(), self.rows, self.without_event)

    @property
    def is_empty(self) -> bool:
        return not self.rows and not self.without_event


class _Round:
    """What the windows of one round share. All of them end before it began, so it never grows too old.

    What one window has read in full, another need not read again. That is safe although the first may fail:
    then its time stays uncovered, and is read in full next time.
    """

    def __init__(self, client: BitbucketClient) -> None:
        self._client = client
        self._repositories: dict[str, list[Repository]] = {}
        self._changes: dict[str, ChangedPullRequests] = {}
        self._walks: dict[str, ActivityWalk] = {}
        self.read: set[tuple[str, int]] = set()

    async def repositories(self, workspace: str) -> list[Repository]:
        """Those of a workspace, asked for once."""
        if workspace not in self._repositories:
            self._repositories[workspace] = await self._client.repositories(workspace)
        return self._repositories[workspace]

    def changes(self, repository: Repository) -> ChangedPullRequests:
        """The pull requests of a repository by their last change."""
        return self._changes.setdefault(repository.uuid, ChangedPullRequests(self._client, repository))

    def walk(self, repository: Repository) -> ActivityWalk:
        """The walk through the activity of a repository."""
        return self._walks.setdefault(repository.uuid, ActivityWalk(self._client, repository))


class PullRequestReader:
    """Reads windows of pull requests; a window of purpose poll begins a round."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._client = BitbucketClient(context.client)
        self._round = _Round(self._client)

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`."""
        await self._client.prove_access(self._context.workspaces)

    def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        if window.purpose is Purpose.POLL:
            self._round = _Round(self._client)
        read = partial(self._repository, window)
        return each_repository(self._context.workspaces, self._round.repositories, read)

    async def _repository(self, window: Window, repository: Repository) -> AsyncGenerator[Page]:
        """The pull requests of one repository; what was read is handed on even where the rest fails."""
        batch = _Batch()
        try:
            async with aclosing(self._touched(window, repository)) as pulls:
                async for pull in pulls:
                    await self._add(repository, pull, batch)
                    if len(batch.rows) >= _MOST_ROWS:
                        yield batch.page()
                        batch = _Batch()
        except SourceError:
            if not batch.is_empty:
                yield batch.page()
            raise
        if not batch.is_empty:
            yield batch.page()

    async def _touched(self, window: Window, repository: Repository) -> AsyncGenerator[JsonObject]:
        """The pull requests that changed last in the window, then those that were only reviewed in it."""
        # A backfill needs all of them, slice by slice: they are listed once.
        all_from_ms = self._context.clock() - self._context.retention_ms
        reach_ms = min(window.from_ms, all_from_ms) if window.backfilled else window.from_ms
        changed = await self._round.changes(repository).between(window.from_ms, window.to_ms, reach_ms)
        for pull in changed:
            yield pull
        met = {pull.get("id") for pull in changed}
        for number in await self._round.walk(repository).pull_requests(window.from_ms, window.to_ms):
            if number not in met:
                yield {"id": number}

    async def _add(self, repository: Repository, pull: JsonObject, batch: _Batch) -> None:
        number = pull.get("id")
        if not isinstance(number, int) or isinstance(number, bool):
            data: JsonObject = {"deed": "opened", "pull_request": pull, "repository": repository.as_json}
            batch.rows.append(RawRow(data, f"{repository.uuid}:{digest_hex(pull)}", None))
            return
        if (repository.uuid, number) in self._round.read:
            batch.without_event[READ_BEFORE] += 1
            return
        self._round.read.add((repository.uuid, number))
        path = f"{repository.path}/pullrequests/{number}"
        try:
            pull, entries = await self._whole(path, pull)
        except NotFoundError:
            # A pull request cannot be deleted, so this tells that the repository is gone, where it is.
            await self._client.object(repository.path, endpoint="bitbucket-repository")
            batch.without_event[PULL_REQUEST_GONE] += 1
            return
        deeds = deeds_of(repository.as_json, pull, entries)
        batch.rows += deeds.rows
        batch.without_event += deeds.without_event

    async def _whole(self, path: str, pull: JsonObject) -> tuple[JsonObject, list[JsonObject]]:
        """A pull request with all of its activity.

        Read again where its activity tells of an end that it does not know of yet: who closed it, and as
        which commit, stands in it only.
        """
        entries: list[JsonObject] = []
        pages = self._client.pages(
            f"{path}/activity", {"pagelen": PULL_REQUEST_PAGE_ROWS}, endpoint="bitbucket-pullrequest-activity"
        )
        async for page in pages:
            entries += page.values
        is_closed = pull.get("state") in CLOSED_STATES
        if "created_on" not in pull or (not is_closed and closing_of(entries) is not None):
            pull = await self._client.object(path, endpoint="bitbucket-pullrequest")
        return pull, entries
