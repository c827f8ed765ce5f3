"""The cursor of one connector: what it has covered, and when it last re-read the past."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.window import Purpose

if TYPE_CHECKING:
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.json import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class RereadState:
    """Progress of one kind of periodic re-reading.

    ``done_at_ms`` is when the last one was complete; ``started_at_ms`` is set while one is under way, whose
    finished slices are ``read``.
    """

    done_at_ms: int | None = None
    started_at_ms: int | None = None
    read: Intervals = field(default_factory=Intervals)

    def not_beyond(self, now_ms: int) -> RereadState:
        """The state without times that are yet to come; one that began in the future begins again."""
        done_at_ms = None if self.done_at_ms is None else min(self.done_at_ms, now_ms)
        if self.started_at_ms is not None and self.started_at_ms > now_ms:
            return RereadState(done_at_ms=done_at_ms, started_at_ms=now_ms)
        return replace(self, done_at_ms=done_at_ms)

    def to_json(self) -> JsonObject:
        """JSON form for the state index."""
        return {
            "done_at_ms": self.done_at_ms,
            "started_at_ms": self.started_at_ms,
            "read": self.read.to_json(),
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> RereadState:
        """Read what :meth:`to_json` wrote; anything else is a ValueError."""
        if not isinstance(value, dict):
            raise ValueError("re-read state must be an object")  # noqa: TRY004  one error type for bad content
        return cls(
            _time(value, "done_at_ms"),
            _time(value, "started_at_ms"),
            Intervals.from_json(value.get("read", [])),
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is known to be read.

    ``first_sync_at_ms`` anchors the first backfill: history reaches back from there, not from today.
    ``window_number`` is the number of the last row of the window ledger.
    """

    first_sync_at_ms: int
    covered: Intervals = field(default_factory=Intervals)
    daily: RereadState = field(default_factory=RereadState)
    weekly: RereadState = field(default_factory=RereadState)
    window_number: int = 0

    def after(self, window: Window) -> Cursor:
        """The cursor once all of a window has been read and each of its rows has a final outcome."""
        cursor = replace(self, covered=self.covered.add(window.from_ms, window.to_ms))
        if window.purpose is Purpose.REREAD_DAILY:
            return replace(
                cursor, daily=replace(self.daily, read=self.daily.read.add(window.from_ms, window.to_ms))
            )
        if window.purpose is Purpose.REREAD_WEEKLY:
            return replace(
                cursor, weekly=replace(self.weekly, read=self.weekly.read.add(window.from_ms, window.to_ms))
            )
        return cursor

    def not_beyond(self, now_ms: int, readable_ms: int) -> Cursor:
        """The cursor without what can only come from a clock that was ahead.

        Nothing after ``readable_ms`` can have been read, and nothing happened after ``now_ms``.
        """
        end_ms = self.covered.end_ms
        if end_ms is None or end_ms <= readable_ms:
            covered = self.covered
        else:
            covered = self.covered.clip(self.covered.spans[0][0], readable_ms)
        return replace(
            self,
            first_sync_at_ms=min(self.first_sync_at_ms, now_ms),
            covered=covered,
            daily=self.daily.not_beyond(now_ms),
            weekly=self.weekly.not_beyond(now_ms),
        )

    def merged(self, other: Cursor) -> Cursor:
        """Our progress joined with that of another forwarder on the same connector.

        Covered time only ever grows, so the union is right whoever wrote last.
        """
        return replace(
            self,
            first_sync_at_ms=min(self.first_sync_at_ms, other.first_sync_at_ms),
            covered=self.covered.union(other.covered),
            window_number=max(self.window_number, other.window_number),
        )

    def to_json(self) -> JsonObject:
        """JSON form for the state index."""
        return {
            "first_sync_at_ms": self.first_sync_at_ms,
            "covered": self.covered.to_json(),
            "daily": self.daily.to_json(),
            "weekly": self.weekly.to_json(),
            "window_number": self.window_number,
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> Cursor:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError: the value is not such a cursor.
        """
        if not isinstance(value, dict):
            raise ValueError("a cursor must be an object")  # noqa: TRY004  one error type for bad content
        first = _time(value, "first_sync_at_ms")
        number = value.get("window_number", 0)
        if first is None or not isinstance(number, int) or isinstance(number, bool):
            raise ValueError("a cursor needs first_sync_at_ms and a whole window_number")
        return cls(
            first_sync_at_ms=first,
            covered=Intervals.from_json(value.get("covered", [])),
            daily=RereadState.from_json(value.get("daily", {})),
            weekly=RereadState.from_json(value.get("weekly", {})),
            window_number=number,
        )


def _time(value: JsonObject, key: str) -> int | None:
    found = value.get(key)
    if found is not None and (not isinstance(found, int) or isinstance(found, bool)):
        raise ValueError(f"{key} must be whole milliseconds")
    return found
