"""Jira audit rows: what is optional, what is refused, who is who."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.model.event import Pipeline, RawRow, Rejected
from atlaslens_forwarder.normalise import jira_audit
from atlaslens_forwarder.normalise.reasons import RejectReason
from tests.unit.normalise.rows import CONTEXT, document, golden_row, jira_event

ROLE = "people are added to and taken from a project role"
JOIN = "a user joins a group, nobody named as author"


def test_the_id_is_made_of_site_and_record():
    event = jira_event(golden_row("jira", JOIN), "101")
    assert event.id == f"jira:audit:{CONTEXT.cloud_id}:101"
    assert event.doc["event"]["id"] == event.id
    assert event.pipeline is Pipeline.AUDIT


def test_the_smallest_row_is_an_event():
    doc = document(jira_event({"id": 1, "created": "2026-01-01T00:00:00.000+0000"}))
    assert doc["event"]["action"] == "unclassified"
    assert doc["atlassian"]["actor_kind"] == "system"
    assert not {"user", "group", "source", "related", "message"} & doc.keys()


def test_null_and_empty_values_are_absent_keys():
    row = golden_row("jira", JOIN) | {
        "description": None,
        "remoteAddress": "",
        "authorAccountId": None,
        "changedValues": None,
    }
    assert (
        document(jira_event(row))["atlassian"].keys().isdisjoint({"description", "changes", "change_summary"})
    )


def test_a_row_without_a_readable_time_is_rejected():
    row = RawRow({"id": 1, "created": "yesterday"}, "1", None)
    assert jira_audit.normalise(row, CONTEXT) == Rejected(row, RejectReason.UNREADABLE_TIME, "created")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"summary": 7}, "summary"),
        ({"remoteAddress": ["192.0.2.1"]}, "remoteAddress"),
        ({"objectItem": "PROJECT"}, "objectItem"),
        ({"objectItem": {"name": {"secret": 1}}}, "objectItem.name"),
        ({"changedValues": {}}, "changedValues"),
        ({"changedValues": ["Role"]}, "changedValues[]"),
        ({"changedValues": [{"fieldName": 3}]}, "changedValues[].fieldName"),
        ({"associatedItems": [{"id": 5}]}, "associatedItems[].id"),
    ],
)
def test_a_field_of_another_type_rejects_the_row_and_is_named_without_its_content(change, named):
    rejected = jira_event(golden_row("jira", JOIN) | change)
    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.detail) == (RejectReason.WRONG_TYPE, named)


@pytest.mark.parametrize("change", [{"description": "\ud800"}, {"id": 2**60}])
def test_a_row_without_a_canonical_form_is_rejected(change):
    rejected = jira_event(golden_row("jira", JOIN) | change)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == RejectReason.NO_CANONICAL_FORM


def test_a_legacy_key_stands_in_for_a_missing_account_id():
    row = golden_row("jira", ROLE) | {"authorAccountId": ""}
    assert document(jira_event(row))["user"]["id"] == "ug:ada"


def test_actor_and_target_are_never_mixed():
    doc = document(jira_event(golden_row("jira", JOIN)))
    assert doc["user"].keys() == {"target"}


def test_the_one_who_left_a_role_is_the_target_when_nobody_came():
    row = golden_row("jira", ROLE) | {
        "changedValues": [{"fieldName": "Users", "changedFrom": "5b1, 5b2", "changedTo": "5b2"}]
    }
    assert document(jira_event(row))["user"]["target"] == {"id": "5b1"}


def test_a_group_added_to_a_role_is_the_affected_group():
    row = golden_row("jira", ROLE) | {
        "changedValues": [{"fieldName": "Groups", "changedFrom": "dev", "changedTo": "dev,contractors"}]
    }
    assert document(jira_event(row))["group"] == {"name": "contractors"}


def test_names_and_addresses_never_get_into_related():
    row = golden_row("jira", ROLE) | {
        "changedValues": [{"fieldName": "Users", "changedTo": "Ada Example, ada@acme.example"}],
        "authorAccountId": "ben@acme.example",
    }
    assert "user" not in document(jira_event(row))["related"]


def test_a_permission_given_to_one_user_in_a_scheme_has_that_user_as_target():
    row = golden_row("jira", "a grant is added to a permission scheme") | {
        "changedValues": [
            {"fieldName": "Permission", "changedTo": "Administer Projects"},
            {"fieldName": "Type", "changedTo": "Single user"},
            {"fieldName": "Value", "changedTo": "5b1"},
        ]
    }
    doc = document(jira_event(row))
    assert doc["user"]["target"] == {"id": "5b1"}
    assert "group" not in doc


def test_several_affected_users_are_all_related():
    row = golden_row("jira", JOIN)
    row["associatedItems"] = [{"id": f"ug:{n}", "name": f"ug:{n}", "typeName": "USER"} for n in range(3)]
    doc = document(jira_event(row))
    assert doc["user"]["target"]["id"] == "ug:0"
    assert doc["related"]["user"] == ["ug:0", "ug:1", "ug:2"]


def test_the_normaliser_leaves_the_row_as_it_was():
    row = golden_row("jira", ROLE)
    jira_event(row)
    assert row == golden_row("jira", ROLE)
