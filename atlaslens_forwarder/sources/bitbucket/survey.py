"""Going through all repositories of all workspaces, so that a bad one never stops the others."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import NotFoundError, SourceError, TransientError
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from atlaslens_forwarder.sources.bitbucket.client import Repository

REPOSITORY_GONE = "repository_gone"
"""Reason of a row without event: a repository was listed, and was deleted before it was read."""
_EVERYWHERE = frozenset({SourceStatus.EXPIRED, SourceStatus.NO_SCOPE, SourceStatus.THROTTLED})
"""What would meet every other repository too, or make a throttled server angrier."""
_MOST_IN_A_ROW = 3
"""So many repositories in a row without an answer: Bitbucket is down, not they."""


class _Failures:
    """Keeps the first failure, and tells when going on makes no sense."""

    def __init__(self) -> None:
        self.first: SourceError | None = None
        self._in_a_row = 0

    def failed(self, error: SourceError) -> None:
        self.first = self.first or error
        self._in_a_row += isinstance(error, TransientError)
        if error.status in _EVERYWHERE or self._in_a_row >= _MOST_IN_A_ROW:
            raise error

    def worked(self) -> None:
        self._in_a_row = 0


async def each_repository(
    workspaces: Sequence[str],
    listed: Callable[[str], Awaitable[list[Repository]]],
    read: Callable[[Repository], AsyncGenerator[Page]],
) -> AsyncGenerator[Page]:
    """The pages that ``read`` makes of every repository that is ``listed`` in a workspace.

    A repository that is deleted while it is read is counted and left behind. One that fails otherwise is
    left out, the others are read, and the failure is raised at the end: the window is not read in full.

    Raises:
        SourceError: the first failure, after all others were read; at once where it concerns all.
    """
    failures = _Failures()
    for workspace in workspaces:
        try:
            repositories = await listed(workspace)
        except SourceError as error:
            failures.failed(error)
            continue
        for repository in repositories:
            try:
                async with aclosing(read(repository)) as pages:
                    async for page in pages:
                        yield page
            except NotFoundError:
                yield Page(1, [], Counter({REPOSITORY_GONE: 1}))
            except SourceError as error:
                failures.failed(error)
            else:
                failures.worked()
    if failures.first is not None:
        raise failures.first
