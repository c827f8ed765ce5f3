"""The changes that one history of an issue states, and what kind of deed they make it.

Fields are those of ``POST /rest/api/3/changelog/bulkfetch``: ``field`` is the name, ``fieldId`` the id where
there is one; ``from`` and ``to`` are ids, ``fromString`` and ``toString`` what people read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.normalise.actions import work
from atlaslens_forwarder.normalise.rows import renamed_texts, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.normalise.actions.vocabulary import Action

ASSIGNEE: Final = "assignee"
_PEOPLE: Final = frozenset({ASSIGNEE, "reporter", "creator"})
_WRITTEN: Final = frozenset({"description", "environment", "comment"})
LONGEST_VALUE: Final = 255
"""Jira's limit of single-line fields; what is longer, or has lines, is a text that somebody wrote."""
_NAMES: Final = (("from", "from"), ("to", "to"), ("fromString", "from_text"), ("toString", "to_text"))

_ACTIONS: Final = (
    ("security", work.ISSUE_SECURITY_CHANGED, work.ISSUE_SECURITY_CHANGED),
    ("project", work.ISSUE_MOVED, work.ISSUE_MOVED),
    ("key", work.ISSUE_MOVED, work.ISSUE_MOVED),
    ("status", work.ISSUE_TRANSITIONED, work.ISSUE_TRANSITIONED),
    (ASSIGNEE, work.ISSUE_ASSIGNED, work.ISSUE_UNASSIGNED),
    ("link", work.ISSUE_LINKED, work.ISSUE_UNLINKED),
    ("issuelinks", work.ISSUE_LINKED, work.ISSUE_UNLINKED),
    ("attachment", work.ISSUE_ATTACHMENT_ADDED, work.ISSUE_ATTACHMENT_DELETED),
)
"""A field, what giving it a value is, and what taking the value away is; the weightiest first."""


def field_of(item: JsonObject) -> str:
    """The field of an item in one spelling: its id, or its name where it has none (``Key``, ``Link``).

    Raises:
        WrongTypeError: it is no text.
    """
    return (text(item, "fieldId", "items[].") or text(item, "field", "items[].")).lower()


def change_of(item: JsonObject) -> JsonObject:
    """``field``, ``from``, ``to`` of an item, the same at each read.

    Of people the ids, since Jira may replace a name ("Former user"); of texts that somebody wrote nothing.

    Raises:
        WrongTypeError: a value is no text.
    """
    change: JsonObject = {"field": text(item, "field", "items[].") or text(item, "fieldId", "items[].")}
    name = field_of(item)
    values = renamed_texts(item, _NAMES, "items[].")
    for side in ("from", "to"):
        value = values.get(side) if name in _PEOPLE else values.get(f"{side}_text", values.get(side))
        if isinstance(value, str) and name not in _WRITTEN and not _is_writing(value):
            change[side] = value
    return change


def people_of(items: Sequence[JsonObject]) -> tuple[str, ...]:
    """Account ids that the items name."""
    return tuple(
        text(item, side, "items[].") for item in items if field_of(item) in _PEOPLE for side in ("from", "to")
    )


def target_of(items: Sequence[JsonObject]) -> JsonObject:
    """Who got the issue, or lost it where nobody got it; empty where the assignee is not concerned."""
    for item in items:
        if field_of(item) == ASSIGNEE:
            for side in ("to", "from"):
                names = ((side, "id"), (f"{side}String", "full_name"))
                person = renamed_texts(item, names, "items[].")
                if person.get("id"):
                    return person
    return {}


def action_of(items: Sequence[JsonObject]) -> Action:
    """What the history is, by the weightiest of its changes."""
    fields = {field_of(item): item for item in items}
    for name, added, removed in _ACTIONS:
        if (item := fields.get(name)) is not None:
            return added if _has_value(item) else removed
    return work.ISSUE_UPDATED


def _has_value(item: JsonObject) -> bool:
    return bool(text(item, "to", "items[].") or text(item, "toString", "items[]."))


def _is_writing(value: str) -> bool:
    return len(value) > LONGEST_VALUE or "\n" in value or "\r" in value
