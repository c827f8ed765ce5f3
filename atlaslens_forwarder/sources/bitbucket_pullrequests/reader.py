"""Reading windows of pull requests: all that happened to each one that was touched in the window."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import NotFoundError, SourceError
from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.sources.bitbucket.client import PULL_REQUEST_PAGE_ROWS, BitbucketClient
from atlaslens_forwarder.sources.bitbucket.survey import each_repository
from atlaslens_forwarder.sources.bitbucket_pullrequests.deeds import (
    CLOSED_STATES,
    closing_of,
    deeds_of,
    ms_of,
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
STATES = ("OPEN", "MERGED", "DECLINED", "SUPERSEDED")
"""Only open ones are told where no state is asked for."""
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


class PullRequestReader:
    """Reads windows of one round; what one window has read in full, another of the round need not read again.

    That is safe although the first may fail: then its time stays uncovered, and is read in full next time.
    """

    def __init__(self, context: SourceContext) -> None:
        self._workspaces = context.workspaces
        self._client = BitbucketClient(context.client)
        self._walks: dict[str, ActivityWalk] = {}
        self._read: set[tuple[str, int]] = set()

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`."""
        await self._client.prove_access(self._workspaces)

    def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        return each_repository(self._client, self._workspaces, partial(self._repository, window))

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
        """The pull requests that changed in the window, then those that were only reviewed in it.

        No upper bound is asked for: one that changes meanwhile moves to the end and belongs to a later
        window.
        """
        met: set[object] = set()
        listed = self._client.by_time(
            f"{repository.path}/pullrequests",
            {"state": STATES, "pagelen": PULL_REQUEST_PAGE_ROWS},
            "updated_on",
            iso_ms(window.from_ms),
            endpoint="bitbucket-pullrequests",
        )
        async with aclosing(listed) as pages:
            async for page in pages:
                for pull in page.values:
                    updated_ms = ms_of(pull.get("updated_on"))
                    if updated_ms is not None and updated_ms > window.to_ms:
                        break
                    if (number := pull.get("id")) not in met:
                        met.add(number)
                        yield pull
                else:
                    continue
                break
        walk = self._walks.setdefault(repository.uuid, ActivityWalk(self._client, repository))
        for number in await walk.pull_requests(window.from_ms, window.to_ms):
            if number not in met:
                yield {"id": number}

    async def _add(self, repository: Repository, pull: JsonObject, batch: _Batch) -> None:
        number = pull.get("id")
        if not isinstance(number, int) or isinstance(number, bool):
            data: JsonObject = {"deed": "opened", "pull_request": pull, "repository": repository.as_json}
            batch.rows.append(RawRow(data, f"{repository.uuid}:{digest_hex(pull)}", None))
            return
        if (repository.uuid, number) in self._read:
            batch.without_event[READ_BEFORE] += 1
            return
        self._read.add((repository.uuid, number))
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
