"""What has been read of a stretch of time, and what not. Stated in status and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.model.connector import PEOPLE
from atlaslens_forwarder.model.time import HOUR_MS, iso_ms
from atlaslens_forwarder.service.cursors import KIND, read_cursor
from atlaslens_forwarder.service.health import KIND as HEALTH_KIND
from atlaslens_forwarder.service.health import Health

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.storage.state import StateStore

HOLES_SHOWN = 100
PROVISIONAL_MS = HOUR_MS
"""The overlap that every poll reads again: what is younger can still change."""


async def coverage(state: StateStore, from_ms: int, to_ms: int, now_ms: int) -> JsonObject:
    """Per connector: how much of ``[from_ms, to_ms)`` was read with proven access, and each hole.

    ``verdict`` is ``complete`` (all of it), ``provisional`` (only time from ``provisional_from`` on is
    open, which is not over, or within the overlap in which late rows still arrive) or ``holes``: each with
    the reason, what the last contact with the source said or that it was not read yet.

    Raises:
        StoreError: the state cannot be read.
    """
    healths = {doc.connector: Health.from_json(doc.value) for doc in await state.list(HEALTH_KIND)}
    connectors: JsonObject = {}
    for doc in await state.list(KIND):
        covered = read_cursor(doc).covered.clip(from_ms, to_ms - 1)
        missing = covered.missing(from_ms, to_ms - 1)
        health = healths.pop(doc.connector, Health())
        connectors[doc.connector] = _statement(covered, missing, now_ms, from_ms, to_ms, health)
    unread = Intervals()
    for connector, health in healths.items():
        if connector.endswith(f":{PEOPLE}"):
            continue
        connectors[connector] = _statement(
            unread, unread.missing(from_ms, to_ms - 1), now_ms, from_ms, to_ms, health
        )
    verdicts = {str(each["verdict"]) for each in connectors.values() if isinstance(each, dict)}
    order = ("holes", "provisional", "complete")
    overall = next((verdict for verdict in order if verdict in verdicts), "holes")
    return {"from": iso_ms(from_ms), "to": iso_ms(to_ms), "verdict": overall, "connectors": connectors}


def _statement(  # noqa: PLR0917  internal
    covered: Intervals, missing: Intervals, now_ms: int, from_ms: int, to_ms: int, health: Health
) -> JsonObject:
    settled_ms = now_ms - PROVISIONAL_MS
    old = missing.clip(from_ms, settled_ms - 1)
    verdict = "holes" if old else "provisional" if to_ms > settled_ms else "complete"
    holes: list[JsonValue] = [
        {"from": iso_ms(start), "to": iso_ms(end + 1), "reason": health.message or "not read yet"}
        for start, end in old.spans[:HOLES_SHOWN]
    ]
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
