"""Issues, histories and comments as events: who did what, and what is the same at each read."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from atlaslens_forwarder.model.event import Event, Pipeline, Rejected
from atlaslens_forwarder.normalise import jira_issues
from atlaslens_forwarder.privacy.origin import hashed_bytes
from atlaslens_forwarder.sources.jira_issues.rows import (
    changed_row,
    comment_rows,
    created_row,
    deleted_comment_row,
)
from atlaslens_forwarder.sources.jira_records import slim
from tests.unit.normalise.rows import CONTEXT
from tests.unit.normalise.templates import event_fields

ADA = {"accountId": "5b10a2844c20165700ede21g", "accountType": "atlassian", "displayName": "Ada Example"}
BEN = {"accountId": "712020:9f0c", "accountType": "atlassian", "displayName": "Ben Example"}
ISSUE = {
    "id": "10100",
    "key": "PAY-17",
    "self": "https://acme.example/rest/api/3/issue/10100",
    "fields": {
        "summary": "Refund is booked twice",
        "issuetype": {"id": "10005", "name": "Bug"},
        "project": {"id": "10000", "key": "PAY", "name": "Payments", "projectTypeKey": "software"},
        "creator": ADA | {"avatarUrls": {"16x16": "https://acme.example/a.png"}},
        "created": "2026-01-17T13:34:00.123+0100",
        "updated": "2026-01-18T12:34:00.000+0000",
    },
}
COMMENT = {
    "id": "30005",
    "author": ADA,
    "body": {"type": "doc", "content": []},
    "updateAuthor": BEN,
    "created": "2026-01-17T12:40:00.000+0000",
    "updated": "2026-01-17T12:50:00.000+0000",
    "jsdPublic": False,
}


def item(field: str, **values: Any) -> dict[str, Any]:
    return {"field": field, "fieldtype": "jira", "fieldId": field} | values


def history(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"id": "20011", "author": BEN, "created": 1_768_653_240_500, "items": [*items]} | changes


def event_of(row) -> Event:
    event = jira_issues.normalise(row, CONTEXT)
    assert isinstance(event, Event)
    return event


def changed(*items: dict[str, Any], issue=ISSUE) -> dict[str, Any]:
    return event_of(changed_row(slim(issue), history(*items))).doc


def moved_to_the_desk() -> dict[str, Any]:
    issue = deepcopy(ISSUE)
    issue["key"] = "HELP-3"
    issue["fields"]["project"] = {"id": "10007", "key": "HELP", "projectTypeKey": "service_desk"}
    issue["fields"]["summary"] = "Another summary"
    issue["fields"]["issuetype"] = {"name": "Incident"}
    issue["fields"]["updated"] = "2026-02-18T12:34:00.000+0000"
    issue["fields"]["creator"] = ADA | {"displayName": "Former user", "accountType": "unknown"}
    return issue


def test_an_issue_is_created_by_its_creator():
    event = event_of(created_row(slim(ISSUE)))

    assert event.id == f"jira:issue:{CONTEXT.cloud_id}:10100"
    assert event.pipeline is Pipeline.ACTIVITY
    doc = event.doc
    assert doc["@timestamp"] == "2026-01-17T12:34:00.123Z"
    assert doc["event"]["action"] == "issue_created"
    assert doc["event"]["dataset"] == "atlassian.jira_issue"
    assert doc["event"]["url"] == f"{CONTEXT.site_url}/browse/PAY-17"
    assert doc["user"] == {"id": ADA["accountId"], "full_name": "Ada Example"}
    assert doc["atlassian"]["product"] == "jira"
    assert doc["atlassian"]["work_item"] == {
        "type": "issue",
        "id": "10100",
        "key": "PAY-17",
        "name": "Refund is booked twice",
        "kind": "Bug",
    }
    assert doc["message"] == "Issue created: PAY-17 Refund is booked twice"


@pytest.mark.parametrize(
    ("items", "action"),
    [
        ([item("status", fromString="To Do", toString="Done"), item("resolution")], "issue_transitioned"),
        ([item("assignee", to="712020:9f0c"), item("status")], "issue_transitioned"),
        ([item("assignee", to="712020:9f0c")], "issue_assigned"),
        ([item("assignee", to=None, **{"from": "712020:9f0c"})], "issue_unassigned"),
        ([item("project"), {"field": "Key", "fieldtype": "jira"}, item("status")], "issue_moved"),
        ([{"field": "Key", "fieldtype": "jira", "toString": "HELP-3"}], "issue_moved"),
        ([item("project"), item("security", to="10020")], "issue_security_changed"),
        ([{"field": "Link", "to": "PAY-3", "toString": "This blocks PAY-3"}], "issue_linked"),
        ([{"field": "Link", "from": "PAY-3", "to": None}], "issue_unlinked"),
        ([{"field": "Attachment", "to": "7", "toString": "log.txt"}], "issue_attachment_added"),
        ([{"field": "Attachment", "from": "7", "fromString": "log.txt"}], "issue_attachment_deleted"),
        ([item("labels", toString="audit")], "issue_updated"),
        ([], "issue_updated"),
    ],
)
def test_a_history_is_what_its_weightiest_change_is(items, action):
    doc = changed(*items)

    assert doc["event"]["action"] == action
    assert len(doc["atlassian"].get("changes", [])) == len(items)
    assert doc["atlassian"]["permission_change"] is (action == "issue_security_changed")
    assert doc["user"]["id"] == BEN["accountId"]


def test_who_gets_the_issue_is_its_target_and_never_its_actor():
    values = {"from": None, "to": ADA["accountId"], "fromString": None, "toString": "Ada Example"}

    doc = changed(item("assignee", **values))

    assert doc["user"]["id"] == BEN["accountId"]
    assert doc["user"]["target"] == {"id": ADA["accountId"], "full_name": "Ada Example"}
    assert doc["related"]["user"] == [BEN["accountId"], ADA["accountId"]]
    assert doc["atlassian"]["changes"] == [{"field": "assignee", "to": ADA["accountId"]}]


@pytest.mark.parametrize(
    "written",
    [
        item("description", toString="secret text"),
        item("environment", toString="secret text"),
        {"field": "Notes", "fieldtype": "custom", "toString": "secret text\nwith lines"},
        {"field": "Notes", "fieldtype": "custom", "fromString": "secret text" * 30},
    ],
)
def test_texts_of_peoples_work_are_nowhere_in_the_event(written):
    assert "secret text" not in str(changed(written))


def test_a_comment_that_was_edited_is_two_deeds_of_two_people():
    added, edited = (event_of(row) for row in comment_rows(slim(ISSUE), COMMENT))

    assert added.id == f"jira:comment:{CONTEXT.cloud_id}:30005:{added.at_ms}"
    assert edited.id == f"jira:comment:{CONTEXT.cloud_id}:30005:{edited.at_ms}"
    assert edited.at_ms - added.at_ms == 600_000
    assert (added.doc["event"]["action"], added.doc["user"]["id"]) == ("comment_added", ADA["accountId"])
    assert (edited.doc["event"]["action"], edited.doc["user"]["id"]) == ("comment_edited", BEN["accountId"])
    assert added.doc["atlassian"]["object"] == {
        "type": "comment",
        "id": "30005",
        "container_id": "10100",
        "container": "PAY-17",
    }
    assert added.doc["event"]["url"].endswith("/browse/PAY-17?focusedCommentId=30005")
    assert "internal" not in added.doc["atlassian"]


def test_a_comment_on_a_request_tells_whether_customers_see_it():
    (added, _) = (event_of(row) for row in comment_rows(slim(moved_to_the_desk()), COMMENT))

    assert added.doc["atlassian"]["product"] == "jsm"
    assert added.doc["atlassian"]["internal"] is True


def test_a_deleted_comment_names_nobody_and_says_that_it_was_inferred():
    event = event_of(deleted_comment_row(slim(ISSUE), "30005", 1_768_653_240_500))

    assert event.id == f"jira:comment:{CONTEXT.cloud_id}:30005:deleted"
    assert "user" not in event.doc
    assert event.doc["atlassian"]["derived"] is True
    assert event.doc["atlassian"]["actor_kind"] == "unidentified"


def test_a_history_without_author_was_made_by_the_system():
    row = changed_row(slim(ISSUE), history(item("status"), author=None))

    doc = event_of(row).doc

    assert "user" not in doc
    assert doc["atlassian"]["actor_kind"] == "system"


@pytest.mark.parametrize(("kind", "account"), [("customer", "712020:1"), ("unknown", "qm:1:2")])
def test_customers_are_told_apart(kind, account):
    author = {"accountId": account, "accountType": kind, "displayName": "Cleo Example"}

    doc = event_of(changed_row(slim(ISSUE), history(item("status"), author=author))).doc

    assert doc["atlassian"]["actor_kind"] == "customer"


def rows_of(issue):
    issue = slim(issue)
    return [
        created_row(issue),
        changed_row(issue, history(item("status", toString="Done"))),
        *comment_rows(issue, COMMENT),
        deleted_comment_row(issue, "30005", 1_768_653_240_500),
    ]


def test_a_move_and_a_rename_leave_identity_and_hash_as_they_were():
    for before, after in zip(rows_of(ISSUE), rows_of(moved_to_the_desk()), strict=True):
        old, new = event_of(before), event_of(after)
        assert old.doc != new.doc
        assert (old.id, old.at_ms) == (new.id, new.at_ms)
        assert hashed_bytes(old.doc) == hashed_bytes(new.doc)


def test_a_renamed_assignee_leaves_the_hash_of_old_changes_as_it_was():
    old, new = (
        changed(item("assignee", to=ADA["accountId"], toString=name))
        for name in ("Ada Example", "Former user")
    )

    assert hashed_bytes(old) == hashed_bytes(new)


def test_another_zone_in_the_answer_is_the_same_moment():
    elsewhere = deepcopy(ISSUE)
    elsewhere["fields"]["created"] = "2026-01-17T12:34:00.123+0000"

    old, new = (event_of(created_row(slim(issue))) for issue in (ISSUE, elsewhere))

    assert hashed_bytes(old.doc) == hashed_bytes(new.doc)


def paths(value: Any, prefix: str = "") -> set[str]:
    if isinstance(value, dict):
        return set().union(*(paths(one, f"{prefix}.{key}" if prefix else key) for key, one in value.items()))
    if isinstance(value, list):
        return set().union(*(paths(one, prefix) for one in value))
    return {prefix}


@pytest.mark.parametrize("number", range(5))
def test_every_field_is_in_the_templates(number):
    row = rows_of(moved_to_the_desk())[number]

    assert paths(event_of(row).doc) <= event_fields().keys()


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        (created_row({"id": "1", "fields": {"created": "soon"}}), "issue.fields.created"),
        (created_row(slim("no issue")), "issue.fields.created"),
        (changed_row(slim(ISSUE), history(created=None)), "history.created"),
        (changed_row(slim(ISSUE), ["no history"]), "history.created"),
        (comment_rows(slim(ISSUE), {"id": "3"})[0], "comment.created"),
    ],
)
def test_a_record_without_a_readable_time_is_refused(row, detail):
    refused = jira_issues.normalise(row, CONTEXT)

    assert isinstance(refused, Rejected)
    assert (refused.reason, refused.detail) == ("unreadable-time", detail)


def test_a_record_of_a_wrong_type_is_refused_by_the_field():
    issue = slim(ISSUE)
    for row, detail in (
        (changed_row(issue, history(author="Ben")), "author"),
        (changed_row(issue, history(items="status")), "items"),
        (changed_row(issue, history({"field": 7})), "items[].field"),
        (changed_row(issue, history(item("status", to=7))), "items[].to"),
        (comment_rows(issue, COMMENT | {"author": []})[0], "author"),
        (created_row(issue | {"key": 7}), "issue.key"),
    ):
        refused = jira_issues.normalise(row, CONTEXT)
        assert isinstance(refused, Rejected)
        assert (refused.reason, refused.detail) == ("wrong-type", detail)


def test_a_record_without_a_canonical_form_is_refused():
    row = changed_row(slim(ISSUE), history(item("labels", toString="\ud800")))

    refused = jira_issues.normalise(row, CONTEXT)

    assert isinstance(refused, Rejected)
    assert refused.reason == "no-canonical-form"
