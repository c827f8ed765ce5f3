"""What became of one window. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.pipeline.tally import Tally

if TYPE_CHECKING:
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.errors import AtlaslensError
    from atlaslens_forwarder.model.connector import ConnectorId


@dataclass(slots=True)
class WindowReport:
    """A window's counts and whether they are the whole of it.

    ``access_proven``: the account was known and allowed just before the window was read, so an empty
    answer means that there was nothing. ``end_reached``: paging came to the window's end.
    """

    connector: ConnectorId
    window: Window
    started_ms: int
    access_proven: bool = False
    end_reached: bool = False
    finished_ms: int = 0
    number: int = 0
    tally: Tally = field(default_factory=Tally)
    error: AtlaslensError | None = None

    @property
    def complete(self) -> bool:
        """Whether all that the API has for this window has a final outcome in the store."""
        return self.access_proven and self.end_reached and self.error is None and self.tally.conserved

    @property
    def covered(self) -> bool:
        """Whether the cursor may count the window as read: complete, and its rows still make sense."""
        return self.complete and not self.tally.format_changed
