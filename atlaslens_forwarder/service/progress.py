"""How far the rounds under way have come, for whoever follows one from another process."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.pipeline.tally import Tally


class RoundCounts:
    """Rows and stored events of each connector's present round; fed by ``Telemetry``."""

    def __init__(self) -> None:
        self._counts: dict[ConnectorId, tuple[int, int]] = {}

    def begin(self, connector: ConnectorId) -> None:
        """A round begins: count from zero."""
        self._counts[connector] = (0, 0)

    def page_done(self, connector: ConnectorId, _window: Window, tally: Tally) -> None:
        """A page has its outcomes."""
        rows, stored = self._counts.get(connector, (0, 0))
        self._counts[connector] = (rows + tally.rows, stored + tally.stored)

    def of(self, connector: ConnectorId) -> JsonObject:
        """The counts in the form of a round's result."""
        rows, stored = self._counts.get(connector, (0, 0))
        return {"status": "running", "rows": rows, "stored": stored}
