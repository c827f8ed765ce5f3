"""Which index an event belongs to: the month of its own time, unless outsiders can set that time at will.

A commit's date is its author's word. A date that cannot be true (older than the retention, or more than a
day ahead) must not create indices without bound, so such an event goes to the undated index of the month in
which it was found, with its date kept and a flag. Its ``_id`` is unique per index only: what was stored
before, in either place, is looked up first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.storage.names import PREFIX, Family, month_index, parse_month_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.event import Event

FAMILIES: Final = {Pipeline.AUDIT: Family.AUDIT, Pipeline.ACTIVITY: Family.ACTIVITY}
AHEAD_MS: Final = DAY_MS
"""How far a date may lie ahead: clocks differ, time zones are mixed up."""
_PATTERN: Final = f"{PREFIX}-{Family.ACTIVITY.value}-*"
"""Months and undated ones alike."""


class Places(Protocol):
    """Where documents are stored; see :class:`atlaslens_forwarder.storage.known.KnownEvents`."""

    async def places(self, ids: Sequence[str], index: str) -> dict[str, str]:
        """The index of each of these documents that is stored."""


def place(event: Event, now_ms: int, oldest_ms: int, *, outsider_dates: bool) -> str:
    """The index of an event that is not stored yet. Pure."""
    if outsider_dates and not oldest_ms <= event.at_ms <= now_ms + AHEAD_MS:
        return month_index(Family.UNDATED, now_ms)
    return month_index(FAMILIES[event.pipeline], event.at_ms)


def is_undated(index: str) -> bool:
    """Whether an index holds events whose dates prove nothing. Pure."""
    month = parse_month_index(index)
    return month is not None and month.family is Family.UNDATED


async def stored_places(known: Places, events: Sequence[Event]) -> dict[str, str]:
    """Where those of these activity events are that are stored already.

    Raises:
        StoreError: the store cannot be searched.
    """
    return await known.places([event.id for event in events], _PATTERN)
