"""Names of the product's indices: families, and the UTC month that each event-time index covers.

Pure. Month indices are ``atlaslens-<family>-YYYY.MM``; the month is the UTC month of the event's own time
(for ``activity-undated``, ``quarantine`` and ``windows``: of discovery).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from atlaslens_forwarder.model.time import from_ms, to_ms

PREFIX = "atlaslens"
EVENTS_ALIAS = "atlaslens-events"
"""Audit, activity and undated events under one name, for searches and Dashboards."""

OWN_PATTERN = f"{PREFIX}-*"


class Family(StrEnum):
    """One kind of index; its value is the part of the name after ``atlaslens-``."""

    AUDIT = "audit"
    ACTIVITY = "activity"
    UNDATED = "activity-undated"
    QUARANTINE = "quarantine"
    WINDOWS = "windows"
    SEALS = "seals"
    CUSTODY = "custody"
    PEOPLE = "people"
    LOOKUP = "lookup"
    ALERTS = "alerts"
    STATE = "state"

    @property
    def append_only(self) -> bool:
        """Whether documents are only ever created, and OpenSearch refuses all else."""
        return self not in _UPDATABLE

    @property
    def monthly(self) -> bool:
        """Whether there is one index per UTC month, removed whole when it expires."""
        return self in MONTHLY

    @property
    def single_index(self) -> str:
        """The one index of a family without months, e.g. ``atlaslens-state``.

        Raises:
            ValueError: the family has months.
        """
        if self.monthly:
            raise ValueError(f"{self.value} has one index per month")
        return f"{PREFIX}-{self.value}"


_UPDATABLE = frozenset({Family.PEOPLE, Family.LOOKUP, Family.ALERTS, Family.STATE})
MONTHLY = (Family.AUDIT, Family.ACTIVITY, Family.UNDATED, Family.QUARANTINE, Family.WINDOWS)
SINGLE = tuple(family for family in Family if family not in MONTHLY)

_FAMILIES = "|".join(family.value for family in MONTHLY)
_MONTH_NAME = re.compile(rf"{PREFIX}-(?P<family>{_FAMILIES})-(?P<year>\d{{4}})\.(?P<month>0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class MonthIndex:
    """A month index taken apart: its family and the first and last millisecond it covers."""

    family: Family
    start_ms: int
    end_ms: int
    """Exclusive: the start of the next month."""


def month_index(family: Family, at_ms: int) -> str:
    """The index that holds an event of this family and time, e.g. ``atlaslens-audit-2026.01``.

    Raises:
        ValueError: the family has no months.
    """
    if family not in MONTHLY:
        raise ValueError(f"{family.value} has no months")
    moment = from_ms(at_ms)
    return f"{PREFIX}-{family.value}-{moment.year:04d}.{moment.month:02d}"


def month_start_ms(at_ms: int) -> int:
    """The first millisecond of the UTC month that contains ``at_ms``."""
    return to_ms(from_ms(at_ms).replace(day=1, hour=0, minute=0, second=0, microsecond=0))


def next_month_ms(at_ms: int) -> int:
    """The first millisecond of the UTC month after the one that contains ``at_ms``."""
    moment = from_ms(at_ms)
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)  # noqa: PLR2004
    return to_ms(datetime(year, month, 1, tzinfo=UTC))


def months_between(first_ms: int, last_ms: int) -> list[int]:
    """Starts of all UTC months that ``[first_ms, last_ms]`` touches, oldest first; none if it is empty."""
    starts = []
    start = month_start_ms(first_ms)
    while first_ms <= last_ms and start <= last_ms:
        starts.append(start)
        start = next_month_ms(start)
    return starts


def months_ahead(now_ms: int) -> list[str]:
    """The indices of this month and the next, of every family with months."""
    return [month_index(family, at_ms) for family in MONTHLY for at_ms in (now_ms, next_month_ms(now_ms))]


def parse_month_index(name: str) -> MonthIndex | None:
    """The family and month of an index name; None for any name that is not one of our month indices."""
    match = _MONTH_NAME.fullmatch(name)
    if match is None:
        return None
    start_ms = to_ms(datetime(int(match["year"]), int(match["month"]), 1, tzinfo=UTC))
    return MonthIndex(Family(match["family"]), start_ms, next_month_ms(start_ms))


def family_of(name: str) -> Family | None:
    """The family of one of our indices, with or without months; None for a foreign name."""
    month = parse_month_index(name)
    if month is not None:
        return month.family
    return next((family for family in SINGLE if name == family.single_index), None)
