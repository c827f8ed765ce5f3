"""Walking the activity of a whole repository, newest first, to find pull requests that were reviewed quietly.

Whether a review moves a pull request's ``updated_on`` is not documented. The activity of the repository holds
every review, but cannot be filtered (BCLOUD-21067), and its order is not documented either: newest first as
far as known. The walk checks that as it goes, and reads to the end where it does not hold.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS
from atlaslens_forwarder.sources.bitbucket.client import PULL_REQUEST_PAGE_ROWS
from atlaslens_forwarder.sources.bitbucket_pullrequests.deeds import times_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.bitbucket.client import BitbucketClient, BitbucketPage, Repository

BEYOND_MS = DAY_MS
"""How far the walk goes on before the window it is for: entries of a newest-first list may be a little out of
place, such as one that was written long and sent late."""
_TOLERANCE_MS = HOUR_MS
"""How much newer an entry may be than one before it, in a list that counts as newest first."""


class Descent:
    """Whether a list has been newest first so far, and how deep it was read. Pure."""

    def __init__(self) -> None:
        self._holds = True
        self._oldest_ms: int | None = None
        self._page_newest_ms: int | None = None

    def page(self, times_ms: Sequence[int]) -> None:
        """The times of the entries of one more page, in its order."""
        for at_ms in times_ms:
            if self._oldest_ms is not None and at_ms > self._oldest_ms + _TOLERANCE_MS:
                self._holds = False
            self._oldest_ms = at_ms if self._oldest_ms is None else min(self._oldest_ms, at_ms)
        self._page_newest_ms = max(times_ms, default=self._page_newest_ms)

    def is_below(self, at_ms: int) -> bool:
        """Whether nothing at or after ``at_ms`` can follow: the last page was older as a whole."""
        return self._holds and self._page_newest_ms is not None and self._page_newest_ms < at_ms - BEYOND_MS


class ActivityWalk:
    """One walk through a repository's activity, shared by all windows of a round."""

    def __init__(self, client: BitbucketClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository
        self._lock = asyncio.Lock()
        self._page: BitbucketPage | None = None
        self._descent = Descent()
        self._touched: list[tuple[int, int]] = []

    async def pull_requests(self, from_ms: int, to_ms: int) -> list[int]:
        """The numbers of pull requests with an entry in this time, both ends inclusive, ascending.

        Raises:
            SourceError: a page cannot be had.
        """
        async with self._lock:
            while not self._descent.is_below(from_ms) and await self._go_on():
                pass
        return sorted({number for at_ms, number in self._touched if from_ms <= at_ms <= to_ms})

    async def _go_on(self) -> bool:
        """Read one more page; whether there was one."""
        if self._page is None:
            page = await self._client.page(
                f"{self._repository.path}/pullrequests/activity",
                {"pagelen": PULL_REQUEST_PAGE_ROWS},
                endpoint="bitbucket-activity",
            )
        elif self._page.next_path:
            page = await self._client.next_page(self._page, endpoint="bitbucket-activity")
        else:
            return False
        self._page = page
        made: list[int] = []
        for value in page.values:
            times = times_of(value)
            made += times[:1]
            number = _number(value)
            self._touched += [(at_ms, number) for at_ms in times if number is not None]
        self._descent.page(made)
        return True


def _number(value: JsonObject) -> int | None:
    pull = value.get("pull_request")
    number = pull.get("id") if isinstance(pull, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None
