"""The deeds that a pull request and its activity state. Pure.

A pull request tells when it was opened and, once it is closed, by whom; only its activity tells when. An
entry of the activity is an update, an approval, a request for changes or a comment; a comment states up to
two deeds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.model.time import SECOND_MS, parse_iso_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

    _Add = Callable[[str, JsonValue, JsonObject], None]

OPENING_TOLD_TWICE: Final = "opening_told_twice"
"""The first update of a pull request is its opening, which the pull request tells itself."""
CLOSING_NOT_TOLD: Final = "closing_not_told"
"""A closed pull request whose activity does not say when; the next re-reading tries again."""
PENDING: Final = "pending_comment"
"""A draft that only its author sees."""
UNKNOWN_ENTRY: Final = "unknown_entry"
"""An entry of a kind that is not documented."""

CLOSED_STATES: Final = frozenset({"MERGED", "DECLINED", "SUPERSEDED"})
_SAME_DEED_MS: Final = SECOND_MS
"""What Bitbucket writes in one go differs by milliseconds: a new comment's ``updated_on`` lies 16 ms after
its ``created_on`` in the documented example."""
_KINDS: Final = ("update", "approval", "changes_requested", "comment")
_KEPT: Final = ("id", "title", "state", "author", "closed_by", "merge_commit", "created_on", "links")


@dataclass(slots=True)
class Deeds:
    """The rows of one pull request, and why what else was read is none."""

    rows: list[RawRow] = field(default_factory=list)
    without_event: Counter[str] = field(default_factory=Counter)


def entry_of(value: JsonObject) -> tuple[str, JsonObject]:
    """Kind and content of an entry; an empty kind where it is none that we know."""
    for kind in _KINDS:
        content = value.get(kind)
        if isinstance(content, dict):
            return kind, content
    return "", {}


def times_of(value: JsonObject) -> list[int]:
    """When an entry was made and, for a comment, last changed; empty where it does not tell."""
    kind, content = entry_of(value)
    keys = ("created_on", "updated_on") if kind == "comment" else ("date",)
    return [at_ms for key in keys if (at_ms := ms_of(content.get(key))) is not None]


def ms_of(value: JsonValue) -> int | None:
    """A time as epoch milliseconds; None where it is none."""
    try:
        return parse_iso_ms(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def closing_of(entries: Sequence[JsonObject]) -> JsonObject | None:
    """The update by which a pull request was closed: the first one in a closed state."""
    closed = [
        update
        for kind, update in map(entry_of, entries)
        if kind == "update" and update.get("state") in CLOSED_STATES
    ]
    return min(closed, key=_order, default=None)


def kept_of(pull: JsonObject) -> JsonObject:
    """What of a pull request helps to say who did what."""
    return {key: pull[key] for key in _KEPT if key in pull} or pull


def deeds_of(repository: JsonObject, pull: JsonObject, entries: Sequence[JsonObject]) -> Deeds:
    """All deeds of a pull request whose activity was read in full."""
    deeds = Deeds()
    kept = kept_of(pull)
    place = f"{repository.get('uuid')}:{pull.get('id')}"

    def add(deed: str, at: JsonValue, entry: JsonObject | None = None) -> None:
        data: JsonObject = {"deed": deed, "pull_request": kept, "repository": repository}
        name = deed
        if entry is not None:
            data["entry"] = entry
            name = f"{deed}:{digest_hex(entry)}"
        deeds.rows.append(RawRow(data, f"{place}:{name}", ms_of(at)))

    add("opened", pull.get("created_on"))
    opening, closing = _opening_of(pull, entries), closing_of(entries)
    if closing is None and pull.get("state") in CLOSED_STATES:
        deeds.without_event[CLOSING_NOT_TOLD] += 1
    for kind, content in map(entry_of, entries):
        if content is opening:
            deeds.without_event[OPENING_TOLD_TWICE] += 1
        elif content is closing:
            add("closed", content.get("date"), content)
        elif kind == "comment":
            _add_comment(add, content, deeds)
        elif kind:
            add(kind, content.get("date"), content)
        else:
            deeds.without_event[UNKNOWN_ENTRY] += 1
    return deeds


def _add_comment(add: _Add, comment: JsonObject, deeds: Deeds) -> None:
    """A comment shows its last state only, yet when it was written too."""
    if comment.get("pending") is True:
        deeds.without_event[PENDING] += 1
        return
    add("comment", comment.get("created_on"), comment)
    created_ms, updated_ms = ms_of(comment.get("created_on")), ms_of(comment.get("updated_on"))
    if comment.get("deleted") is True:
        add("comment_deleted", comment.get("updated_on"), comment)
    elif created_ms is not None and updated_ms is not None and updated_ms - created_ms >= _SAME_DEED_MS:
        add("comment_edited", comment.get("updated_on"), comment)


def _opening_of(pull: JsonObject, entries: Sequence[JsonObject]) -> JsonObject | None:
    """The update that Bitbucket writes when a pull request is opened: the first, without changes."""
    created_ms = ms_of(pull.get("created_on"))
    updates = [content for kind, content in map(entry_of, entries) if kind == "update"]
    first = min(updates, key=_order, default=None)
    if first is None or created_ms is None or first.get("changes") or first.get("state") in CLOSED_STATES:
        return None
    at_ms = ms_of(first.get("date"))
    return first if at_ms is not None and abs(at_ms - created_ms) < _SAME_DEED_MS else None


def _order(update: JsonObject) -> str:
    """By time; all of Bitbucket's times have one form, so their text sorts as they do."""
    return str(update.get("date"))
