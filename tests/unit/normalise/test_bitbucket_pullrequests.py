"""Deeds on pull requests: who did what, with nothing in the hash that can change later."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.model.event import Rejected
from atlaslens_forwarder.normalise.bitbucket_changes import changes_of
from atlaslens_forwarder.privacy.origin import hashed_bytes
from tests.unit.normalise.bitbucket_rows import UUID, comment, deed_event, update, user
from tests.unit.normalise.rows import CONTEXT, document, paths
from tests.unit.normalise.templates import event_fields

OPENED = "2026-01-02T10:00:00.123456+00:00"
MERGED = "2026-01-03T10:00:00.123456+00:00"
REVIEW = {"date": "2026-01-02T11:00:00.5+00:00", "user": user("bo")}
DEEDS = [
    ("opened", OPENED, None, "pull_request_opened", "712020:ada"),
    ("closed", MERGED, update(), "pull_request_merged", "712020:cem"),
    ("closed", MERGED, update(state="DECLINED"), "pull_request_declined", "712020:cem"),
    ("closed", MERGED, update(state="SUPERSEDED"), "pull_request_superseded", "712020:cem"),
    ("update", MERGED, update(state="OPEN"), "pull_request_updated", "712020:bo"),
    ("approval", MERGED, REVIEW, "pull_request_approved", "712020:bo"),
    ("changes_requested", MERGED, REVIEW, "pull_request_changes_requested", "712020:bo"),
    ("comment", MERGED, comment(), "pull_request_comment_added", "712020:bo"),
    ("comment_edited", MERGED, comment(), "pull_request_comment_edited", "712020:bo"),
    ("comment_deleted", MERGED, comment(deleted=True), "pull_request_comment_deleted", None),
]


@pytest.mark.parametrize(("deed", "at", "entry", "action", "actor"), DEEDS)
def test_a_deed_becomes_an_event_of_who_did_it(deed, at, entry, action, actor):
    event = deed_event(deed, at, entry)
    doc = document(event)
    assert doc["event"]["action"] == action
    assert doc.get("user", {}).get("id") == actor
    assert doc["atlassian"]["actor_kind"] == ("unidentified" if actor is None else "person")
    assert doc["atlassian"]["work_item"] == {
        "type": "pull_request",
        "id": f"{UUID}:7",
        "key": "acme/payments-api#7",
        "name": "Round half to even",
    }
    assert event.id.split(":")[:3] == ["bitbucket", doc["event"]["dataset"][20:], CONTEXT.cloud_id]
    assert not [text for text in ("Call me", "Nit", "avatar") if text in str(doc)]
    assert paths(doc) <= event_fields().keys()


@pytest.mark.parametrize(("deed", "at", "entry", "action", "actor"), DEEDS)
def test_what_can_change_later_is_neither_in_the_hash_nor_in_the_id(deed, at, entry, action, actor):
    first = deed_event(deed, at, entry)
    later = None if entry is None else {**entry, "title": "Other", "content": {"raw": "Other"}}
    second = deed_event(deed, at, later, title="Other", links={}, description="Other")
    assert first.id == second.id
    assert first.doc != second.doc
    assert hashed_bytes(first.doc) == hashed_bytes(second.doc)


def test_every_deed_has_an_id_of_its_own():
    assert len({deed_event(deed, at, entry).id for deed, at, entry, _, _ in DEEDS}) == len(DEEDS)


def test_an_end_tells_how_long_it_took_and_what_came_of_it():
    doc = document(deed_event("closed", MERGED, update()))
    assert doc["event"]["start"] == "2026-01-02T10:00:00.123Z"
    assert doc["event"]["duration"] == 24 * 3600 * 10**9
    assert doc["atlassian"]["changes"] == [{"field": "merge_commit", "to": "5c0ffee55c0f"}]
    assert doc["atlassian"]["author"] == {"id": "712020:ada"}


def test_a_duration_that_no_number_can_hold_is_left_out():
    doc = document(deed_event("closed", MERGED, update(), created_on="2024-01-02T10:00:00+00:00"))
    assert doc["event"]["start"] == "2024-01-02T10:00:00.000Z"
    assert "duration" not in doc["event"]
    hashed_bytes(doc)


def test_who_closed_it_falls_back_to_the_entry():
    assert document(deed_event("closed", MERGED, update(), closed_by=None))["user"]["id"] == "712020:bo"


def test_changes_keep_ids_and_texts_but_no_names_of_people_and_no_descriptions():
    changes = {
        "title": {"old": "a", "new": "b"},
        "description": {"old": "secret", "new": "secrets"},
        "reviewers": {"added": [user("cem"), user("ada")]},
        "destination": {"old": {"branch": {"name": "main"}}, "new": {"branch": {"name": "next"}}},
    }
    assert changes_of({"changes": changes}) == [
        {"field": "description"},
        {"field": "destination", "from": "main", "to": "next"},
        {"field": "reviewers", "to": "712020:ada, 712020:cem"},
        {"field": "title", "from": "a", "to": "b"},
    ]


@pytest.mark.parametrize(
    ("deed", "entry", "changes", "path"),
    [
        ("opened", None, {"id": "7"}, "pull_request.id"),
        ("opened", None, {"id": True}, "pull_request.id"),
        ("opened", None, {"author": "Ada"}, "author"),
        ("opened", None, {"title": 1}, "pull_request.title"),
        ("dance", {}, {}, "deed"),
        ("closed", update(state="OPEN"), {}, "entry.state"),
        ("update", update(changes={"title": "x"}), {}, "update.changes"),
        ("update", update(changes=[]), {}, "changes"),
        ("comment", comment(id=None), {}, "comment.id"),
        ("approval", {**REVIEW, "user": {"uuid": 5}}, {}, "user.uuid"),
    ],
)
def test_wrong_types_are_rejected(deed, entry, changes, path):
    found = deed_event(deed, OPENED, entry, **changes)
    assert isinstance(found, Rejected)
    assert (found.reason, found.detail) == ("wrong-type", path)


def test_a_deed_without_time_is_rejected():
    assert deed_event("opened", None).reason == "unreadable-time"
