"""What has been read of a stretch of time, and what not. Stated in status and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.gaps.reasons import GAP_TEXTS
from atlaslens_forwarder.model.connector import PEOPLE
from atlaslens_forwarder.model.time import HOUR_MS, iso_ms
from atlaslens_forwarder.service.cursors import KIND, read_cursor
from atlaslens_forwarder.service.gap_store import KIND as GAP_KIND
from atlaslens_forwarder.service.gap_store import read_history
from atlaslens_forwarder.service.health import KIND as HEALTH_KIND
from atlaslens_forwarder.service.health import Health

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.gaps.history import GapHistory
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.storage.state import StateStore

HOLES_SHOWN = 100
PROVISIONAL_MS = HOUR_MS
"""The overlap that every poll reads again: what is younger can still change."""


async def coverage(state: StateStore, from_ms: int, to_ms: int, now_ms: int) -> JsonObject:
    """Per connector: how much of ``[from_ms, to_ms)`` was read with proven access, and each hole.

    ``verdict`` is ``complete`` (all of it), ``provisional`` (only time from ``provisional_from`` on is
    open, which is not over, or within the overlap in which late rows still arrive) or ``holes``: each with
    the reason: of the gaps that were or are open over it, else what the last contact with the source said, or
    that it was not read yet. Time that an API had forgotten before it was asked is a hole too.

    Raises:
        StoreError: the state cannot be read.
    """
    healths = {doc.connector: Health.from_json(doc.value) for doc in await state.list(HEALTH_KIND)}
    gaps: dict[str, list[GapHistory]] = {}
    for doc in await state.list(GAP_KIND):
        gaps.setdefault(doc.connector, []).append(read_history(doc))
    read = {doc.connector: read_cursor(doc).covered for doc in await state.list(KIND)}
    connectors: JsonObject = {}
    for name in {**read, **healths}:
        if name.endswith(f":{PEOPLE}"):
            continue
        known = gaps.get(name, [])
        covered = _without_lost(read.get(name, Intervals()).clip(from_ms, to_ms - 1), known)
        connectors[name] = _statement(covered, now_ms, from_ms, to_ms, healths.get(name, Health()), known)
    verdicts = {str(each["verdict"]) for each in connectors.values() if isinstance(each, dict)}
    order = ("holes", "provisional", "complete")
    overall = next((verdict for verdict in order if verdict in verdicts), "holes")
    return {"from": iso_ms(from_ms), "to": iso_ms(to_ms), "verdict": overall, "connectors": connectors}


def _without_lost(covered: Intervals, gaps: Sequence[GapHistory]) -> Intervals:
    """Time that counts as read because it was asked in vain was not read."""
    for gap in gaps:
        for period in gap.periods if gap.reason.never_filled else ():
            if period.open and covered:
                first_ms, last_ms = covered.spans[0][0], covered.spans[-1][1]
                lost = Intervals.of(
                    [(period.from_ms or first_ms, last_ms if period.to_ms is None else period.to_ms)]
                )
                covered = Intervals.of(
                    part for start, end in covered for part in lost.missing(start, end).spans
                )
    return covered


def _statement(  # noqa: PLR0917  internal
    covered: Intervals, now_ms: int, from_ms: int, to_ms: int, health: Health, gaps: Sequence[GapHistory]
) -> JsonObject:
    settled_ms = now_ms - PROVISIONAL_MS
    old = covered.missing(from_ms, to_ms - 1).clip(from_ms, settled_ms - 1)
    verdict = "holes" if old else "provisional" if to_ms > settled_ms else "complete"
    holes: list[JsonValue] = [_hole(start, end, health, gaps) for start, end in old.spans[:HOLES_SHOWN]]
    statement: JsonObject = {
        "verdict": verdict,
        "covered_share": round(covered.length_ms / max(1, to_ms - from_ms), 6),
        "holes": holes,
        "holes_total": len(old.spans),
        "status": health.status.value,
    }
    if to_ms > settled_ms:
        statement["provisional_from"] = iso_ms(max(from_ms, settled_ms))
    return statement


def _hole(start_ms: int, end_ms: int, health: Health, gaps: Sequence[GapHistory]) -> JsonObject:
    """A hole, and what explains it."""
    over = sorted(
        (period.opened_ms, gap.reason.value, period.detail or GAP_TEXTS[gap.reason].what)
        for gap in gaps
        if gap.reason.explains_holes
        for period in gap.periods
        if period.overlaps(start_ms, end_ms + 1)
    )
    hole: JsonObject = {"from": iso_ms(start_ms), "to": iso_ms(end_ms + 1)}
    if not over:
        return {**hole, "reason": health.message or "not read yet"}
    reasons, texts = dict.fromkeys(each[1] for each in over), dict.fromkeys(each[2] for each in over)
    return {**hole, "reason": "; ".join(texts), "gaps": [*reasons]}
