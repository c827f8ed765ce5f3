"""How far back each poll asks for touched requests. Pure.

1. From where the last poll ended, and a few minutes more, since the search index learns of touches late.
2. Once an hour from 12 hours before the last such look: estuary/connectors#3486 met touches that were hours
   late. Looks may be far apart, so it is the last look that counts, not the present.
3. The first poll reads the whole retention and notes how far it got; broken off, it goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.cursor.window import Purpose
from atlaslens_forwarder.model.time import HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

OVERLAP_MS: Final = 5 * MINUTE_MS
LATEST_MS: Final = 12 * HOUR_MS
EVERY_MS: Final = HOUR_MS


@dataclass(frozen=True, slots=True)
class Progress:
    """All touches up to ``touched_ms`` were read, those that came late by a look at ``looked_ms``."""

    touched_ms: int | None = None
    looked_ms: int | None = None

    def since_ms(self, window: Window) -> int:
        """From when on to ask for touched requests."""
        times = [window.from_ms if self.touched_ms is None else self.touched_ms - OVERLAP_MS]
        if window.purpose is Purpose.REQUESTED:
            times.append(window.from_ms)
        if self.looked_ms is not None and self.is_late_look(window):
            times.append(self.looked_ms - LATEST_MS)
        return max(0, min(times))

    def part_done(self, window: Window, touched_ms: int | None) -> Progress:
        """After a page of touched requests, all of which were touched up to then or later."""
        looked_ms = window.to_ms if self.looked_ms is None else self.looked_ms
        if touched_ms is None or touched_ms > window.to_ms:
            return replace(self, looked_ms=looked_ms)
        return Progress(max(touched_ms, self.touched_ms or 0), looked_ms)

    def done(self, window: Window, before: Progress) -> Progress:
        """After the last page of a window that began at ``before``."""
        looked_ms = window.to_ms if before.is_late_look(window) else self.looked_ms
        return Progress(window.to_ms, looked_ms)

    def to_json(self) -> JsonObject:
        """JSON form for the memory."""
        return {"touched_ms": self.touched_ms, "looked_ms": self.looked_ms}

    @classmethod
    def of(cls, value: JsonObject | None, window: Window) -> Progress:
        """What was remembered; times that are yet to come are not believed, as the clock was set back."""
        known = value or {}
        return cls(*(_past(known.get(name), window.to_ms) for name in ("touched_ms", "looked_ms")))

    def is_late_look(self, window: Window) -> bool:
        """Whether this poll also looks for touches that the index learnt of hours late."""
        return self.looked_ms is None or window.to_ms - self.looked_ms >= EVERY_MS


def _past(value: JsonValue, now_ms: int) -> int | None:
    known = isinstance(value, int) and not isinstance(value, bool) and value <= now_ms
    return value if known else None  # type: ignore[return-value]
