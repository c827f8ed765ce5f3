"""What the records of an issue state, one row for each deed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.normalise.jira_issues import Deed
from atlaslens_forwarder.sources.jira_records import lasting_id, moment_ms, slim

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

FIELDS: Final = ("summary", "issuetype", "project", "creator", "created", "updated")
"""Fields of an issue that a search is asked for."""


def issue_id(issue: JsonObject) -> str:
    """The issue's id, empty where the record has none."""
    found = issue.get("id")
    return found if isinstance(found, str) else ""


def updated_ms(issue: JsonObject) -> int | None:
    """The issue's last touch as the record tells it: never before what the search index knows."""
    return _time_of(issue, "updated")


def created_row(issue: JsonObject) -> RawRow:
    """The issue was created; its id lasts, its key does not."""
    data: JsonObject = {"deed": Deed.CREATED.value, "issue": issue}
    return RawRow(data, f"issue:{lasting_id(issue)}", _time_of(issue, "created"))


def changed_row(issue: JsonObject, record: JsonValue) -> RawRow:
    """One history."""
    history = slim(record)
    data: JsonObject = {"deed": Deed.CHANGED.value, "issue": issue, "history": history}
    return RawRow(data, f"change:{issue_id(issue)}:{lasting_id(history)}", moment_ms(history.get("created")))


def comment_rows(issue: JsonObject, record: JsonValue) -> list[RawRow]:
    """A comment was added, and edited if it has changed since; what it said in between is not served."""
    comment = slim(record)
    name = f"comment:{lasting_id(comment)}"
    added_ms, edited_ms = moment_ms(comment.get("created")), moment_ms(comment.get("updated"))
    rows = [_comment_row(Deed.COMMENT_ADDED, issue, comment, f"{name}:{added_ms}", added_ms)]
    if edited_ms is not None and edited_ms != added_ms:
        rows.append(_comment_row(Deed.COMMENT_EDITED, issue, comment, f"{name}:{edited_ms}", edited_ms))
    return rows


def deleted_comment_row(issue: JsonObject, comment_id: str, at_ms: int) -> RawRow:
    """A comment that we know is no more; the name has no time, since that depends on when we look."""
    return _comment_row(
        Deed.COMMENT_DELETED, issue, {"id": comment_id}, f"comment:{comment_id}:deleted", at_ms
    )


def _comment_row(
    deed: Deed, issue: JsonObject, comment: JsonObject, identity: str, at_ms: int | None
) -> RawRow:
    return RawRow({"deed": deed.value, "issue": issue, "comment": comment}, identity, at_ms)


def _time_of(issue: JsonObject, name: str) -> int | None:
    fields = issue.get("fields")
    return moment_ms(fields.get(name)) if isinstance(fields, dict) else None
