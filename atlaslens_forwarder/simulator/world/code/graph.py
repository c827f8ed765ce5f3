"""Walks over the commits of a repository."""

from __future__ import annotations

from collections import Counter
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.simulator.world.code.records import Commit, Repository


def reachable(repository: Repository, heads: Iterable[str]) -> set[str]:
    """The heads and everything before them."""
    seen: set[str] = set()
    waiting = list(heads)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(repository.commits[name].parents)
    return seen


def newest_first(repository: Repository, include: Iterable[str], exclude: Iterable[str]) -> list[Commit]:
    """What ``include`` reaches and ``exclude`` does not: children before parents, else later dates first."""
    wanted = reachable(repository, include) - reachable(repository, exclude)
    children = Counter(parent for name in wanted for parent in repository.commits[name].parents)
    ready = [(-repository.commits[name].date_ms, name) for name in wanted if not children[name]]
    heapify(ready)
    walked: list[Commit] = []
    while ready:
        commit = repository.commits[heappop(ready)[1]]
        walked.append(commit)
        for parent in commit.parents:
            children[parent] -= 1
            if parent in wanted and not children[parent]:
                heappush(ready, (-repository.commits[parent].date_ms, parent))
    return walked
