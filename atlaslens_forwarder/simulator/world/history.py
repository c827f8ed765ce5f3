"""The time of every history row, computed from its index.

Row ``i`` of ``n`` stands at ``(i + jitter) / n`` of the busy time of the span, so times never go back
as ``i`` grows and a look-up by time is a binary search over arithmetic: nothing is stored.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Final

from atlaslens_forwarder.simulator.world.calendar import at_busy, busy_at
from atlaslens_forwarder.simulator.world.chance import label, mix

_JITTER_STEPS: Final = 1 << 16
_JITTER: Final = label("jitter")
_TWIN: Final = label("twin")
_UNIT: Final = float(1 << 64)


@dataclass(frozen=True)
class Shape:
    """Where rows share a millisecond.

    ``twin_rate`` is the share of odd rows that repeat the row before them, time and content. Every
    ``burst_every`` rows (0: never) the first ``burst_size`` of them fall into one millisecond.
    """

    twin_rate: float = 0.0
    burst_every: int = 0
    burst_size: int = 0


class History:
    """Times of ``count`` rows between two epoch milliseconds; needs no memory."""

    def __init__(self, seed: int, count: int, start_ms: int, end_ms: int, shape: Shape) -> None:
        self.count = count
        self._seed = seed
        self._shape = shape
        self._busy_start = busy_at(start_ms)
        self._busy_span = busy_at(end_ms) - self._busy_start

    def twin_of(self, index: int) -> int:
        """The row whose content this one repeats; usually itself."""
        if (
            self._shape.twin_rate
            and index % 2
            and mix(self._seed, _TWIN, index) / _UNIT < self._shape.twin_rate
        ):
            return index - 1
        return index

    def at_ms(self, index: int) -> int:
        """The row's time; never less than that of the row before."""
        index = self.twin_of(index)
        if self._shape.burst_every and index % self._shape.burst_every < self._shape.burst_size:
            index -= index % self._shape.burst_every
        jitter = mix(self._seed, _JITTER, index) % _JITTER_STEPS
        steps = index * _JITTER_STEPS + jitter
        return at_busy(self._busy_start + steps * self._busy_span // (self.count * _JITTER_STEPS))

    def first_at(self, at_ms: int) -> int:
        """How many rows are older than this time: the index of the first that is not."""
        return bisect_left(range(self.count), at_ms, key=self.at_ms)

    def after(self, at_ms: int) -> int:
        """How many rows are not newer than this time: the index of the first that is."""
        return bisect_right(range(self.count), at_ms, key=self.at_ms)
