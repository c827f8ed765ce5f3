"""Worklogs as events."""

from __future__ import annotations

from typing import Any

import pytest

from atlaslens_forwarder.model.event import Event, Rejected
from atlaslens_forwarder.normalise import jira_worklogs
from atlaslens_forwarder.sources.jira_worklogs.rows import deleted_row, worklog_rows
from tests.unit.normalise.rows import CONTEXT
from tests.unit.normalise.templates import event_fields
from tests.unit.normalise.test_jira_issues import ADA, BEN, paths

WORKLOG: dict[str, Any] = {
    "id": "30007",
    "issueId": "10100",
    "author": ADA,
    "updateAuthor": ADA,
    "comment": {"type": "doc", "content": [{"text": "secret text"}]},
    "created": "2026-01-17T12:34:00.000+0000",
    "updated": "2026-01-17T12:34:00.000+0000",
    "started": "2026-01-16T09:00:00.000+0000",
    "timeSpent": "30m",
    "timeSpentSeconds": 1800,
}
EDITED = WORKLOG | {"updateAuthor": BEN, "updated": "2026-01-17T13:00:00.000+0000", "timeSpentSeconds": 3600}


def events(record) -> list[Event]:
    found = [jira_worklogs.normalise(row, CONTEXT) for row in worklog_rows(record)]
    assert all(isinstance(event, Event) for event in found)
    return found


def test_logged_work_says_how_much_and_since_when():
    (event,) = events(WORKLOG)

    assert event.id == f"jira:worklog:{CONTEXT.cloud_id}:30007:{event.at_ms}"
    doc = event.doc
    assert doc["event"]["action"] == "worklog_added"
    assert doc["event"]["start"] == "2026-01-16T09:00:00.000Z"
    assert doc["event"]["duration"] == 1800 * 1_000_000_000
    assert doc["atlassian"]["time_spent_s"] == 1800
    assert doc["atlassian"]["work_item"] == {"type": "issue", "id": "10100"}
    assert doc["atlassian"]["object"] == {"type": "worklog", "id": "30007", "container_id": "10100"}
    assert doc["user"]["id"] == ADA["accountId"]
    assert "secret text" not in str(doc)
    assert paths(doc) <= event_fields().keys()


def test_an_edit_tells_of_itself_and_not_what_was_logged_at_first():
    added, edited = events(EDITED)

    assert "time_spent_s" not in added.doc["atlassian"]
    assert "start" not in added.doc["event"]
    assert added.id == events(WORKLOG)[0].id
    assert (edited.doc["event"]["action"], edited.doc["user"]["id"]) == ("worklog_edited", BEN["accountId"])
    assert edited.doc["atlassian"]["time_spent_s"] == 3600


def test_a_deletion_names_neither_a_person_nor_an_issue():
    event = jira_worklogs.normalise(
        deleted_row({"worklogId": 30007, "updatedTime": 1_768_653_240_500, "properties": []}), CONTEXT
    )

    assert isinstance(event, Event)
    assert event.id == f"jira:worklog:{CONTEXT.cloud_id}:30007:deleted"
    assert event.at_ms == 1_768_653_240_500
    assert event.doc["event"]["action"] == "worklog_deleted"
    assert not {"user", "related"} & event.doc.keys()
    assert not {"work_item", "derived"} & event.doc["atlassian"].keys()


@pytest.mark.parametrize("started", [None, "", "yesterday"])
def test_an_unreadable_beginning_is_left_out(started):
    (event,) = events(WORKLOG | {"started": started})

    assert not {"start", "duration"} & event.doc["event"].keys()
    assert event.doc["atlassian"]["time_spent_s"] == 1800


@pytest.mark.parametrize(
    ("change", "reason", "detail"),
    [
        ({"created": None}, "unreadable-time", "worklog.created"),
        ({"timeSpentSeconds": "30m"}, "wrong-type", "worklog.timeSpentSeconds"),
        ({"timeSpentSeconds": True}, "wrong-type", "worklog.timeSpentSeconds"),
        ({"author": "Ada"}, "wrong-type", "author"),
        ({"issueId": 10100}, "wrong-type", "worklog.issueId"),
        ({"issueId": "\ud800"}, "no-canonical-form", "row"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_the_field(change, reason, detail):
    refused = jira_worklogs.normalise(worklog_rows(WORKLOG | change)[0], CONTEXT)

    assert isinstance(refused, Rejected)
    assert (refused.reason, refused.detail) == (reason, detail)
