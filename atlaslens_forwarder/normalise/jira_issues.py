"""Issues with their histories and comments as events.

``data`` of a row: ``deed`` (what it states), ``issue`` as a search gives it, and ``history`` or ``comment``.
Nothing of an issue but its id is the same at each read, so only that is hashed; see ``read_time_names``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.normalise.actions import work
from atlaslens_forwarder.normalise.actions.table import JIRA, JSM
from atlaslens_forwarder.normalise.activity_document import ActivityFacts, activity_event
from atlaslens_forwarder.normalise.jira_changes import action_of, change_of, people_of, target_of
from atlaslens_forwarder.normalise.jira_work import (
    NOT_TOLD,
    PROVIDER,
    SERVICE_DESK,
    Who,
    browse_url,
    event_id,
    issue_in_short,
    said,
    who,
)
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.rows import child, children, flag, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.event import Event, EventContext, RawRow, Rejected
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.normalise.actions.vocabulary import Action


class Deed(StrEnum):
    """What a row states."""

    CREATED = "created"
    CHANGED = "changed"
    COMMENT_ADDED = "comment-added"
    COMMENT_EDITED = "comment-edited"
    COMMENT_DELETED = "comment-deleted"


_COMMENTS: Final = {
    Deed.COMMENT_ADDED: (work.COMMENT_ADDED, "author"),
    Deed.COMMENT_EDITED: (work.COMMENT_EDITED, "updateAuthor"),
    Deed.COMMENT_DELETED: (work.COMMENT_DELETED, ""),
}
_TIMES: Final = {Deed.CREATED: "issue.fields.created", Deed.COMMENT_EDITED: "comment.updated"}


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """The event of one row, or why there is none."""
    deed = Deed(str(row.data["deed"]))
    time_field = _TIMES.get(deed, "history.created" if deed is Deed.CHANGED else "comment.created")
    return event_or_reason(
        row, time_field, lambda at_ms: activity_event(at_ms, context, _facts(row, at_ms, deed, context))
    )


def _facts(row: RawRow, at_ms: int, deed: Deed, context: EventContext) -> ActivityFacts:
    issue = child(row.data, "issue") or {}
    if deed is Deed.CREATED:
        facts = _created(issue, at_ms)
    elif deed is Deed.CHANGED:
        facts = _changed(issue, child(row.data, "history") or {}, at_ms)
    else:
        facts = _commented(issue, child(row.data, "comment") or {}, deed, at_ms)
    facts.event_id = event_id(context, row.identity)
    facts.product = JSM if _is_request(issue) else JIRA
    facts.work_item = issue_in_short(issue)
    comment_id = str(facts.object["id"]) if facts.kind == "comment" else ""
    facts.url = browse_url(context, str(facts.work_item.get("key", "")), comment_id)
    facts.message = said(facts.message, facts.work_item)
    return facts


def _blank(kind: str, action: Action, actor: Who, thing: JsonObject, original: JsonObject) -> ActivityFacts:
    """Facts without what all of them get alike."""
    return ActivityFacts(
        event_id="",
        provider=PROVIDER,
        kind=kind,
        product=JIRA,
        action=action,
        actor=actor.user,
        actor_kind=actor.kind,
        object=thing,
        original=original,
        message=action.name.replace("_", " ").capitalize(),
    )


def _created(issue: JsonObject, at_ms: int) -> ActivityFacts:
    creator = who(child(issue, "fields") or {}, "creator")
    original: JsonObject = {"id": text(issue, "id"), "created": iso_ms(at_ms), "creator": creator.id}
    return _blank("issue", work.ISSUE_CREATED, creator, _issue_as_object(issue), original)


def _changed(issue: JsonObject, history: JsonObject, at_ms: int) -> ActivityFacts:
    author, items = who(history, "author"), children(history, "items")
    changes = [change_of(item) for item in items]
    original: JsonObject = {
        "id": text(history, "id"),
        "issueId": text(issue, "id"),
        "created": iso_ms(at_ms),
        "author": author.id,
        "items": [*changes],
    }
    facts = _blank("change", action_of(items), author, _issue_as_object(issue), original)
    facts.changes, facts.target, facts.ids = changes, target_of(items), people_of(items)
    return facts


def _commented(issue: JsonObject, comment: JsonObject, deed: Deed, at_ms: int) -> ActivityFacts:
    action, key = _COMMENTS[deed]
    actor = who(comment, key) if key else Who({}, NOT_TOLD)
    comment_id, issue_id = text(comment, "id", "comment."), text(issue, "id", "issue.")
    thing: JsonObject = {"type": "comment", "id": comment_id, "container_id": issue_id}
    if issue_key := text(issue, "key", "issue."):
        thing["container"] = issue_key
    original: JsonObject = {"id": comment_id, "issueId": issue_id}
    if deed is Deed.COMMENT_DELETED:
        facts = _blank("comment", action, actor, thing, original)
        facts.derived = True
        return facts
    original |= {"updated" if deed is Deed.COMMENT_EDITED else "created": iso_ms(at_ms), key: actor.id}
    facts = _blank("comment", action, actor, thing, original)
    public = flag(comment, "jsdPublic")
    if public is not None and _is_request(issue):
        facts.vendor["internal"] = not public
    return facts


def _issue_as_object(issue: JsonObject) -> JsonObject:
    """``atlassian.object`` of an issue."""
    item = issue_in_short(issue)
    item.pop("kind", None)
    return item


def _is_request(issue: JsonObject) -> bool:
    """Whether the issue lies in a service project now."""
    project = child(child(issue, "fields") or {}, "project") or {}
    return text(project, "projectTypeKey", "issue.fields.project.") == SERVICE_DESK
