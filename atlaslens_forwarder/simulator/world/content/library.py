"""All content of a Confluence site and the acts that change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.simulator.world.content.items import Item, Kind, Status, Turn, Version

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Space

_FIRST_ID: Final = 1_310_720
_ID_STEP: Final = 4_099


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, and when (epoch milliseconds)."""

    person: Person
    at_ms: int


class Library:
    """Every item of a site, in the order of creation."""

    def __init__(self) -> None:
        self.items: dict[int, Item] = {}
        self.turns: list[Turn] = []

    def of(self, *kinds: Kind) -> list[Item]:
        """The items of these kinds, oldest first."""
        return [item for item in self.items.values() if item.kind in kinds]

    def item(self, item_id: int) -> Item:
        """The item of this id.

        Raises:
            ConfigError: there is none.
        """
        if item_id not in self.items:
            raise ConfigError(
                f"no content has the id {item_id}", hint="GET /_sim/truth/confluence-content lists all"
            )
        return self.items[item_id]

    # Versions.

    def create(self, act: Act, kind: Kind, space: Space, title: str, *, parent: Item | None = None) -> Item:
        """A new page or blog post."""
        return self._add(Item(self._next_id(), kind, space, act.person, [], parent=parent), act, title)

    def comment(
        self, act: Act, container: Item, *, selection: str = "", reply_to: Item | None = None
    ) -> Item:
        """A new comment; with ``selection``, an inline comment on these words.

        Raises:
            ConfigError: the container is a comment, or is in the trash.
        """
        if container.kind.is_comment or container.status not in {Status.CURRENT, Status.ARCHIVED}:
            raise ConfigError(
                "comments stand on living pages and blog posts", hint="give the id of such a one"
            )
        kind = Kind.INLINE_COMMENT if selection else Kind.FOOTER_COMMENT
        item = Item(
            self._next_id(), kind, container.space, act.person, [], container, reply_to, selection=selection
        )
        container.comments.append(item)
        return self._add(item, act, f"Re: {container.latest.title}")

    def edit(
        self, act: Act, item: Item, *, title: str = "", message: str = "", is_minor: bool = False
    ) -> Version:
        """A further version.

        Raises:
            ConfigError: the item is in the trash.
        """
        if item.status is not Status.CURRENT or (
            item.container and item.container.status is not Status.CURRENT
        ):
            raise ConfigError(f"the content {item.id} is {item.status}", hint="restore it first")
        return self._save(item, act, title or item.latest.title, message, is_minor=is_minor)

    # Turns.

    def set_status(self, act: Act, item: Item, status: Status) -> None:
        """Trash, restore, archive or purge; a comment can only be deleted.

        Raises:
            ConfigError: the item cannot go there from where it is.
        """
        allowed = {
            (Status.CURRENT, Status.TRASHED),
            (Status.ARCHIVED, Status.TRASHED),
            (Status.TRASHED, Status.CURRENT),
            (Status.TRASHED, Status.DELETED),
        }
        if item.kind is Kind.PAGE:
            allowed |= {(Status.CURRENT, Status.ARCHIVED), (Status.ARCHIVED, Status.CURRENT)}
        if item.kind.is_comment:
            allowed = {(Status.CURRENT, Status.DELETED)}
        if (item.status, status) not in allowed:
            raise ConfigError(
                f"a {item.kind} that is {item.status} cannot become {status}",
                hint="pages: current, archived, trashed, deleted; comments: current, deleted",
            )
        self._turn(act, item, "status", item.status, status)
        item.status = status
        self._look(item, act.at_ms)

    def move(self, act: Act, item: Item, space: Space, parent: Item | None) -> None:
        """Put a page elsewhere; no version is made and comments go along."""
        if item.kind is not Kind.PAGE:
            raise ConfigError("only pages are moved", hint="give the id of a page")
        self._turn(act, item, "space", item.space.id, space.id)
        item.space, item.parent = space, parent
        for comment in item.comments:
            comment.space = space

    def restrict(self, act: Act, item: Item, *, is_restricted: bool) -> None:
        """Hide an item and its comments from the collector account, or show them again."""
        if item.is_restricted != is_restricted:
            item.is_restricted = is_restricted
            self._look(item, act.at_ms)

    def resolve(self, act: Act, item: Item, *, is_resolved: bool) -> None:
        """Close an inline comment, or open it again.

        Raises:
            ConfigError: it is no living inline comment.
        """
        if item.kind is not Kind.INLINE_COMMENT or item.status is not Status.CURRENT:
            raise ConfigError("only living inline comments are resolved", hint="give the id of such a one")
        before, item.is_resolved = _resolution(item), is_resolved
        item.resolved_by, item.resolved_at_ms = act.person, act.at_ms
        self._turn(act, item, "resolution", before, _resolution(item))

    # Inside.

    def _next_id(self) -> int:
        return _FIRST_ID + _ID_STEP * len(self.items)

    def _add(self, item: Item, act: Act, title: str) -> Item:
        self.items[item.id] = item
        self._save(item, act, title, "", is_minor=False)
        return item

    def _save(self, item: Item, act: Act, title: str, message: str, *, is_minor: bool) -> Version:
        shown_at_ms = act.at_ms if item.is_listed else None
        version = Version(
            len(item.versions) + 1, act.at_ms, act.person, title, message, is_minor, shown_at_ms
        )
        item.versions.append(version)
        return version

    def _turn(self, act: Act, item: Item, what: str, before: str, after: str) -> None:
        gone = not item.is_listed
        self.turns.append(
            Turn(len(self.turns) + 1, act.at_ms, item, what, str(before), str(after), act.person, gone)
        )

    def _look(self, item: Item, at_ms: int) -> None:
        """Note for all versions of an item and of its comments whether the API shows them from now on."""
        for version in item.versions:
            # Of a purged item only the last version is left, in the list of deleted items.
            is_left = item.status is not Status.DELETED or version is item.latest
            if item.is_listed and is_left:
                version.shown_at_ms = at_ms if version.shown_at_ms is None else version.shown_at_ms
                version.gone_at_ms = None
            elif version.shown_at_ms is not None and version.gone_at_ms is None:
                version.gone_at_ms = at_ms
        for comment in item.comments:
            self._look(comment, at_ms)


def _resolution(item: Item) -> str:
    if item.resolved_at_ms is None:
        return "open"
    return "resolved" if item.is_resolved else "reopened"
