"""Notices months that somebody else deleted: index management after their retention, or anybody before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import FencedError
from atlaslens_forwarder.storage.expiry import expired_months
from atlaslens_forwarder.storage.months import month_names

if TYPE_CHECKING:
    from collections.abc import Collection

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.storage.state import StateStore

KIND: Final = "months"


@dataclass(frozen=True, slots=True)
class Vanished:
    """Months that were there the last time and are gone: past their retention, or before their time."""

    expired: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def vanished(
    seen: Collection[str], there: Collection[str], held: Collection[str], now_ms: int, retention_days: int
) -> Vanished:
    """Which months are gone, and whether they may be. A held month may never."""
    gone = {*seen} - {*there}
    may_go = {*expired_months(gone, now_ms, retention_days)} - {*held}
    return Vanished(tuple(sorted(may_go)), tuple(sorted(gone - may_go)))


class MonthsSeen:
    """The months that existed when we last looked, in ``atlaslens-state``."""

    def __init__(self, client: AsyncOpenSearch, state: StateStore) -> None:
        self._client = client
        self._state = state

    async def look(self, held: Collection[str], now_ms: int, retention_days: int) -> Vanished:
        """Compare what is there with the last time; who notices first has the answer, others get nothing.

        Raises:
            StoreError: the state cannot be read or written.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        doc = await self._state.load(KIND)
        there = await month_names(self._client)
        names = doc.value.get("names") if doc is not None else None
        seen = {*map(str, names)} if isinstance(names, list) else set()
        if seen == there:
            return Vanished()
        try:
            await self._state.save(KIND, KIND, {"names": [*sorted(there)]}, doc)
        except FencedError:
            return Vanished()
        return vanished(seen, there, held, now_ms, retention_days)
