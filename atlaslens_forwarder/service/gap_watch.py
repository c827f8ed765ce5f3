"""Watches what cannot be read: before and after each round, gaps are opened, moved and closed by evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.gaps.live import Facts, left_out, live_gaps, lost_time, still_lost
from atlaslens_forwarder.gaps.reasons import GapReason
from atlaslens_forwarder.gaps.silence import silence
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS
from atlaslens_forwarder.service.cursors import KIND as CURSOR_KIND
from atlaslens_forwarder.service.cursors import read_cursor
from atlaslens_forwarder.service.health import Health, load_health

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence

    from atlaslens_forwarder.cursor.state import Cursor
    from atlaslens_forwarder.gaps.history import GapHistory, Holding, Period
    from atlaslens_forwarder.gaps.live import Holdings
    from atlaslens_forwarder.gaps.silence import Silence
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.service.gap_store import GapStore
    from atlaslens_forwarder.sources.source import SourceSpec
    from atlaslens_forwarder.storage.state import StateStore
    from atlaslens_forwarder.telemetry.observer import Telemetry

    OpenRows = Callable[[ConnectorId], Awaitable[tuple[int, int] | None]]
    """Which time a connector's open quarantined rows are about, see ``pipeline.open_quarantine``."""

READ_ELSEWHERE_MS = DAY_MS
"""A connector that had a round within this time is read, by whomever, whatever our settings say."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A connector that our settings leave out, and why."""

    connector: ConnectorId
    reason: GapReason


class GapWatch:
    """Keeps the gaps of one connector, and once an hour those of connectors that are left out."""

    def __init__(  # noqa: PLR0917  the parts of a watch
        self,
        connector: ConnectorId,
        spec: SourceSpec,
        retention_ms: int,
        unread: Sequence[Unread],
        gaps: GapStore,
        state: StateStore,
        open_rows: OpenRows,
        telemetry: Telemetry,
        clock: Callable[[], int],
    ) -> None:
        self._connector = connector
        self._spec = spec
        self._retention_ms = retention_ms
        self._unread = unread
        self._gaps = gaps
        self._state = state
        self._open_rows = open_rows
        self._telemetry = telemetry
        self._clock = clock
        self._looked_ms: int | None = None

    @property
    def _reach_ms(self) -> int:
        return min(self._spec.api_retention_days * DAY_MS, self._retention_ms)

    async def before_round(self, cursor: Cursor) -> None:
        """Note what the API has forgotten meanwhile, before the round takes its empty answer for the truth.

        Raises:
            StoreError: the state cannot be read or written.
        """
        lost = lost_time(cursor.covered, cursor.first_sync_at_ms, self._clock(), self._reach_ms)
        if lost and self._spec.has_history:
            await self._keep_lost(lost, ())

    async def hear(self, cursor: Cursor, hours: Collection[int], *, read: bool) -> Silence | None:
        """Take the pulse after a round; tells whether the source is silent, if it was read well.

        Raises:
            StoreError: the state cannot be read or written.
        """
        pulse = await self._gaps.hear(self._connector, hours)
        if not read or self._spec.may_rest:
            return None
        floor_ms, end_ms = self._clock() - self._reach_ms, cursor.covered.end_ms or 0
        history_read = self._spec.has_history and not cursor.covered.missing(floor_ms, end_ms)
        in_use = not pulse.hours and await self._in_use()
        return silence(pulse, cursor.covered, history_read=history_read, in_use=in_use)

    async def after_round(
        self, health: Health, cursor: Cursor, quiet: Silence | None, hours: Collection[int]
    ) -> None:
        """Open and close the gaps of the connector by what the round has shown.

        Raises:
            StoreError: the state cannot be read or written.
        """
        now_ms = self._clock()
        facts = Facts(
            status=health.status,
            status_since_ms=health.status_since_ms or now_ms,
            covered=cursor.covered,
            now_ms=now_ms,
            retention_ms=self._retention_ms,
            message=health.message,
            silence=quiet,
            first_looked_ms=None if self._spec.has_history else _first_looked(cursor),
            quarantined=await self._open_rows(self._connector),
        )
        known = {each.reason: each for each in await self._gaps.histories(self._connector)}
        await self._keep(self._connector, known, live_gaps(facts))
        if GapReason.BEYOND_RETENTION in known and known[GapReason.BEYOND_RETENTION].open_periods:
            known[GapReason.BEYOND_RETENTION] = await self._keep_lost(Intervals(), hours)
        self._telemetry.gaps(
            self._connector, {reason: len(found.open_periods) for reason, found in known.items()}
        )
        await self._look_at_unread()

    async def _keep_lost(self, lost: Intervals, hours: Collection[int]) -> GapHistory:
        def holdings(known: Sequence[Period]) -> Sequence[Holding]:
            return still_lost(known, lost, hours, self._clock(), self._retention_ms)

        return await self._change(self._connector, GapReason.BEYOND_RETENTION, holdings)

    async def _keep(
        self, connector: ConnectorId, known: dict[GapReason, GapHistory], found: Holdings
    ) -> None:
        """Write what changes; ``known`` becomes what is stored."""
        for reason, holdings in found.items():
            before = known.get(reason)
            if holdings if before is None else before.after(holdings, self._clock()) != before:
                known[reason] = await self._change(connector, reason, _just(holdings))

    async def _change(
        self,
        connector: ConnectorId,
        reason: GapReason,
        holdings: Callable[[Sequence[Period]], Sequence[Holding]],
    ) -> GapHistory:
        before, after = await self._gaps.reconcile(connector, reason, holdings)
        self._telemetry.gap_changed(
            connector, reason, before=len(before.open_periods), after=len(after.open_periods)
        )
        return after

    async def _in_use(self) -> bool:
        """Whether another source of the same product at the same site has ever had an event."""
        product = self._spec.name.partition("-")[0]
        return any(
            pulse.hours and connector.startswith(f"{self._connector.site}:{product}-")
            for connector, pulse in (await self._gaps.pulses()).items()
        )

    async def _look_at_unread(self) -> None:
        now_ms = self._clock()
        if not self._unread or (self._looked_ms is not None and 0 <= now_ms - self._looked_ms < HOUR_MS):
            return
        self._looked_ms = now_ms
        for unread in self._unread:
            last_ms = (await load_health(self._state, unread.connector)).last_round_ms
            if last_ms is not None and now_ms - last_ms < READ_ELSEWHERE_MS:
                continue
            doc = await self._state.load(f"{CURSOR_KIND}:{unread.connector}")
            covered = Intervals() if doc is None else read_cursor(doc).covered
            known = {each.reason: each for each in await self._gaps.histories(unread.connector)}
            await self._keep(unread.connector, known, left_out(unread.reason, covered))
            opened = {reason: len(found.open_periods) for reason, found in known.items()}
            self._telemetry.gaps(unread.connector, opened)


def _first_looked(cursor: Cursor) -> int | None:
    """When the present was first read: a polled source's first window ends then."""
    return cursor.first_sync_at_ms if cursor.covered else None


def _just(holdings: Sequence[Holding]) -> Callable[[Sequence[Period]], Sequence[Holding]]:
    """These hold, whatever is stored."""
    return lambda _: holdings
