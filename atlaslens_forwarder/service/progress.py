"""How far the rounds under way have come: rows, their rate, the share of the plan, and the time left."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.pipeline.report import WindowReport
    from atlaslens_forwarder.pipeline.tally import Tally

RATE_OVER_S: Final = 30.0
"""The rate is that of the last half minute: what a source does now, not what it once did."""
LEAST_SHARE: Final = 0.01
LEAST_S: Final = 2.0
"""Before this share and this time, an estimate of what is left would be a guess."""


@dataclass(slots=True)
class _Round:
    """One round: what was planned, how much of it was read, and when rows came."""

    started_s: float
    rows: int = 0
    stored: int = 0
    planned: dict[Window, int] = field(default_factory=dict)
    read_ms: dict[Window, int] = field(default_factory=dict)
    ended: set[Window] = field(default_factory=set)
    recent: deque[tuple[float, int]] = field(default_factory=deque)

    def share(self) -> float | None:
        """How much of the planned time was read; None while there is no plan."""
        planned_ms = sum(self.planned.values())
        return sum(self.read_ms.values()) / planned_ms if planned_ms else None

    def left_s(self, now_s: float) -> float | None:
        """Seconds until the planned windows are read, if time passes as evenly as until now."""
        elapsed_s = now_s - self.started_s
        share = self.share()
        if share is None or share < LEAST_SHARE or elapsed_s < LEAST_S:
            return None
        read_ms = sum(self.read_ms.values())
        open_ms = sum(
            planned_ms - self.read_ms.get(window, 0)
            for window, planned_ms in self.planned.items()
            if window not in self.ended
        )
        return elapsed_s * open_ms / read_ms

    def rows_per_s(self, now_s: float) -> float:
        """Rows a second, of late."""
        while self.recent and self.recent[0][0] < now_s - RATE_OVER_S:
            self.recent.popleft()
        over_s = min(RATE_OVER_S, now_s - self.started_s)
        return sum(rows for _, rows in self.recent) / over_s if over_s > 0 else 0.0


class RoundCounts:
    """Counts and progress of each connector's present round; fed by ``Telemetry``.

    Args:
        monotonic_s: a clock that never goes back, in seconds.
    """

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = monotonic_s
        self._rounds: dict[ConnectorId, _Round] = {}

    def begin(self, connector: ConnectorId) -> None:
        """A round begins: count from zero."""
        self._rounds[connector] = _Round(self._now_s())

    def end(self, connector: ConnectorId) -> None:
        """The round is over, and nothing of it is under way any more."""
        self._rounds.pop(connector, None)

    def round_planned(self, connector: ConnectorId, windows: Sequence[Window]) -> None:
        """The windows of the round are known."""
        self._round(connector).planned = {window: _length_ms(window) for window in windows}

    def page_done(self, connector: ConnectorId, window: Window, tally: Tally, delivered_ms: int = 0) -> None:
        """A page has its outcomes; of its window so many milliseconds are read for certain."""
        now_s, found = self._now_s(), self._round(connector)
        found.rows += tally.rows
        found.stored += tally.stored
        found.recent.append((now_s, tally.rows))
        if window in found.planned:
            found.read_ms[window] = min(delivered_ms, found.planned[window])

    def window_done(self, report: WindowReport) -> None:
        """A window was read, or failed: then what it kept counts, and it is not waited for."""
        found, window = self._round(report.connector), report.window
        if window in found.planned:
            found.ended.add(window)
            found.read_ms[window] = min(report.read.length_ms, found.planned[window])

    def of(self, connector: ConnectorId) -> JsonObject:
        """How far a connector's round has come; what is not known is None."""
        now_s, found = self._now_s(), self._round(connector)
        share, left_s = found.share(), found.left_s(now_s)
        return {
            "status": "running",
            "rows": found.rows,
            "stored": found.stored,
            "rows_per_s": round(found.rows_per_s(now_s), 1),
            "share": None if share is None else round(share, 4),
            "left_s": None if left_s is None else round(left_s),
            "windows": len(found.planned),
            "windows_done": len(found.ended),
        }

    def under_way(self) -> JsonObject:
        """Every connector whose round is under way, by name."""
        return {str(connector): self.of(connector) for connector in self._rounds}

    def _round(self, connector: ConnectorId) -> _Round:
        return self._rounds.setdefault(connector, _Round(self._now_s()))


def _length_ms(window: Window) -> int:
    return window.to_ms - window.from_ms + 1
