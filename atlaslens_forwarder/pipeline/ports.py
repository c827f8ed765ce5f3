"""What the pipeline needs from the store: three small ports, satisfied by ``sink`` and ``storage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.pipeline.tally import Tally
    from atlaslens_forwarder.sink.bulk import BulkItem, ItemResult


class Sink(Protocol):
    """Creates documents, one outcome each; see :class:`atlaslens_forwarder.sink.bulk.BulkSink`."""

    async def create(self, items: Sequence[BulkItem]) -> list[ItemResult]:
        """Create all items or raise StoreError."""


class Months(Protocol):
    """Makes month indices exist; see :class:`atlaslens_forwarder.storage.months.MonthKeeper`."""

    async def ensure_months(self, names: Iterable[str]) -> list[str]:
        """Create those that are missing; returns their names."""


class WindowObserver(Protocol):
    """Who is told how a window goes on; see :class:`atlaslens_forwarder.telemetry.observer.Telemetry`."""

    def page_done(self, connector: ConnectorId, window: Window, tally: Tally, delivered_ms: int = 0) -> None:
        """A page has its outcomes; ``tally`` is the page's alone, ``delivered_ms`` the window's so far."""
