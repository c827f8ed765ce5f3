"""Tells static and live gaps, for status, reports and the manifests of exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.gaps.organisation import OrganisationRead, stand
from atlaslens_forwarder.gaps.reasons import GAP_TEXTS, GapReason
from atlaslens_forwarder.gaps.static import STATIC_GAPS
from atlaslens_forwarder.model.time import HOUR_MS, iso_ms
from atlaslens_forwarder.service.cursors import KIND as CURSOR_KIND
from atlaslens_forwarder.service.cursors import read_cursor
from atlaslens_forwarder.service.gap_store import KIND, read_history
from atlaslens_forwarder.service.health import KIND as HEALTH_KIND
from atlaslens_forwarder.service.health import Health
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.sources.source import Service

if TYPE_CHECKING:
    from atlaslens_forwarder.gaps.history import GapHistory, Period
    from atlaslens_forwarder.gaps.static import StaticGap
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.storage.state import StateStore

RECENT_MS: Final = 2 * HOUR_MS
"""Where no period is asked for, a static gap stands as in these last hours, but for the newest one."""


@dataclass(frozen=True, slots=True)
class GapReport:
    """Static gaps and all periods of live ones, ready to be told."""

    static: list[JsonValue]
    live: list[JsonValue]

    def to_json(self) -> JsonObject:
        """``static`` and ``live``."""
        return {"static": self.static, "live": self.live}

    def manifest(self) -> list[JsonValue]:
        """One list, each gap with its ``kind``."""
        told: list[JsonValue] = []
        for kind, gaps in (("static", self.static), ("live", self.live)):
            told += [{"kind": kind, **gap} for gap in gaps if isinstance(gap, dict)]
        return told


def static_only() -> list[JsonValue]:
    """The static gaps where no store can tell whether one is closed."""
    return [gap.to_json() for gap in STATIC_GAPS]


async def open_gaps(state: StateStore, now_ms: int, *, past: bool = False) -> GapReport:
    """What is missing now; with ``past`` also what was missing once.

    Raises:
        StoreError: the state cannot be read.
    """
    known = await _known(state)
    hour_ms = now_ms - HOUR_MS
    return GapReport(
        [known.static(gap, hour_ms - RECENT_MS, hour_ms) for gap in STATIC_GAPS],
        [
            known.live(history, period)
            for history in known.histories
            for period in history.periods
            if past or period.open
        ],
    )


async def gaps_between(state: StateStore, from_ms: int, to_ms: int, now_ms: int) -> GapReport:
    """What is missing, or was missing once, of ``[from_ms, to_ms)``; the hour before now may be open yet.

    Raises:
        StoreError: the state cannot be read.
    """
    known = await _known(state)
    return GapReport(
        [known.static(gap, from_ms, min(to_ms, now_ms - HOUR_MS)) for gap in STATIC_GAPS],
        [
            known.live(history, period)
            for history in known.histories
            for period in history.periods
            if period.overlaps(from_ms, to_ms)
        ],
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """The stored state that gaps are told from."""

    histories: list[GapHistory]
    covered: dict[str, Intervals]
    healths: dict[str, Health]

    def static(self, gap: StaticGap, from_ms: int, to_ms: int) -> JsonObject:
        """A static gap and how it stands in a stretch of time."""
        organisations = [
            OrganisationRead(self.covered.get(name, Intervals()), health.status.read)
            for name, health in self.healths.items()
            if (spec := SOURCES.get(name.partition(":")[2])) is not None
            and spec.service is Service.ORGANISATION
        ]
        sites = len({name.partition(":")[0] for name in self.healths})
        return {**gap.to_json(), "state": stand(gap, organisations, sites, from_ms, to_ms).value}

    def live(self, history: GapHistory, period: Period) -> JsonObject:
        """One period of a live gap."""
        text = GAP_TEXTS[history.reason]
        told: JsonObject = {
            "connector": history.connector,
            "reason": history.reason.value,
            "what": text.what,
            "why": period.detail or text.what,
            "closes": text.closes,
            "from": _iso(period.from_ms),
            "to": _iso(period.to_ms),
            "opened_at": _iso(period.opened_ms),
            "closed_at": _iso(period.closed_ms),
            "filled": self._filled(history, period),
        }
        if period.joined:
            told["joined_periods"] = period.joined + 1
        return told

    def _filled(self, history: GapHistory, period: Period) -> bool:
        """Whether all of its time was read after all; what can never be read or believed never is."""
        never = history.reason.never_filled or history.reason is GapReason.SILENT
        covered = self.covered.get(history.connector)
        if never or period.open or period.to_ms is None or not covered:
            return False
        from_ms = covered.spans[0][0] if period.from_ms is None else period.from_ms
        return not covered.missing(from_ms, period.to_ms)


async def _known(state: StateStore) -> _Known:
    return _Known(
        [read_history(doc) for doc in await state.list(KIND)],
        {doc.connector: read_cursor(doc).covered for doc in await state.list(CURSOR_KIND)},
        {doc.connector: Health.from_json(doc.value) for doc in await state.list(HEALTH_KIND)},
    )


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso_ms(at_ms)
