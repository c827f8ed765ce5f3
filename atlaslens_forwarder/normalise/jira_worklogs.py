"""Worklogs as events: work logged, edited, deleted.

``data`` of a row: ``deed``, ``worklog`` and ``as_it_was`` (false where the record shows a later version than
the one the deed made). Of which project an issue is, a worklog does not tell, so the product is always Jira.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms
from atlaslens_forwarder.normalise.actions import work
from atlaslens_forwarder.normalise.actions.table import JIRA
from atlaslens_forwarder.normalise.activity_document import NS_PER_MS, ActivityFacts, activity_event
from atlaslens_forwarder.normalise.jira_work import NOT_TOLD, PROVIDER, Who, event_id, who
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.reasons import WrongTypeError
from atlaslens_forwarder.normalise.rows import child, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.event import Event, EventContext, RawRow, Rejected
    from atlaslens_forwarder.model.json import JsonObject


class Deed(StrEnum):
    """What a row states."""

    ADDED = "added"
    EDITED = "edited"
    DELETED = "deleted"


_DEEDS: Final = {
    Deed.ADDED: (work.WORKLOG_ADDED, "created", "author"),
    Deed.EDITED: (work.WORKLOG_EDITED, "updated", "updateAuthor"),
    Deed.DELETED: (work.WORKLOG_DELETED, "updatedTime", ""),
}
_NS_PER_S: Final = 1_000 * NS_PER_MS


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """The event of one row, or why there is none."""
    deed = Deed(str(row.data["deed"]))
    return event_or_reason(row, f"worklog.{_DEEDS[deed][1]}", lambda at_ms: _event(row, at_ms, deed, context))


def _event(row: RawRow, at_ms: int, deed: Deed, context: EventContext) -> Event:
    worklog = child(row.data, "worklog") or {}
    action, time_key, key = _DEEDS[deed]
    actor = who(worklog, key) if key else Who({}, NOT_TOLD)
    worklog_id, issue_id = text(worklog, "id", "worklog."), text(worklog, "issueId", "worklog.")
    thing: JsonObject = {"type": "worklog", "id": worklog_id}
    original: JsonObject = {"id": worklog_id, time_key: iso_ms(at_ms)}
    if key:
        original[key] = actor.id
    if issue_id:
        thing["container_id"] = original["issueId"] = issue_id
    spent_s, started_ms = None, None
    if deed is not Deed.DELETED and row.data.get("as_it_was") is True:
        spent_s, started_ms = _seconds(worklog), _started_ms(worklog)
    facts = ActivityFacts(
        event_id=event_id(context, row.identity),
        provider=PROVIDER,
        kind="worklog",
        product=JIRA,
        action=action,
        actor=actor.user,
        actor_kind=actor.kind,
        object=thing,
        original=original,
        message=f"{action.name.replace('_', ' ').capitalize()}: {worklog_id}",
        work_item={"type": "issue", "id": issue_id} if issue_id else {},
    )
    if spent_s is not None:
        facts.vendor["time_spent_s"] = original["timeSpentSeconds"] = spent_s
    if started_ms is not None:
        original["started"] = iso_ms(started_ms)
    event = activity_event(at_ms, context, facts)
    part = event.doc["event"]
    if isinstance(part, dict) and started_ms is not None:
        # When the work was done, which may be long before it was logged.
        part["start"] = iso_ms(started_ms)
        if spent_s is not None:
            part["duration"] = spent_s * _NS_PER_S
    return event


def _seconds(worklog: JsonObject) -> int | None:
    value = worklog.get("timeSpentSeconds")
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise WrongTypeError("worklog.timeSpentSeconds")


def _started_ms(worklog: JsonObject) -> int | None:
    """When the work began; somebody types that in, so a time that cannot be read is no reason to refuse."""
    try:
        return parse_iso_ms(text(worklog, "started", "worklog."))
    except (ValueError, OverflowError):
        return None
