"""Legal holds: which are in force, and what they say. Pure; the truth is the custody log.

A hold is a row of the custody log, its number is the row's. It is in force until another row removes it. Rows
that are not ours can add a hold, which keeps too much, but never remove one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.service.custody_log import HOLD_ADDED, HOLD_REMOVED, body_of
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.storage.names import Family, month_index, months_between, parse_month_index

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from atlaslens_forwarder.model.json import JsonObject

HOLD_ACTIONS: Final = (HOLD_ADDED, HOLD_REMOVED)
_PIPELINES: Final = {Pipeline.AUDIT: Family.AUDIT, Pipeline.ACTIVITY: Family.ACTIVITY}
_DISCOVERED: Final = (Family.QUARANTINE, Family.UNDATED)


@dataclass(frozen=True, slots=True)
class Hold:
    """Time ``[from_ms, to_ms)`` whose months must stay; ``site`` and ``source`` narrow it where given.

    ``months`` are those that existed when it was added.
    """

    number: int
    from_ms: int
    to_ms: int
    site: str = ""
    source: str = ""
    reason: str = ""
    added: str = ""
    months: tuple[str, ...] = ()

    def event_months(self) -> set[str]:
        """The month indices of its events, whether they exist or not. A month is shared by all sites."""
        families = (
            [_PIPELINES[SOURCES[self.source].pipeline]] if self.source in SOURCES else _PIPELINES.values()
        )
        starts = months_between(self.from_ms, self.to_ms - 1)
        return {month_index(family, start) for family in families for start in starts}

    def discovery_months(self, windows: Iterable[str]) -> set[str]:
        """The months of quarantine and undated events, by when what belongs to it was read.

        Args:
            windows: the months of the window ledger in which its time was read.
        """
        starts = {month.start_ms for name in windows if (month := parse_month_index(name)) is not None}
        starts |= {*months_between(self.from_ms, self.to_ms - 1)}
        return {month_index(family, start) for family in _DISCOVERED for start in starts}

    def to_json(self) -> JsonObject:
        """Its form in ``hold list`` and ``status``; ``to`` is exclusive."""
        return {
            "hold": self.number,
            "from": iso_ms(self.from_ms),
            "to": iso_ms(self.to_ms),
            "site": self.site,
            "source": self.source,
            "reason": self.reason,
            "added": self.added,
        }


def holds_in(rows: Iterable[JsonObject], origin: Callable[[JsonObject], bool | None]) -> tuple[Hold, ...]:
    """The holds in force after these rows of the custody log, in the order of their numbers."""
    found: dict[int, Hold] = {}
    for row in rows:
        match row:
            case {"event": {"action": str(action)}, "custody": {"number": int(number)}}:
                body = body_of(row)
                if action == HOLD_ADDED and (hold := _hold(number, row, body)) is not None:
                    found[number] = hold
                elif action == HOLD_REMOVED and origin(row) is True:
                    found.pop(body.get("hold", 0), None)
    return tuple(found.values())


def missing_months(hold: Hold, there: Collection[str]) -> list[str]:
    """Months of a hold that existed when it was added and are not there any more."""
    return sorted({*hold.months} - {*there})


def _hold(number: int, row: JsonObject, body: JsonObject) -> Hold | None:
    custody = row["custody"]
    match body:
        case {"from_ms": int(from_ms), "to_ms": int(to_ms), "months": list(months)} if from_ms < to_ms:
            return Hold(
                number,
                from_ms,
                to_ms,
                str(body.get("site", "")),
                str(body.get("source", "")),
                str(custody.get("reason", "")) if isinstance(custody, dict) else "",
                str(row.get("@timestamp", "")),
                tuple(map(str, months)),
            )
    return None
