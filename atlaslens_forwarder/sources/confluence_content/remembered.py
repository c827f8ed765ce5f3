"""What was seen of an item at the last look, and what turned since. Pure.

A turn is a change that makes no version: of status or space. The API shows the result only, so what happened
between two looks collapses into the difference between them; a page that was trashed and restored in between
did not turn. What is first seen later than the first look, but was created since the last one, began as a
``current`` item. Of what is older nothing is inferred: it may just have been shown to us.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.sources.confluence_content.lists import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

CURRENT: Final = "current"
DELETED: Final = "deleted"
ALIVE: Final = frozenset({CURRENT, "archived"})
"""Statuses of pages and posts whose comments are served."""
_BACK: Final = {"archived": "unarchived", "trashed": "restored", DELETED: "restored"}
"""What it is called to become ``current`` again; every other deed has the name of the status it leads to."""
_DEEDS: Final = frozenset({"archived", "trashed", DELETED})


@dataclass(frozen=True, slots=True)
class Seen:
    """An item at a look; ``container`` is the page or post that a comment stands on.

    ``resolution`` is that of an inline comment, with its time, so that a second one differs.
    """

    kind: Kind
    version: int
    status: str
    space: str = ""
    container: str = ""
    resolution: str = ""

    def to_json(self) -> JsonValue:
        """A short form: there are many of them."""
        return [self.kind.value, self.version, self.status, self.space, self.container, self.resolution]

    @classmethod
    def from_json(cls, value: JsonValue) -> Seen | None:
        """What :meth:`to_json` wrote; None for anything else, which is looked at as if never seen."""
        match value:
            case [str(kind), int(version), str(status), str(space), str(container), str(resolution)]:
                return cls(Kind(kind), version, status, space, container, resolution)
        return None


@dataclass(frozen=True, slots=True)
class Turn:
    """One derived deed; ``field`` is ``status`` or ``space``, before and after are as the API writes them."""

    item_id: str
    kind: Kind
    deed: str
    field: str
    before: str
    after: str
    container: str = ""

    def to_json(self, at_ms: int) -> JsonObject:
        """The form written ahead; it holds ids and no names."""
        return {
            "at_ms": at_ms,
            "id": self.item_id,
            "kind": self.kind.value,
            "deed": self.deed,
            "field": self.field,
            "before": self.before,
            "after": self.after,
            "container": self.container,
        }


def seen_of(kind: Kind, item: JsonObject) -> Seen | None:
    """An item of a list; None where it lacks what every item has."""
    version = item.get("version")
    number = version.get("number") if isinstance(version, dict) else None
    status = item.get("status")
    if not isinstance(number, int) or not isinstance(status, str) or not item.get("id"):
        return None
    container = next(
        (
            f"{where.value}:{found}"
            for key, where in (("pageId", Kind.PAGE), ("blogPostId", Kind.BLOG_POST))
            if (found := item.get(key))
        ),
        "",
    )
    resolution = f"{item.get('resolutionStatus') or ''}@{item.get('resolutionLastModifiedAt') or ''}"
    return Seen(
        kind,
        number,
        status,
        space=str(item.get("spaceId") or ""),
        container=container if kind.is_comment else "",
        resolution=resolution if kind is Kind.INLINE_COMMENT else "",
    )


def turns_of(item_id: str, before: Seen, after: Seen) -> list[Turn]:
    """What turned between two looks at one item."""
    found: list[Turn] = []
    if before.status != after.status:
        deed = _BACK.get(before.status) if after.status == CURRENT else after.status
        if deed is not None and deed in _DEEDS.union(_BACK.values()):
            found.append(Turn(item_id, after.kind, deed, "status", before.status, after.status))
    if before.space and after.space and before.space != after.space:
        found.append(Turn(item_id, after.kind, "moved", "space", before.space, after.space))
    return found


def first_state(after: Seen, item: JsonObject, last_look_ms: int | None) -> Seen | None:
    """How an item that was never seen began, None where that is unknown."""
    created = item.get("createdAt")
    if last_look_ms is None or after.kind.is_comment or not isinstance(created, str):
        return None
    try:
        is_new = parse_iso_ms(created) >= last_look_ms
    except ValueError:
        return None
    return replace(after, status=CURRENT) if is_new else None


def after_turn(states: Mapping[str, Seen], turn: JsonObject) -> Seen | None:
    """The state of an item once a turn that was written ahead is taken as seen; None if it is gone."""
    found, value = states.get(str(turn.get("id"))), str(turn.get("after"))
    if found is None or (found.kind.is_comment and value == DELETED):
        return None
    return replace(found, status=value) if turn.get("field") == "status" else replace(found, space=value)


def comment_deleted(item_id: str, seen: Seen) -> Turn:
    """The turn of a comment that is not there any more, while what it stood on is."""
    return Turn(item_id, seen.kind, DELETED, "status", seen.status, DELETED, seen.container)
