"""Places whose present state is remembered, so that the next look tells what has changed since.

A *place* is what one memory document is kept for: a workspace, a repository, an organisation. Its *snapshot*
maps a lasting key to a small value. Two snapshots differ in *deeds*: a key came, went, or has another value.

The first sight of a place is a baseline: it is remembered and tells no deeds, for nobody knows when what it
shows came about. What changed and changed back between two looks is not seen by anybody.

Deeds are written ahead: the new snapshot and the rows it gave are saved together before a row is handed
out, and the rows are forgotten once they have outcomes. Whoever finds rows in a place's memory hands them out
again as they are, with the same ids and times. So a crash at any point loses no deed and doubles none.

This module asks nobody anything: what was seen is given to it, and absence is believed only as far as its
caller believes it (see :func:`confirmed`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.privacy.emails import without_emails
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.sources.source import Memory

Snapshot: TypeAlias = "Mapping[str, JsonObject]"
"""What a place looks like: a small value by lasting key."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One difference between two looks; ``before`` is None for what came, ``after`` for what went."""

    key: str
    before: JsonObject | None
    after: JsonObject | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a place.

    ``snapshot`` is None where it was never looked at, ``pending`` are rows without an outcome so far,
    ``looked_at_ms`` is the time of the look that changed the snapshot last.
    """

    snapshot: Snapshot | None = None
    pending: tuple[RawRow, ...] = ()
    looked_at_ms: int = 0


def differences(before: Snapshot, after: Snapshot) -> list[Deed]:
    """What happened between two looks, ordered by key. Pure."""
    return [
        Deed(key, before.get(key), after.get(key))
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]


def deeds_since(known: Remembered, snapshot: Snapshot) -> list[Deed]:
    """What happened since the last look; nothing is known to have happened before the first. Pure."""
    return [] if known.snapshot is None else differences(known.snapshot, snapshot)


def next_turn(places: Iterable[str], after: str, most: int) -> list[str]:
    """The places whose turn it is: those that come after the last one of the round before. Pure."""
    ordered = sorted(places)
    later = [place for place in ordered if place > after]
    return [*later, *(place for place in ordered if place <= after)][:most]


def without_addresses(value: JsonObject) -> JsonObject:
    """What may be remembered of a value: memory is kept in clear, so e-mail addresses are hidden. Pure."""
    return without_emails(value, lambda _address: "hidden")


def loses(before: Snapshot | None, after: Snapshot) -> bool:
    """Whether something that was there is absent now. Pure."""
    return before is not None and any(key not in after for key in before)


def confirmed(before: Snapshot | None, first: Snapshot, second: Snapshot) -> Snapshot:
    """The second of two readings of a list that moves while it is paged, without its accidents. Pure.

    Pages shift when a row before them goes: a row that stayed is then on no page. So what was there before
    is gone only when it is missing in both readings; what one of them shows is there.
    """
    return {**{key: value for key, value in first.items() if before and key in before}, **second}


class Places:
    """The remembered places of one connector, each in a memory document of its own."""

    def __init__(self, memory: Memory, clock: Callable[[], int]) -> None:
        self._memory = memory
        self._clock = clock

    def now_ms(self, known: Remembered) -> int:
        """The time of a look that just ended: later than that of any look before, whatever the clock says."""
        return max(self._clock(), known.looked_at_ms + 1)

    async def recall(self, place: str) -> Remembered:
        """What is known of a place.

        Raises:
            StoreError: the memory cannot be read.
        """
        found = await self._memory.load(place)
        if found is None:
            return Remembered()
        snapshot, pending, at_ms = found.get("snapshot"), found.get("pending"), found.get("looked_at_ms")
        values = snapshot.items() if isinstance(snapshot, dict) else ()
        rows = pending if isinstance(pending, list) else ()
        return Remembered(
            {key: value for key, value in values if isinstance(value, dict)},
            tuple(_row(each) for each in rows if isinstance(each, dict)),
            at_ms if isinstance(at_ms, int) else 0,
        )

    async def settle(
        self,
        place: str,
        known: Remembered,
        snapshot: Snapshot,
        rows: Sequence[RawRow],
        looked_at_ms: int,
    ) -> Page | None:
        """Remember a new look and the rows that it gave; the page that hands them out, None for none.

        Args:
            place: the place.
            known: what :meth:`recall` said of it just before.
            snapshot: what it looks like now.
            rows: what happened since, with ids and times that never change again.
            looked_at_ms: when it was looked at.

        Raises:
            FencedError: another forwarder has looked meanwhile.
            StoreError: it is not remembered.
        """
        all_rows = [*known.pending, *rows]
        if rows or known.snapshot != snapshot:
            await self._save(place, snapshot, all_rows, looked_at_ms)
        else:
            looked_at_ms = known.looked_at_ms
        return self._handing_out(place, snapshot, all_rows, looked_at_ms)

    def unsettled(self, place: str, known: Remembered) -> Page | None:
        """The page that hands out what has no outcome yet, for a place that could not be looked at."""
        return self._handing_out(place, known.snapshot or {}, known.pending, known.looked_at_ms)

    def _handing_out(
        self, place: str, snapshot: Snapshot, rows: Iterable[RawRow], looked_at_ms: int
    ) -> Page | None:
        kept = list(rows)
        if not kept:
            return None

        async def commit() -> None:
            await self._save(place, snapshot, (), looked_at_ms)

        return Page(len(kept), kept, commit=commit)

    async def _save(self, place: str, snapshot: Snapshot, rows: Iterable[RawRow], looked_at_ms: int) -> None:
        pending: list[JsonValue] = [
            {"identity": row.identity, "at_ms": row.at_ms, "data": row.data} for row in rows
        ]
        await self._memory.save(
            place, {"snapshot": {**snapshot}, "looked_at_ms": looked_at_ms, "pending": pending}
        )


def _row(saved: JsonObject) -> RawRow:
    data, at_ms = saved.get("data"), saved.get("at_ms")
    return RawRow(
        data if isinstance(data, dict) else {},
        str(saved.get("identity", "")),
        at_ms if isinstance(at_ms, int) else None,
    )
