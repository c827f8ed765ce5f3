"""The pull requests of a repository by their last change, listed once for all windows of a round."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.sources.bitbucket.client import PULL_REQUEST_PAGE_ROWS
from atlaslens_forwarder.sources.bitbucket_pullrequests.deeds import kept_of, ms_of

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.bitbucket.client import BitbucketClient, Repository

STATES = ("OPEN", "MERGED", "DECLINED", "SUPERSEDED")
"""Only open ones are told where no state is asked for."""


class ChangedPullRequests:
    """Pull requests of one repository, in the order of ``updated_on``.

    No upper bound is ever asked for: one that changes meanwhile moves to the end, and belongs to a later
    window than it did.
    """

    def __init__(self, client: BitbucketClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository
        self._lock = asyncio.Lock()
        self._from_ms: int | None = None
        self._found: dict[str, tuple[int | None, JsonObject]] = {}

    async def between(self, from_ms: int, to_ms: int, reach_ms: int) -> list[JsonObject]:
        """Those that changed last in this time, both ends inclusive, oldest first.

        Those whose time cannot be read are in every answer. ``reach_ms`` (≤ ``from_ms``) is how far back to
        list if there is something to list.

        Raises:
            SourceError: a page cannot be had.
        """
        async with self._lock:
            if self._from_ms is None or from_ms < self._from_ms:
                await self._list(reach_ms)
                self._from_ms = reach_ms
        return [
            pull
            for updated_ms, pull in self._found.values()
            if updated_ms is None or from_ms <= updated_ms <= to_ms
        ]

    async def _list(self, from_ms: int) -> None:
        found: dict[str, tuple[int | None, JsonObject]] = {}
        listed = self._client.by_time(
            f"{self._repository.path}/pullrequests",
            {"state": STATES, "pagelen": PULL_REQUEST_PAGE_ROWS},
            "updated_on",
            iso_ms(from_ms),
            endpoint="bitbucket-pullrequests",
        )
        async with aclosing(listed) as pages:
            async for page in pages:
                for pull in page.values:
                    name = str(pull.get("id", digest_hex(pull)))
                    found.pop(name, None)  # what comes again has moved to the end
                    found[name] = (ms_of(pull.get("updated_on")), kept_of(pull))
        self._found = found
