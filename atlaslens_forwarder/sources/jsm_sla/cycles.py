"""What the promises on one request say: cycles that are breached, and when to look again. Pure.

Source: developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request ("Get sla information"). Dates
are objects with ``epochMillis``. A cycle that is over is in ``completedCycles``, one that runs in
``ongoingCycle``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.model.time import HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

KEPT: Final = "promise_kept"
RUNNING: Final = "promise_running"
_CLOCKS_DIFFER_MS: Final = 5 * MINUTE_MS
_LOOK_AGAIN_MS: Final = HOUR_MS


@dataclass(slots=True)
class Promises:
    """What was read of one request.

    ``rows`` are its breached cycles, ``without_event`` counts the others. ``due_ms`` is when a running
    promise will be broken if nobody touches the request, None when none runs.
    """

    rows: list[RawRow] = field(default_factory=list)
    without_event: Counter[str] = field(default_factory=Counter)
    due_ms: int | None = None

    @property
    def received(self) -> int:
        """Cycles that came."""
        return len(self.rows) + self.without_event.total()


def read_promises(issue: JsonObject, values: Iterable[JsonValue], now_ms: int) -> Promises:
    """The promises on a request.

    Args:
        issue: what its events are to know of the request: ``id``, ``key``, ``summary``, ``type``.
        values: the promises, as the API lists them.
        now_ms: when they were asked for.
    """
    found = Promises()
    for value in values:
        if not isinstance(value, dict):
            found.rows.append(_row(issue, {}, value))
            continue
        completed = value.get("completedCycles")
        over = completed if isinstance(completed, list) else []
        for cycle in over:
            _take(found, issue, value, cycle, KEPT)
        running = value.get("ongoingCycle")
        if running is not None and _take(found, issue, value, running, RUNNING):
            _look_again(found, running, now_ms)
    return found


def _take(found: Promises, issue: JsonObject, sla: JsonObject, cycle: JsonValue, otherwise: str) -> bool:
    """Put one cycle where it belongs; whether its promise is not broken."""
    if isinstance(cycle, dict) and cycle.get("breached") is False:
        found.without_event[otherwise] += 1
        return True
    found.rows.append(_row(issue, sla, cycle))
    return False


def _look_again(found: Promises, cycle: JsonValue, now_ms: int) -> None:
    """Remember when the running cycle will be breached; the end of a pause touches its request."""
    due_ms = millis_of(cycle, "breachTime")
    if due_ms is None or (isinstance(cycle, dict) and cycle.get("paused") is True):
        return
    if due_ms < now_ms - _CLOCKS_DIFFER_MS:
        # Over by its own word and yet not breached: do not ask at each round.
        due_ms = now_ms + _LOOK_AGAIN_MS
    found.due_ms = due_ms if found.due_ms is None else min(found.due_ms, due_ms)


def millis_of(cycle: JsonValue, name: str) -> int | None:
    """Epoch milliseconds of a date of the API, None where there is none."""
    date = cycle.get(name) if isinstance(cycle, dict) else None
    at_ms = date.get("epochMillis") if isinstance(date, dict) else None
    return at_ms if isinstance(at_ms, int) and not isinstance(at_ms, bool) else None


def _row(issue: JsonObject, sla: JsonObject, cycle: JsonValue) -> RawRow:
    """A breached cycle with all that its event tells; a digest names what cannot be told apart otherwise."""
    about: JsonObject = {name: sla[name] for name in ("id", "name") if name in sla}
    start_ms = millis_of(cycle, "startTime")
    id_ = about.get("id")
    named = start_ms is not None and isinstance(id_, str | int) and not isinstance(id_, bool)
    last = f"{id_}:{start_ms}" if named else digest_hex(cycle)
    return RawRow(
        {"issue": issue, "sla": about, "cycle": cycle},
        f"{issue.get('id')}:{last}",
        millis_of(cycle, "breachTime"),
    )
