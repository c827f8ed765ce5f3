"""What became of one window. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.pipeline.tally import Tally

if TYPE_CHECKING:
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.errors import AtlaslensError
    from atlaslens_forwarder.model.connector import ConnectorId


@dataclass(slots=True)
class WindowReport:
    """A window's counts and whether they are the whole of it.

    ``access_proven``: the account was known and allowed just before the window was read, so an empty
    answer means that there was nothing. ``end_reached``: paging came to the window's end. ``delivered``: the
    part of the window of which every row has its outcome, wherever the reading broke off.
    """

    connector: ConnectorId
    window: Window
    started_ms: int
    access_proven: bool = False
    end_reached: bool = False
    finished_ms: int = 0
    number: int = 0
    tally: Tally = field(default_factory=Tally)
    delivered: Intervals = field(default_factory=Intervals)
    error: AtlaslensError | None = None

    @property
    def complete(self) -> bool:
        """Whether all that the API has for this window has a final outcome in the store."""
        return self.access_proven and self.end_reached and self.error is None and self.tally.conserved

    @property
    def covered(self) -> bool:
        """Whether the cursor may count the window as read: complete, and its rows still make sense."""
        return self.complete and not self.tally.format_changed

    @property
    def read(self) -> Intervals:
        """The time that the cursor may count as read: all of a covered window, of another what it kept."""
        if self.covered:
            return Intervals.of([(self.window.from_ms, self.window.to_ms)])
        if self.access_proven and not self.tally.format_changed:
            return self.delivered.clip(self.window.from_ms, self.window.to_ms)
        return Intervals()
