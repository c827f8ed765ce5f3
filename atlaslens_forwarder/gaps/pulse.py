"""The pulse of a source: in which hours of its last weeks something happened. Pure.

It is taken from what was read, whether new or read again, so reading twice changes nothing, and the order in
which windows are read does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject

KEPT_HOURS: Final = 8 * 7 * 24
"""Eight weeks before the newest event: enough to know a source, and few enough for one small document."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Hours since the epoch with at least one event, ascending, of the eight weeks up to the newest one."""

    hours: tuple[int, ...] = ()

    @property
    def newest_ms(self) -> int | None:
        """The end of the newest hour with an event, None when there never was one."""
        return (self.hours[-1] + 1) * HOUR_MS - 1 if self.hours else None

    def heard(self, hours: Iterable[int], now_ms: int) -> Pulse:
        """The pulse with more hours; those that are yet to come are no evidence and are left out."""
        known = {hour for hour in (*self.hours, *hours) if hour * HOUR_MS <= now_ms}
        oldest = max(known, default=0) - KEPT_HOURS
        return Pulse(tuple(sorted(hour for hour in known if hour > oldest)))

    def to_json(self) -> JsonObject:
        """JSON form for the state index."""
        return {"hours": [*self.hours]}

    @classmethod
    def from_json(cls, value: JsonObject) -> Pulse:
        """Read what :meth:`to_json` wrote; what cannot be read is no evidence."""
        hours = value.get("hours")
        found = {hour for hour in hours if isinstance(hour, int)} if isinstance(hours, list) else set()
        return cls(tuple(sorted(found)))
