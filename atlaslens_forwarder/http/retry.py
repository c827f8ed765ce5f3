"""How long to wait before another try. Pure; the policy Atlassian asks for on its rate limiting page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most ``tries`` tries; waits double from ``first_wait_s`` to ``longest_wait_s``, spread by jitter.

    A server may ask for more than ``patience_s``: then we give the window up and come back when it says,
    rather than hold it open.
    """

    tries: int = 4
    first_wait_s: float = 2.0
    longest_wait_s: float = 30.0
    jitter: tuple[float, float] = (0.7, 1.3)
    patience_s: float = 120.0

    def wait_s(self, failures: int, asked_s: float | None, random: Callable[[], float]) -> float:
        """Seconds before the next try after ``failures`` (≥ 1) failures; never less than the server asked."""
        low, high = self.jitter
        spread = low + (high - low) * random()
        if asked_s is not None:
            return asked_s * max(1.0, spread)
        doubled: float = self.first_wait_s * 2.0 ** (failures - 1)
        return min(self.longest_wait_s, doubled) * spread
