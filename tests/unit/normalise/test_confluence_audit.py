"""Confluence audit rows: authors looked up at each read, groups with their ids, refusals."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.model.event import RawRow, Rejected
from atlaslens_forwarder.normalise import confluence_audit
from atlaslens_forwarder.normalise.reasons import RejectReason
from tests.unit.normalise.rows import CONTEXT, confluence_event, document, golden_row

GRANT = "a user gets a permission in a space"
GROUP = "a group loses a permission in a space"


def test_the_id_is_made_of_site_and_digest():
    event = confluence_event(golden_row("confluence", GRANT), "abc:1")
    assert event.id == f"confluence:audit:{CONTEXT.cloud_id}:abc:1"


def test_a_group_is_split_into_name_and_id():
    assert document(confluence_event(golden_row("confluence", GROUP)))["group"] == {
        "id": "12b5617d-bd45-450d-8b40-263238a886c4",
        "name": "eng-team",
    }


@pytest.mark.parametrize(
    "name", ["eng-team", "eng:team", "a:1a2b3c4d", ":12b5617d-bd45-450d-8b40-263238a886c4"]
)
def test_a_group_written_without_an_id_keeps_its_whole_name(name):
    row = golden_row("confluence", GROUP) | {"affectedObject": {"name": name, "objectType": "Group"}}
    assert document(confluence_event(row))["group"] == {"name": name}


def test_no_name_of_a_person_is_in_the_message_or_related():
    doc = document(confluence_event(golden_row("confluence", GRANT)))
    assert doc["message"] == "Space permission added"
    assert doc["related"]["user"] == [doc["user"]["id"]]


@pytest.mark.parametrize(
    ("author", "kind"),
    [
        ({"displayName": "System"}, "system"),
        ({"displayName": "anonymous"}, "anonymous"),
        ({"displayName": "Mallory"}, "unidentified"),
        ({}, "system"),
        ({"accountId": "5b1", "displayName": "System"}, "person"),
        ({"accountId": "qm:1:2"}, "customer"),
        ({"accountId": "5b1", "accountType": "customer"}, "customer"),
        ({"accountId": "5b1", "accountType": "app"}, "app"),
    ],
)
def test_the_kind_of_actor(author, kind):
    doc = document(confluence_event(golden_row("confluence", GRANT) | {"author": author}))
    assert doc["atlassian"]["actor_kind"] == kind


def test_the_system_is_no_user():
    doc = document(confluence_event(golden_row("confluence", GRANT) | {"author": {"displayName": "System"}}))
    assert doc["user"].keys() == {"target"}


def test_a_row_without_a_readable_time_is_rejected():
    row = RawRow(golden_row("confluence", GRANT), "x:0", None)
    assert confluence_audit.normalise(row, CONTEXT) == Rejected(
        row, RejectReason.UNREADABLE_TIME, "creationDate"
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"author": "Ada"}, "author"),
        ({"author": {"accountId": 5}}, "author.accountId"),
        ({"author": {"displayName": ["Ada"]}}, "author.displayName"),
        ({"sysAdmin": "no"}, "sysAdmin"),
        ({"affectedObject": []}, "affectedObject"),
        ({"associatedObjects": [{"name": 1}]}, "associatedObjects[].name"),
        ({"changedValues": [{"newValue": {}}]}, "changedValues[].newValue"),
    ],
)
def test_a_field_of_another_type_rejects_the_row_and_is_named_without_its_content(change, named):
    rejected = confluence_event(golden_row("confluence", GRANT) | change)
    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.detail) == (RejectReason.WRONG_TYPE, named)
