"""Looks at workspaces, repositories and branch restrictions, and tells what differs from the last look.

A workspace that cannot be read changes nothing and does not stop the others. Branch restrictions take one
request for each repository, so only some repositories have their turn in a round.
"""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.cursor.window import Purpose
from atlaslens_forwarder.errors import AccessError
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.bitbucket_permissions.lists import (
    MEMBER,
    REPOSITORY,
    PermissionLists,
    by_repository,
    grant_key,
)
from atlaslens_forwarder.sources.bitbucket_permissions.rows import (
    grant_rows,
    restriction_rows,
    workspace_rows,
)
from atlaslens_forwarder.sources.snapshots import Places, Remembered, deeds_since, next_turn
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.event import RawRow
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.bitbucket_permissions.lists import Workspace
    from atlaslens_forwarder.sources.snapshots import Deed, Snapshot
    from atlaslens_forwarder.sources.source import SourceContext

TURN_REPOSITORIES: Final = 25
"""Repositories whose branch restrictions are read in one round: 300 requests an hour at 12 rounds."""


@dataclass(slots=True)
class _Look:
    """One look at one workspace, as far as it got."""

    workspace: Workspace
    names: dict[str, str]
    grants: dict[str, dict[str, JsonObject]]
    remembered: dict[str, Remembered]
    repositories: dict[str, JsonObject] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def count(self, known: Remembered, snapshot: Snapshot, deeds: list[Deed]) -> None:
        """Count what was listed and makes no row."""
        reason = "first_sight" if known.snapshot is None else "unchanged"
        self.counts[reason] += len(snapshot) - sum(deed.after is not None for deed in deeds)


