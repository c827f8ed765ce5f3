"""Pages, blog posts and comments, with all their versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Space


class Kind(StrEnum):
    """What an item is; the value is the name used in orders and in the truth."""

    PAGE = "page"
    BLOG_POST = "blogpost"
    FOOTER_COMMENT = "footer-comment"
    INLINE_COMMENT = "inline-comment"

    @property
    def is_comment(self) -> bool:
        """Whether it stands on another item and lives only as long as that."""
        return self in {Kind.FOOTER_COMMENT, Kind.INLINE_COMMENT}


class Status(StrEnum):
    """Where an item stands; the names of the API."""

    CURRENT = "current"
    ARCHIVED = "archived"
    TRASHED = "trashed"
    DELETED = "deleted"
    """Purged from the trash; a deleted comment skips the trash."""


@dataclass(slots=True)
class Version:
    """One saved state; the API first showed it at ``shown_at_ms`` and does not since ``gone_at_ms``."""

    number: int
    at_ms: int
    author: Person
    title: str
    message: str = ""
    is_minor: bool = False
    shown_at_ms: int | None = None
    gone_at_ms: int | None = None


@dataclass(slots=True)
class Item:
    """A page, a blog post or a comment. ``container`` is what a comment stands on, ``parent`` what is above.

    Times are epoch milliseconds. ``is_restricted`` hides it and its comments from the collector account.
    """

    id: int
    kind: Kind
    space: Space
    author: Person
    versions: list[Version]
    container: Item | None = None
    parent: Item | None = None
    status: Status = Status.CURRENT
    is_restricted: bool = False
    selection: str = ""
    is_resolved: bool = False
    resolved_by: Person | None = None
    resolved_at_ms: int | None = None
    comments: list[Item] = field(default_factory=list)

    @property
    def latest(self) -> Version:
        """The version that is served now."""
        return self.versions[-1]

    @property
    def created_at_ms(self) -> int:
        """When the first version was saved."""
        return self.versions[0].at_ms

    @property
    def is_listed(self) -> bool:
        """Whether some list of the API shows the item, under its status, now."""
        if self.is_restricted:
            return False
        if self.container is None:
            return True
        alive = self.container.status in {Status.CURRENT, Status.ARCHIVED}
        return self.status is Status.CURRENT and alive and self.container.is_listed


@dataclass(frozen=True, slots=True)
class Turn:
    """A change that is no version: of status, place or resolution.

    The API shows its result, but neither when it was nor, but for resolutions, who did it. ``gone`` is set
    for turns that the collector account could not see.
    """

    number: int
    at_ms: int
    item: Item
    what: str
    before: str
    after: str
    person: Person
    gone: bool = False
