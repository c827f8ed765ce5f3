"""What the records of worklogs state, one row for each deed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.normalise.jira_worklogs import Deed
from atlaslens_forwarder.sources.jira_records import lasting_id, moment_ms, slim

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue


def worklog_rows(record: JsonValue) -> list[RawRow]:
    """Work was logged, and edited if the record has changed since.

    What was logged at first is not served after an edit: then the first row is not ``as_it_was``.
    """
    worklog = slim(record)
    worklog.pop("comment", None)  # the text
    name = f"worklog:{lasting_id(worklog)}"
    added_ms, edited_ms = moment_ms(worklog.get("created")), moment_ms(worklog.get("updated"))
    is_edited = edited_ms is not None and edited_ms != added_ms
    rows = [_row(Deed.ADDED, worklog, f"{name}:{added_ms}", added_ms, as_it_was=not is_edited)]
    if is_edited:
        rows.append(_row(Deed.EDITED, worklog, f"{name}:{edited_ms}", edited_ms))
    return rows


def deleted_row(value: JsonValue) -> RawRow:
    """A worklog is no more; who deleted it, and on which issue it was, is not told."""
    entry = slim(value)
    worklog_id = lasting_id(entry, "worklogId")
    worklog: JsonObject = {"id": worklog_id}
    return _row(Deed.DELETED, worklog, f"worklog:{worklog_id}:deleted", moment_ms(entry.get("updatedTime")))


def is_first_version(row: RawRow) -> bool:
    """Whether the row says what was logged at first, in full."""
    return row.data["deed"] == Deed.ADDED.value and row.data["as_it_was"] is True


def is_outdated(row: RawRow) -> bool:
    """Whether the row tells of a first version that is no longer served."""
    return row.data["deed"] == Deed.ADDED.value and row.data["as_it_was"] is False


def _row(
    deed: Deed, worklog: JsonObject, identity: str, at_ms: int | None, *, as_it_was: bool = True
) -> RawRow:
    return RawRow({"deed": deed.value, "worklog": worklog, "as_it_was": as_it_was}, identity, at_ms)
