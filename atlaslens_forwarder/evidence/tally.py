"""Running figures over the rows of an evidence file; writer and verifier use the same. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from atlaslens_forwarder.model.time import iso_ms


@dataclass(slots=True)
class Tally:
    """Counts rows and watches that they ascend by time, then by ``event.id`` (in code point order)."""

    count: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    repeated: int = 0
    """Rows with the same time and id as the row before: two documents of the store that claim one id."""
    _previous: tuple[int, str] | None = None

    def add(self, at_ms: int, event_id: str) -> bool:
        """Take the next row; False when it belongs before the previous one."""
        key = (at_ms, event_id)
        in_order = self._previous is None or key >= self._previous
        self.repeated += key == self._previous
        self.count += 1
        self.first_ms = at_ms if self.first_ms is None else min(self.first_ms, at_ms)
        self.last_ms = at_ms if self.last_ms is None else max(self.last_ms, at_ms)
        self._previous = key
        return in_order

    @property
    def first(self) -> str | None:
        """The earliest time as ISO text, None without rows."""
        return None if self.first_ms is None else iso_ms(self.first_ms)

    @property
    def last(self) -> str | None:
        """The latest time as ISO text, None without rows."""
        return None if self.last_ms is None else iso_ms(self.last_ms)
