"""Results of rounds as JSON, the same for ``sync --json``, sync requests and the demo. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.service.connector import RoundReport


def round_json(report: RoundReport) -> JsonObject:
    """One round of one connector."""
    tally = report.tally
    result: JsonObject = {
        "status": report.status.value,
        "rows": tally.rows,
        "events": tally.events,
        "stored": tally.stored,
        "repeat": tally.repeat,
        "conflict": tally.conflict,
        "quarantined": tally.quarantined,
        "skipped": tally.skipped,
        "late": tally.late,
        "without_event": dict(tally.without_event),
        "windows": report.windows_planned,
        "windows_covered": report.windows_covered,
        "conserved": report.conserved,
        "duration_s": round(report.duration_s, 3),
    }
    if report.error is not None:
        result["error"] = report.error.one_line()
    return result


def totals_json(rounds: Iterable[JsonValue]) -> JsonObject:
    """Sums over several rounds."""
    keys = ("rows", "events", "stored", "repeat", "conflict", "quarantined", "skipped", "late")
    totals: JsonObject = dict.fromkeys(keys, 0)
    for each in rounds:
        if isinstance(each, dict):
            for key in keys:
                have, more = totals[key], each.get(key, 0)
                if isinstance(have, int) and isinstance(more, int):
                    totals[key] = have + more
    return totals
