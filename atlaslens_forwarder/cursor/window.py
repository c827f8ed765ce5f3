"""A window: the closed interval of time that one reading asks for, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """Why a window is read."""

    POLL = "poll"
    """What is new, plus the overlap."""
    CATCH_UP = "catch-up"
    """Time that no poll covered, such as an outage."""
    BACKFILL = "backfill"
    """History from before the first sync."""
    REREAD_DAILY = "reread-daily"
    REREAD_WEEKLY = "reread-weekly"
    REQUESTED = "requested"
    """Somebody asked with ``sync --since``."""


@dataclass(frozen=True, slots=True)
class Window:
    """``[from_ms, to_ms]``, both inclusive, whole milliseconds, pinned before the first page is asked."""

    from_ms: int
    to_ms: int
    purpose: Purpose

    def __post_init__(self) -> None:
        if self.from_ms > self.to_ms:
            raise ValueError("a window must not end before it starts")

    @property
    def backfilled(self) -> bool:
        """Whether its events are history rather than news; alerting leaves those out."""
        return self.purpose is Purpose.BACKFILL
