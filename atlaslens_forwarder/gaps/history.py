"""The history of one gap: when it was open, and which time of the products it is about. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.gaps.reasons import GapReason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

MOST_PERIODS: Final = 50
"""Periods kept of one gap; older ones are joined into one that spans them, so nothing is ever told less."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A gap that holds now: the time that is missing, why, and since when we know.

    ``from_ms`` None means from the beginning; ``to_ms`` None means that it goes on.
    """

    from_ms: int | None
    to_ms: int | None
    detail: str = ""
    since_ms: int | None = None

    def touches(self, period: Period) -> bool:
        """Whether they have time in common, or follow each other."""
        starts_in_time = period.to_ms is None or self.from_ms is None or self.from_ms <= period.to_ms + 1
        ends_late_enough = self.to_ms is None or period.from_ms is None or self.to_ms + 1 >= period.from_ms
        return starts_in_time and ends_late_enough


@dataclass(frozen=True, slots=True)
class Period:
    """One time that a gap was open; ``joined`` counts the older periods that it stands for as well."""

    from_ms: int | None
    to_ms: int | None
    opened_ms: int
    closed_ms: int | None = None
    detail: str = ""
    joined: int = 0

    @property
    def open(self) -> bool:
        """Whether it still holds."""
        return self.closed_ms is None

    def overlaps(self, from_ms: int, to_ms: int) -> bool:
        """Whether it is about any of ``[from_ms, to_ms)``."""
        return (self.from_ms is None or self.from_ms < to_ms) and (
            self.to_ms is None or self.to_ms >= from_ms
        )

    def to_json(self) -> JsonObject:
        """JSON form for the state index."""
        return {
            "from_ms": self.from_ms,
            "to_ms": self.to_ms,
            "opened_ms": self.opened_ms,
            "closed_ms": self.closed_ms,
            "detail": self.detail,
            "joined": self.joined,
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> Period:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError: it is something else.
        """
        match value:
            case {
                "from_ms": (int() | None) as from_ms,
                "to_ms": (int() | None) as to_ms,
                "opened_ms": int(opened_ms),
                "closed_ms": (int() | None) as closed_ms,
                "detail": str(detail),
                "joined": int(joined),
            }:
                return cls(from_ms, to_ms, opened_ms, closed_ms, detail, joined)
        raise ValueError("a period of a gap has an unknown form")


@dataclass(frozen=True, slots=True)
class GapHistory:
    """All periods of one gap, a reason at a connector, oldest first; at most :data:`MOST_PERIODS`."""

    connector: str
    reason: GapReason
    periods: tuple[Period, ...] = ()

    @property
    def open_periods(self) -> tuple[Period, ...]:
        """Those that hold."""
        return tuple(period for period in self.periods if period.open)

    def after(self, holdings: Sequence[Holding], now_ms: int) -> GapHistory:
        """The history when exactly these hold now. Doing it again changes nothing.

        A holding that touches an open period goes on with it, others begin one; open periods that nothing
        holds any more are closed. Closed ones are never changed. No two holdings may touch each other.
        """
        closed = [period for period in self.periods if not period.open]
        left = list(self.open_periods)
        now_open: list[Period] = []
        for holding in holdings:
            same = [period for period in left if holding.touches(period)]
            left = [period for period in left if period not in same]
            began = min((period.opened_ms for period in same), default=None)
            if began is None:
                began = now_ms if holding.since_ms is None else min(holding.since_ms, now_ms)
            now_open.append(Period(holding.from_ms, holding.to_ms, began, None, holding.detail))
        closed += [
            replace(
                period,
                closed_ms=now_ms,
                to_ms=_ended(period, now_ms) if period.to_ms is None else period.to_ms,
            )
            for period in left
        ]
        ordered = sorted([*closed, *now_open], key=_age)
        return replace(self, periods=_bounded(ordered))

    def to_json(self) -> JsonObject:
        """JSON form for the state index."""
        return {
            "connector": self.connector,
            "reason": self.reason.value,
            "periods": [period.to_json() for period in self.periods],
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> GapHistory:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError: it is something else.
        """
        periods = value.get("periods")
        if not isinstance(periods, list):
            raise ValueError("the periods of a gap are no list")  # noqa: TRY004  one error type for bad content
        return cls(
            str(value.get("connector")),
            GapReason(str(value.get("reason"))),
            tuple(Period.from_json(period) for period in periods),
        )


def _ended(period: Period, now_ms: int) -> int:
    if period.to_ms is not None:
        return period.to_ms
    return max(now_ms, period.opened_ms, period.from_ms or 0)


def _bounded(periods: list[Period]) -> tuple[Period, ...]:
    """Join the oldest closed periods until few enough are left; open ones always stay as they are."""
    closed = [period for period in periods if not period.open]
    surplus = len(periods) - MOST_PERIODS
    if surplus <= 0 or len(closed) < 2:  # noqa: PLR2004  two make one
        return tuple(periods)
    old, kept = closed[: surplus + 1], closed[surplus + 1 :]
    joined = Period(
        from_ms=None if any(each.from_ms is None for each in old) else min(each.from_ms or 0 for each in old),
        to_ms=max(each.to_ms or 0 for each in old),
        opened_ms=min(each.opened_ms for each in old),
        closed_ms=max(each.closed_ms or 0 for each in old),
        detail=old[-1].detail,
        joined=sum(each.joined + 1 for each in old) - 1,
    )
    keep = {id(period) for period in kept}
    rest = [period for period in periods if period.open or id(period) in keep]
    return tuple(sorted([joined, *rest], key=_age))


def _age(period: Period) -> tuple[int, bool]:
    return (period.opened_ms, not period.open)
