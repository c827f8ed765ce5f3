"""An event of the organisation: actor and target apart, ids hashed, names and addresses not."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from atlaslens_forwarder.model.event import Event, Pipeline, RawRow, Rejected
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.normalise.actions.organisation import ACTIONS, WORDS, action_of
from atlaslens_forwarder.normalise.actions.vocabulary import UNCLASSIFIED
from atlaslens_forwarder.normalise.organisation import normalise
from atlaslens_forwarder.privacy.emails import without_emails
from atlaslens_forwarder.privacy.origin import hashed_bytes
from tests.unit.normalise.rows import CONTEXT, document, paths
from tests.unit.normalise.templates import event_fields

ORG = "99999999-8888-7777-6666-555555555555"
ACTOR = "712020:0b2e6a1c-1111-2222-3333-444444444444"
TARGET = "557058:9a771111-1111-2222-3333-444444444444"
ROW: dict[str, Any] = {
    "id": "a1000001-0000-4000-8000-000000000001",
    "type": "events",
    "attributes": {
        "time": "2026-11-19T10:00:00.000Z",
        "processedAt": "2026-11-19T10:00:01.500Z",
        "action": "user_added_to_group",
        "actor": {
            "id": ACTOR,
            "name": "Ada Brandt",
            "email": "ada@acme.example",
            "auth": {"authType": "session"},
        },
        "context": [
            {"id": TARGET, "type": "users", "attributes": {"name": "Bo Lind", "email": "bo@acme.example"}},
            {"id": "33333333-1111", "type": "groups", "attributes": {"name": "jira-admins"}},
        ],
        "container": [{"id": ORG, "type": "orgs", "attributes": {"name": "Acme"}}],
        "location": {"ip": "192.0.2.7", "geo": "EU", "countryName": "Nowhere"},
    },
    "message": {"content": "Ada Brandt added bo@acme.example to jira-admins", "format": "simple"},
}


def blind(address: bytes) -> str:
    return f"0a1b2c3d:{len(address):032x}"


def raw(**changes: Any) -> RawRow:
    """The row with other attributes; ``None`` removes one."""
    row = copy.deepcopy(ROW)
    for name, value in changes.items():
        if value is None:
            del row["attributes"][name]
        else:
            row["attributes"][name] = value
    time = row["attributes"].get("time")
    at_ms = parse_iso_ms(time) if isinstance(time, str) else None
    return RawRow(without_emails({"organisation_id": ORG, "event": row}, blind), row["id"], at_ms)


def doc_of(**changes: Any) -> dict[str, Any]:
    doc = document(normalise(raw(**changes), CONTEXT))
    assert paths(doc) <= event_fields().keys()
    assert "@" not in str(doc).replace("@timestamp", "")
    return doc


def test_a_membership_gives_its_document():
    outcome = normalise(raw(), CONTEXT)
    assert isinstance(outcome, Event)
    assert outcome.pipeline is Pipeline.AUDIT
    id_ = f"org:event:{ORG}:{ROW['id']}"
    assert outcome.id == id_
    assert outcome.doc == {
        "@timestamp": "2026-11-19T10:00:00.000Z",
        "ecs": {"version": "9.3.0"},
        "event": {
            "id": id_,
            "kind": "event",
            "category": ["iam"],
            "type": ["group", "change"],
            "action": "user_added_to_group",
            "outcome": "unknown",
            "dataset": "atlassian.organisation_event",
            "provider": "organisation",
            "module": "atlassian",
            "created": "2026-11-19T10:00:01.500Z",
            "original": (
                '{"action":"user_added_to_group","actor":{"id":"' + ACTOR + '"},'
                '"container":[{"id":"' + ORG + '","type":"organisation"}],'
                '"context":[{"id":"' + TARGET + '","type":"user"},{"id":"33333333-1111","type":"group"}],'
                '"id":"a1000001-0000-4000-8000-000000000001","ip":"192.0.2.7","time":"2026-11-19T10:00:00.000Z"}'
            ),
        },
        "user": {
            "id": ACTOR,
            "full_name": "Ada Brandt",
            "target": {"id": TARGET, "full_name": "Bo Lind"},
        },
        "group": {"id": "33333333-1111", "name": "jira-admins"},
        "source": {"address": "192.0.2.7", "ip": "192.0.2.7"},
        "organization": {"id": CONTEXT.cloud_id, "name": "acme"},
        "related": {"user": [ACTOR, TARGET], "ip": ["192.0.2.7"]},
        "message": f"Ada Brandt added [email:{blind(b'bo@acme.example')}] to jira-admins",
        "atlassian": {
            "product": "organisation",
            "pipeline": "audit",
            "site": "acme",
            "deployment": "cloud",
            "summary": "user_added_to_group",
            "object": {
                "type": "group",
                "id": "33333333-1111",
                "name": "jira-admins",
                "container": "Acme",
                "container_id": ORG,
            },
            "associated": [{"type": "user", "id": TARGET}],
            "permission_change": True,
            "sensitivity": "high",
            "actor_kind": "person",
        },
    }


def test_other_names_and_addresses_say_the_same():
    later = copy.deepcopy(ROW["attributes"])
    later["actor"] = {"id": ACTOR, "name": "Former user"}
    later["context"][0]["attributes"] = {}
    later["context"][1]["attributes"]["name"] = "administrators"
    later["container"][0]["attributes"]["name"] = "Acme Ltd"
    assert hashed_bytes(doc_of(**later)) == hashed_bytes(doc_of())


@pytest.mark.parametrize(
    ("changes"),
    [
        {"actor": {"id": TARGET}},
        {"context": [{"id": ACTOR, "type": "users"}]},
        {"action": "user_removed_from_group"},
        {"location": {"ip": "192.0.2.8"}},
        {"time": "2026-11-19T10:00:00.001Z"},
    ],
)
def test_what_happened_is_hashed(changes):
    assert hashed_bytes(doc_of(**changes)) != hashed_bytes(doc_of())


@pytest.mark.parametrize(
    ("actor", "user", "kind"),
    [
        ({"id": "confluence", "name": "Confluence", "email": "Atlassian app"}, {"id": "confluence"}, "app"),
        ({"id": "5b10a2844c20165700ede21f", "name": ""}, {"id": "5b10a2844c20165700ede21f"}, "person"),
        ({"id": "qm:1:2", "name": "Kim"}, {"id": "qm:1:2"}, "customer"),
        ({"email": "x@acme.example"}, {"email_blind": blind(b"x@acme.example")}, "person"),
        ({"name": "Somebody"}, {"full_name": "Somebody"}, "unidentified"),
        ({"name": "x@acme.example"}, None, "system"),
        ({}, None, "system"),
        (None, None, "system"),
    ],
)
def test_who_acted(actor, user, kind):
    doc = doc_of(actor=actor, context=None)
    assert doc["atlassian"]["actor_kind"] == kind
    if user is None:
        assert "user" not in doc
    else:
        assert doc["user"].items() >= user.items()


def test_an_address_is_not_kept_where_there_is_an_account():
    assert "email_blind" not in str(doc_of())


def test_who_is_invited_has_no_account_yet():
    context = [{"id": "77777777-1111", "type": "invited-user", "attributes": {"email": "kit@acme.example"}}]
    doc = doc_of(action="user_invitation_sent", context=context)
    assert doc["event"]["action"] == "user_invited"
    assert doc["user"]["target"] == {"email_blind": blind(b"kit@acme.example")}
    assert doc["atlassian"]["object"]["type"] == "user"
    assert doc["related"]["user"] == [ACTOR]


def test_a_thing_between_holders_is_the_object_and_permissions_are_changes():
    context = [
        {"id": "s1", "type": "sites", "attributes": {"siteName": "acme", "permissionName": "Add Pages"}},
        {"id": "22", "type": "space", "attributes": {"name": "Engineering"}},
    ]
    doc = doc_of(action="confluence_added_space_permission", context=context)
    told = doc["atlassian"]
    assert (told["object"]["type"], told["object"]["id"]) == ("space", "22")
    assert told["associated"] == [{"type": "site", "id": "s1"}]
    assert told["change_summary"] == ["permission: (none) → Add Pages"]
    assert doc["event"]["action"] == "space_permission_added"
    assert "target" not in doc["user"]


def test_settings_of_the_container_are_changes_too():
    container = [
        {
            "id": ORG,
            "type": "orgs",
            "attributes": {"settingName": "AuthenticationPolicy", "settingValues": "samlEnabled"},
        }
    ]
    doc = doc_of(action="org_settings_update", context=[], container=container)
    assert doc["atlassian"]["changes"] == [{"field": "AuthenticationPolicy", "to": "samlEnabled"}]
    assert doc["atlassian"]["object"] == {"type": "organisation", "id": ORG}


def test_resource_identifiers_of_people_are_the_ids_that_others_know():
    context = [{"id": f"ari:cloud:identity::user/{TARGET}", "type": "user"}]
    assert doc_of(context=context)["user"]["target"] == {"id": TARGET}


@pytest.mark.parametrize(
    ("word", "action", "category"),
    [
        ("user_login", "user_logged_in", "authentication"),
        ("user_login_failed", "user_login_failed", "authentication"),
        ("data_classification_policy_update", "policy_updated", "configuration"),
        ("authentication_policy_create", "policy_created", "configuration"),
        ("jira_policy_reticulated", "unclassified", "configuration"),
        ("something_new", "unclassified", "configuration"),
    ],
)
def test_words_become_actions(word, action, category):
    event = doc_of(action=word)["event"]
    assert (event["action"], event["category"][0]) == (action, category)


def test_a_failed_sign_in_is_a_failure():
    assert doc_of(action="user_login_failed")["event"]["outcome"] == "failure"


def test_an_unknown_word_stays_visible_and_changes_no_permission():
    assert action_of("granted_everything") is UNCLASSIFIED
    assert doc_of(action="granted_everything")["atlassian"]["summary"] == "granted_everything"


def test_every_word_is_in_the_page_of_the_source():
    page = (Path(__file__).resolve().parents[3] / "docs/sources/org-events.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page))
    assert set(WORDS) <= named
    assert {action.name for action in ACTIONS} <= named | {
        "user_added_to_group",
        "user_removed_from_group",
        "group_created",
        "group_updated",
        "group_deleted",
    }


def test_what_is_missing_is_absent():
    doc = doc_of(processedAt="soon", context=None, container=None, location=None)
    assert doc["event"]["created"] == doc["@timestamp"]
    assert doc["atlassian"]["object"] == {"type": "group"}
    assert not {"source", "group"} & doc.keys()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"time": None}, "unreadable-time"),
        ({"action": None}, "wrong-type"),
        ({"action": 5}, "wrong-type"),
        ({"actor": "Ada"}, "wrong-type"),
        ({"actor": {"id": 5}}, "wrong-type"),
        ({"context": {}}, "wrong-type"),
        ({"context": ["x"]}, "wrong-type"),
        ({"context": [{"id": 5}]}, "wrong-type"),
        ({"context": [{"attributes": 5}]}, "wrong-type"),
        ({"container": "x"}, "wrong-type"),
        ({"location": {"ip": 5}}, "wrong-type"),
        ({"processedAt": 5}, "wrong-type"),
    ],
)
def test_what_cannot_be_read_is_rejected(changes, reason):
    outcome = normalise(raw(**changes), CONTEXT)
    assert isinstance(outcome, Rejected)
    assert outcome.reason == reason


@pytest.mark.parametrize(
    "event", ["nonsense", None, 5, [], {"attributes": 5}, {"attributes": {"action": "x"}, "message": 5}]
)
def test_nonsense_is_rejected(event):
    assert isinstance(normalise(RawRow({"organisation_id": ORG, "event": event}, "x", 0), CONTEXT), Rejected)
