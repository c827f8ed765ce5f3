"""A rule as it is used: what it looks for, how it counts, and what to do when it alerts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.detections.syntax import Node


class Level(StrEnum):
    """Sigma's levels, least first."""

    INFORMATIONAL = "informational"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Scope(StrEnum):
    """Which events a rule sees: Sigma's ``logsource.service``."""

    AUDIT = "audit"
    EVERYTHING = "events"


@dataclass(frozen=True, slots=True)
class Threshold:
    """So many matching events (or different values of ``field``) of one group within a time."""

    at_least: int
    group_by: tuple[str, ...]
    timespan_ms: int
    field: str = ""
    """Empty: events are counted (``event_count``); else its different values (``value_count``)."""


class Past(StrEnum):
    """What a look-back rule wants to know of the time before."""

    FIRST_TIME = "first-time"
    """Nobody with these values did the like before."""
    DORMANT = "dormant"
    """Whoever has these values was seen before, but not lately."""


@dataclass(frozen=True, slots=True)
class LookBack:
    """A rule whose answer depends on the time before the event."""

    past: Past
    by: tuple[str, ...]
    period_ms: int
    """How far back to look."""
    quiet_ms: int = 0
    """``dormant``: how long nothing must have been seen."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One detection; ``when`` is None for rules that alert on each matching event."""

    name: str
    """Name of its file without ending: stable, also in alerts."""
    id: str
    title: str
    description: str
    level: Level
    scope: Scope
    node: Node
    runbook: str
    status: str
    author: str
    date: str
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    when: Threshold | LookBack | None = None

    @property
    def kind(self) -> str:
        """``match``, ``threshold``, ``first-time`` or ``dormant``."""
        match self.when:
            case None:
                return "match"
            case Threshold():
                return "threshold"
            case LookBack(past):
                return past.value

    @property
    def page(self) -> str:
        """Where its runbook stands, relative to the repository."""
        return f"docs/rules.md#{self.name}"
