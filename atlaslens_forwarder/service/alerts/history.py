"""Whether the time before an event was read, so that "never seen before" means something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.detections.fields import first_of
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.service.cursors import KIND, read_cursor
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.sources.source import Style

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.cursor.intervals import Intervals
    from atlaslens_forwarder.detections.finding import Seen
    from atlaslens_forwarder.storage.state import StateStore

MOST_MISSING: Final = 0.02
"""Share of the time that may be unread: short outages do not silence the rules that look back."""


class ReadHistory:
    """Looks at the cursors of an event's site, as they were when it was made.

    Only sources that tell of the past count, and of those only what has been read at all: a source that the
    account may not read would else silence these rules for good. No further back than the retention is
    asked for.
    """

    def __init__(self, state: StateStore, clock: Callable[[], int], retention_days: int) -> None:
        self._state = state
        self._clock = clock
        self._retention_ms = retention_days * DAY_MS
        self._covered: dict[str, list[Intervals]] | None = None

    async def __call__(self, event: Seen, period_ms: int) -> bool:
        """Whether that much time before the event was read of the event's site.

        Raises:
            StoreError: the state cannot be read.
        """
        if self._covered is None:
            self._covered = await self._load()
        oldest_ms = self._clock() - self._retention_ms + DAY_MS
        from_ms = max(event.at_ms - period_ms, oldest_ms)
        sources = self._covered.get(first_of(event.source, "atlassian.site"), [])
        if not sources:
            return False
        allowed_ms = MOST_MISSING * max(0, event.at_ms - from_ms) + DAY_MS / 24
        return all(covered.missing(from_ms, event.at_ms).length_ms <= allowed_ms for covered in sources)

    async def _load(self) -> dict[str, list[Intervals]]:
        found: dict[str, list[Intervals]] = {}
        for doc in await self._state.list(KIND):
            site, _, source = doc.connector.rpartition(":")
            spec = SOURCES.get(source)
            covered = read_cursor(doc).covered
            if spec is not None and spec.style is Style.WINDOWS and covered:
                found.setdefault(site, []).append(covered)
        return found
