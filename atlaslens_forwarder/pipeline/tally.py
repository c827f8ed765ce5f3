"""The counts of one window, and the law they obey. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

QUARANTINE_SHARE_LIMIT = 0.05
QUARANTINE_COUNT_LIMIT = 20
"""More than this share, and at least this many, means the format has changed: nothing is marked covered."""


@dataclass(slots=True)
class Tally:
    """What came and what became of it.

    Conservation: ``rows`` = ``events`` + all of ``without_event``, and ``events`` = stored + repeat +
    conflict + quarantined + skipped. A window that breaks it is a defect of ours and is never covered.
    """

    pages: int = 0
    rows: int = 0
    events: int = 0
    stored: int = 0
    repeat: int = 0
    conflict: int = 0
    quarantined: int = 0
    skipped: int = 0
    late: int = 0
    without_event: Counter[str] = field(default_factory=Counter)
    unclassified: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    hours: set[int] = field(default_factory=set)
    """Hours since the epoch in which something happened: what the source's pulse is made of."""

    @property
    def conserved(self) -> bool:
        """Whether every row has exactly one outcome."""
        outcomes = self.stored + self.repeat + self.conflict + self.quarantined + self.skipped
        return self.events == outcomes and self.rows == self.events + self.without_event.total()

    @property
    def format_changed(self) -> bool:
        """Whether so many rows were quarantined that we no longer understand this source."""
        return (
            self.quarantined >= QUARANTINE_COUNT_LIMIT
            and self.quarantined > QUARANTINE_SHARE_LIMIT * self.events
        )

    def add(self, other: Tally) -> None:
        """Add the counts of another window."""
        for name in (
            "pages",
            "rows",
            "events",
            "stored",
            "repeat",
            "conflict",
            "quarantined",
            "skipped",
            "late",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.unclassified += other.unclassified
        self.without_event += other.without_event
        self.reasons += other.reasons
        self.hours |= other.hours
