"""Issues and everything on them, with all versions and deletions kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Project
    from atlaslens_forwarder.simulator.world.work.vocabulary import Named


@dataclass(frozen=True, slots=True)
class Item:
    """One field of a change; ids may be absent, texts are what people read."""

    field: str
    field_id: str
    before: str | None
    before_text: str | None
    after: str | None
    after_text: str | None
    kind: str = "jira"


@dataclass(frozen=True, slots=True)
class Change:
    """One history of an issue; ``mark`` is the place in :attr:`Issue.marks` of its touch."""

    id: str
    at_ms: int
    author: Person
    items: tuple[Item, ...]
    mark: int


@dataclass(frozen=True, slots=True)
class Version:
    """A comment or worklog as somebody left it; ``seconds`` is the work of a worklog."""

    at_ms: int
    author: Person
    text: str
    mark: int
    seconds: int = 0


@dataclass(slots=True)
class Note:
    """A comment or a worklog: its versions, oldest first, and its end."""

    id: str
    issue: Issue
    versions: list[Version]
    is_public: bool = True
    deleted_at_ms: int | None = None
    deleted_by: Person | None = None
    deleted_mark: int = 0

    @property
    def last(self) -> Version:
        """What it says now, or said last."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Mark:
    """A touch that the search index learns of; ``lag_ms`` overrules the switch that delays it."""

    at_ms: int
    lag_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an issue stands from a time on, and how it is called there."""

    from_ms: int
    project: Project
    number: int

    @property
    def key(self) -> str:
        """``PAY-17``."""
        return f"{self.project.key}-{self.number}"


@dataclass(slots=True)
class Issue:
    """An issue; ``places`` grows when it moves, ``marks`` with every touch; restrictions hide it."""

    id: str
    type: Named
    creator: Person
    created_at_ms: int
    places: list[Place]
    summary: str
    status: Named
    priority: Named
    description: str = ""
    assignee: Person | None = None
    labels: tuple[str, ...] = ()
    resolved_at_ms: int | None = None
    marks: list[Mark] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    comments: list[Note] = field(default_factory=list)
    worklogs: list[Note] = field(default_factory=list)
    statuses: list[tuple[int, Named]] = field(default_factory=list)
    restrictions: list[tuple[int, int | None]] = field(default_factory=list)
    deleted_at_ms: int | None = None
    deleted_by: Person | None = None

    @property
    def place(self) -> Place:
        """Where it stands now."""
        return self.places[-1]

    @property
    def key(self) -> str:
        """Its present key; the id is what lasts."""
        return self.place.key

    @property
    def updated_at_ms(self) -> int:
        """The last touch."""
        return self.marks[-1].at_ms

    @property
    def is_restricted(self) -> bool:
        """Whether the collector may not see it now."""
        return bool(self.restrictions) and self.restrictions[-1][1] is None

    def restriction_at(self, at_ms: int) -> tuple[int, int | None] | None:
        """The hidden time that this moment falls into."""
        return next(
            (
                (start_ms, end_ms)
                for start_ms, end_ms in self.restrictions
                if start_ms <= at_ms and (end_ms is None or at_ms < end_ms)
            ),
            None,
        )

    def place_at(self, at_ms: int) -> Place:
        """Where it stood at that time."""
        return next(place for place in reversed(self.places) if place.from_ms <= at_ms)