class PermissionsReader:
    """Reads the permissions of the configured workspaces."""

    def __init__(self, context: SourceContext) -> None:
        self._names = context.workspaces
        self._lists = PermissionLists(context.client)
        self._memory = context.memory
        self._places = Places(context.memory, context.clock)

    async def prove_access(self) -> None:
        """Ask whether one workspace's permissions may be read; the others are asked as they are read."""
        refused: AccessError | None = None
        for name in self._names:
            try:
                await self._lists.probe(name)
            except AccessError as error:
                refused = refused or error
            else:
                return
        if refused is not None:
            raise refused

    async def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        refused: AccessError | None = None
        is_whole = window.purpose is not Purpose.POLL
        for name in self._names:
            try:
                async with aclosing(self._workspace(name, is_whole=is_whole)) as pages:
                    async for page in pages:
                        yield page
            except AccessError as error:
                refused = refused or error
        if refused is not None:
            raise refused

    async def _workspace(self, name: str, *, is_whole: bool) -> AsyncGenerator[Page]:
        workspace = await self._lists.workspace(name)
        place = f"workspace:{workspace.uuid}"
        known = await self._places.recall(place)
        look = await self._look(workspace, known)
        members = await self._lists.members(workspace, _part(known, MEMBER))
        # After the permissions: what is listed last is there to have all its permissions listed before.
        listed = await self._lists.repositories(workspace, _part(known, REPOSITORY))
        look.names |= members.names
        look.counts["unreadable_entry"] += members.unreadable + listed.unreadable
        gone = await self._gone(workspace, known, listed.entries)
        kept = {
            key: value
            for key, value in (_part(known, REPOSITORY) or {}).items()
            if key not in listed.entries and key not in gone
        }
        look.repositories = {key.removeprefix(REPOSITORY): each for key, each in listed.entries.items()}
        snapshot = {**members.entries, **listed.entries, **kept}
        deeds = deeds_since(known, snapshot)
        look.count(known, snapshot, deeds)
        looked_at_ms = self._places.now_ms(known)
        rows = workspace_rows(workspace, deeds, look.names, looked_at_ms)
        for key in gone:
            rows += await self._left_behind(key.removeprefix(REPOSITORY))
        page = await self._places.settle(place, known, snapshot, rows, looked_at_ms)
        if page is not None:
            yield page
        async with aclosing(self._repositories(look, is_whole=is_whole)) as pages:
            async for page in pages:
                yield page

    async def _look(self, workspace: Workspace, known: Remembered) -> _Look:
        """Read all permissions in repositories, after recalling those that were there."""
        remembered: dict[str, Remembered] = {}
        before: dict[str, JsonObject] = {}
        for key in _part(known, REPOSITORY) or {}:
            uuid = key.removeprefix(REPOSITORY)
            remembered[uuid] = await self._places.recall(f"repository:{uuid}")
            before |= {
                grant_key(uuid, subject): value
                for subject, value in (remembered[uuid].snapshot or {}).items()
            }
        grants = await self._lists.grants(workspace, before or None)
        look = _Look(workspace, grants.names, by_repository(grants.entries), remembered)
        look.counts["unreadable_entry"] += grants.unreadable
        return look

    async def _gone(self, workspace: Workspace, known: Remembered, listed: Snapshot) -> list[str]:
        """Which repositories are not there any more: not listed, and not found when asked for."""
        missing = [key for key in _part(known, REPOSITORY) or {} if key not in listed]
        return [key for key in missing if await self._lists.is_gone(workspace, key.removeprefix(REPOSITORY))]

    async def _left_behind(self, repository: str) -> list[RawRow]:
        """Rows without an outcome of a repository that nobody will look at again."""
        places = (f"repository:{repository}", f"restrictions:{repository}")
        return [row for place in places for row in (await self._places.recall(place)).pending]

    async def _repositories(self, look: _Look, *, is_whole: bool) -> AsyncGenerator[Page]:
        for uuid in look.repositories:
            page = await self._grants(look, uuid)
            if page is not None:
                yield page
        turn_place = f"turn:{look.workspace.uuid}"
        turn = await self._memory.load(turn_place)
        after = "" if turn is None else str(turn.get("after", ""))
        most = len(look.repositories) if is_whole else TURN_REPOSITORIES
        chosen = next_turn(look.repositories, after, most)
        for uuid in chosen:
            page = await self._restrictions(look, uuid)
            if page is not None:
                yield page

        async def commit() -> None:
            if chosen and chosen[-1] != after:
                await self._memory.save(turn_place, {"after": chosen[-1]})

        counts = +look.counts
        yield Page(counts.total(), [], counts, commit=commit)

    async def _grants(self, look: _Look, uuid: str) -> Page | None:
        place = f"repository:{uuid}"
        known = look.remembered.get(uuid) or await self._places.recall(place)
        snapshot = look.grants.get(uuid, {})
        if known.snapshot is None and not snapshot:
            return None  # so new that the list of permissions, which was read before, does not have it
        deeds = deeds_since(known, snapshot)
        look.count(known, snapshot, deeds)
        looked_at_ms = self._places.now_ms(known)
        repository = {"uuid": uuid, **look.repositories[uuid]}
        rows = grant_rows(look.workspace, repository, deeds, look.names, looked_at_ms)
        return await self._places.settle(place, known, snapshot, rows, looked_at_ms)

    async def _restrictions(self, look: _Look, uuid: str) -> Page | None:
        place = f"restrictions:{uuid}"
        known = await self._places.recall(place)
        try:
            listed = await self._lists.restrictions(look.workspace, uuid, known.snapshot)
        except AccessError as error:
            if error.status is not SourceStatus.NO_PERMISSION:
                raise
            look.counts["refused"] += 1  # deleted since it was listed, or no administrator there
            return self._places.unsettled(place, known)
        look.counts["unreadable_entry"] += listed.unreadable
        deeds = deeds_since(known, listed.entries)
        look.count(known, listed.entries, deeds)
        looked_at_ms = self._places.now_ms(known)
        repository = {"uuid": uuid, **look.repositories[uuid]}
        rows = restriction_rows(look.workspace, repository, deeds, looked_at_ms)
        return await self._places.settle(place, known, listed.entries, rows, looked_at_ms)


def _part(known: Remembered, prefix: str) -> dict[str, JsonObject] | None:
    if known.snapshot is None:
        return None
    return {key: value for key, value in known.snapshot.items() if key.startswith(prefix)}
