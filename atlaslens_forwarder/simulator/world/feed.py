"""One audit feed: the history plus what was added since, in the order in which the API serves it.

Order is newest first; inside one millisecond the row written last (the higher serial number, hence the
higher id) comes first. Rows added later may carry an older time: they are *late* or *back-dated*, and
are served from ``visible_at_ms`` on.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.world.history import History


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a row stands, without its content.

    ``content`` seeds the content, so two slots with the same number hold twins. ``override`` replaces
    fields of the made row (None removes one). ``poison`` > 0 names a way in which the row is unreadable.
    """

    at_ms: int
    serial: int
    visible_at_ms: int
    content: int
    override: JsonObject | None = None
    poison: int = 0


def _order(slot: Slot) -> tuple[int, int]:
    return slot.at_ms, slot.serial


class Feed:
    """All rows of one source, addressed by time range and offset."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._added: list[Slot] = []

    @property
    def next_serial(self) -> int:
        """The serial number of the row that is added next."""
        return self._history.count + len(self._added)

    def add(
        self,
        at_ms: int,
        visible_at_ms: int,
        *,
        twin: Slot | None = None,
        override: JsonObject | None = None,
        poison: int = 0,
    ) -> Slot:
        """A further row with its own time; with ``twin``, of the same content as that row."""
        serial = self.next_serial
        content = serial if twin is None else twin.content
        slot = Slot(at_ms, serial, visible_at_ms, content, override, poison)
        insort(self._added, slot, key=_order)
        return slot

    def _range(
        self, from_ms: int | None, to_ms: int | None, now_ms: int, before: int | None = None
    ) -> tuple[int, int, list[Slot]]:
        top_ms = now_ms if to_ms is None else min(to_ms, now_ms)
        low = 0 if from_ms is None else self._history.first_at(from_ms)
        high = max(low, self._history.after(top_ms))
        start = 0 if from_ms is None else bisect_left(self._added, (from_ms, -1), key=_order)
        added: list[Slot] = []
        for slot in self._added[start:]:
            if to_ms is not None and slot.at_ms > to_ms:
                break
            if slot.visible_at_ms <= now_ms and (before is None or slot.serial < before):
                added.append(slot)
        return low, high, added

    def count(self, from_ms: int | None, to_ms: int | None, now_ms: int) -> int:
        """How many rows the API would serve for this range (both ends inclusive) at that moment."""
        low, high, added = self._range(from_ms, to_ms, now_ms)
        return high - low + len(added)

    def page(
        self,
        from_ms: int | None,
        to_ms: int | None,
        now_ms: int,
        offset: int,
        limit: int,
        *,
        before: int | None = None,
    ) -> list[Slot]:
        """Up to ``limit`` rows of the range after skipping ``offset``, newest first.

        With ``before``, rows of this serial number and above do not exist yet.
        """
        low, high, added = self._range(from_ms, to_ms, now_ms, before)
        added.reverse()

        def rank(position: int) -> int:
            # An added row precedes history rows of the same millisecond: its serial is higher.
            return position + high - max(low, min(high, self._history.after(added[position].at_ms)))

        next_added = bisect_left(range(len(added)), offset, key=rank)
        next_row = high - 1 - (offset - next_added)
        slots: list[Slot] = []
        while len(slots) < limit:
            row = self._history_slot(next_row) if next_row >= low else None
            other = added[next_added] if next_added < len(added) else None
            if other is not None and (row is None or _order(other) > _order(row)):
                slots.append(other)
                next_added += 1
            elif row is not None:
                slots.append(row)
                next_row -= 1
            else:
                break
        return slots

    def _history_slot(self, index: int) -> Slot:
        at_ms = self._history.at_ms(index)
        return Slot(at_ms, index, at_ms, self._history.twin_of(index))
