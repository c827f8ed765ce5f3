"""Differences between two looks at Bitbucket and at the service desk as events."""

from __future__ import annotations

import json

import pytest

from atlaslens_forwarder.model.event import Event, EventContext, Pipeline, RawRow, Rejected
from atlaslens_forwarder.normalise import bitbucket_permissions, jsm_organizations
from atlaslens_forwarder.normalise.actions import code_access, desk_access
from atlaslens_forwarder.normalise.actions.jsm import WORDINGS
from atlaslens_forwarder.sources.bitbucket_permissions.lists import Workspace
from atlaslens_forwarder.sources.bitbucket_permissions.rows import (
    grant_rows,
    restriction_rows,
    workspace_rows,
)
from atlaslens_forwarder.sources.jsm_organizations.reader import customer_rows, organization_rows
from atlaslens_forwarder.sources.snapshots import Deed
from tests.unit.normalise.templates import event_fields

CONTEXT = EventContext("acme", "https://acme.example", "cloud-1")
AT_MS = 1_795_420_800_000
WORKSPACE = Workspace("{w-1}", "acme")
REPOSITORY = {"uuid": "{r-1}", "slug": "tools", "name": "Tools"}
WRITE = {"account_id": "acc-1", "permission": "write"}
ADMIN = {"account_id": "acc-1", "permission": "admin"}
RULE = {"kind": "push", "branch_match_kind": "glob", "pattern": "main", "users": ["acc-1"], "groups": []}


def bitbucket(rows):
    (row,) = rows
    event = bitbucket_permissions.normalise(row, CONTEXT)
    assert isinstance(event, Event)
    return event


def granted(before, after, key="user:{u-1}", names=None):
    rows = grant_rows(WORKSPACE, REPOSITORY, [Deed(key, before, after)], names or {"{u-1}": "Ada"}, AT_MS)
    return bitbucket(rows)


def flat(value, prefix=""):
    for key, each in value.items():
        for one in each if isinstance(each, list) else [each]:
            if isinstance(one, dict):
                yield from flat(one, f"{prefix}{key}.")
            else:
                yield f"{prefix}{key}"


def test_a_changed_permission_says_whose_where_from_and_to():
    event = granted(WRITE, ADMIN)

    assert event.pipeline is Pipeline.AUDIT
    assert event.at_ms == AT_MS
    assert event.id.startswith("bitbucket:permission:cloud-1:{r-1}:")
    doc = event.doc
    assert doc["event"]["action"] == "repository_permission_changed"
    assert doc["event"]["dataset"] == "atlassian.bitbucket_permission"
    assert doc["user"] == {"target": {"id": "acc-1", "full_name": "Ada"}}
    assert doc["related"]["user"] == ["acc-1", "{u-1}"]
    assert doc["atlassian"]["object"] == {
        "type": "repository",
        "id": "{r-1}",
        "key": "acme/tools",
        "name": "Tools",
        "container": "acme",
        "container_id": "{w-1}",
    }
    assert doc["atlassian"]["changes"] == [{"field": "permission", "from": "write", "to": "admin"}]
    assert doc["atlassian"]["derived"] is True
    assert doc["atlassian"]["actor_kind"] == "unknown"
    assert doc["message"] == ("Repository permission changed: Ada in acme/tools, permission write → admin")
    assert "Ada" not in doc["event"]["original"]
    assert json.loads(doc["event"]["original"])["before"] == WRITE


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        (None, WRITE, "repository_permission_added"),
        (WRITE, ADMIN, "repository_permission_changed"),
        (WRITE, None, "repository_permission_removed"),
    ],
)
def test_what_came_went_and_changed_has_its_action(before, after, action):
    assert granted(before, after).doc["event"]["action"] == action


def test_who_left_has_an_id_and_no_name():
    doc = granted(WRITE, None, names={"{u-2}": "Eva"}).doc
    assert doc["user"] == {"target": {"id": "acc-1"}}
    assert doc["message"] == "Repository permission removed: acc-1 in acme/tools, permission write → (none)"


def test_without_an_account_id_the_uuid_is_the_target():
    doc = granted(None, {"account_id": "", "permission": "read"}).doc
    assert doc["user"]["target"]["id"] == "{u-1}"
    assert doc["related"]["user"] == ["{u-1}"]


def test_a_group_is_a_group():
    doc = granted(None, {"permission": "read"}, "group:devs", {"devs": "Developers"}).doc
    assert doc["group"] == {"id": "devs", "name": "Developers"}
    assert "user" not in doc


def test_a_workspace_member_is_told_with_the_workspace():
    deed = Deed("member:{u-1}", None, {"account_id": "acc-1", "permission": "owner"})
    doc = bitbucket(workspace_rows(WORKSPACE, [deed], {}, AT_MS)).doc
    assert doc["event"]["action"] == "workspace_member_added"
    assert doc["atlassian"]["object"] == {"type": "workspace", "id": "{w-1}", "key": "acme", "name": "acme"}


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        (None, {"slug": "tools", "name": "Tools"}, "repository_created"),
        ({"slug": "old", "name": "Tools"}, {"slug": "tools", "name": "Tools"}, "repository_renamed"),
        ({"slug": "tools", "name": "Tools"}, None, "repository_deleted"),
    ],
)
def test_the_life_of_a_repository_is_told(before, after, action):
    event = bitbucket(workspace_rows(WORKSPACE, [Deed("repository:{r-1}", before, after)], {}, AT_MS))
    assert event.doc["event"]["action"] == action
    assert event.doc["atlassian"]["object"]["id"] == "{r-1}"
    assert event.doc["atlassian"]["object"]["key"] == "acme/tools"
    assert event.id.startswith("bitbucket:permission:cloud-1:{r-1}:")


def test_a_loosened_branch_restriction_names_every_part_that_differs():
    looser = RULE | {"users": ["acc-1", "acc-2"], "pattern": "release/*"}
    doc = bitbucket(restriction_rows(WORKSPACE, REPOSITORY, [Deed("7", RULE, looser)], AT_MS)).doc
    assert doc["event"]["action"] == "branch_restriction_changed"
    assert doc["atlassian"]["object"] == {
        "type": "branch_restriction",
        "id": "7",
        "name": "push release/*",
        "container": "acme/tools",
        "container_id": "{r-1}",
    }
    assert doc["atlassian"]["changes"] == [
        {"field": "pattern", "from": "main", "to": "release/*"},
        {"field": "users", "from": "acc-1", "to": "acc-1, acc-2"},
    ]
    assert doc["related"]["user"] == ["acc-1", "acc-2"]
    assert "user" not in doc


def test_the_same_deed_at_another_time_is_another_event():
    deed = [Deed("user:{u-1}", WRITE, ADMIN)]
    first = grant_rows(WORKSPACE, REPOSITORY, deed, {}, AT_MS)
    second = grant_rows(WORKSPACE, REPOSITORY, deed, {}, AT_MS + 1)
    assert first[0].identity != second[0].identity


def test_every_field_is_mapped():
    deeds = [Deed("7", RULE, None)]
    docs = [
        granted(WRITE, ADMIN).doc,
        bitbucket(restriction_rows(WORKSPACE, REPOSITORY, deeds, AT_MS)).doc,
        desk(customer_rows("1", {"uuid": "o", "name": "Kunde"}, [Deed("c-1", None, {})], {}, AT_MS)).doc,
    ]
    for doc in docs:
        assert set(flat(doc)) <= event_fields().keys() | {"event.hash", "event.ingested"}


def desk(rows):
    (row,) = rows
    event = jsm_organizations.normalise(row, CONTEXT)
    assert isinstance(event, Event)
    return event


def test_a_customer_who_joins_is_the_target_and_the_organisation_the_group():
    rows = customer_rows("1", {"uuid": "o", "name": "Kunde"}, [Deed("c-1", None, {})], {"c-1": "Jo"}, AT_MS)
    event = desk(rows)
    assert event.id.startswith("jsm:organization:cloud-1:1:")
    assert event.pipeline is Pipeline.AUDIT
    assert event.doc["event"]["action"] == "customer_added_to_organization"
    assert event.doc["user"] == {"target": {"id": "c-1", "full_name": "Jo"}}
    assert event.doc["group"] == {"id": "1", "name": "Kunde"}
    assert event.doc["atlassian"]["product"] == "jsm"
    assert event.doc["message"] == "Customer added to organization: Jo in Kunde"


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        (None, {"uuid": "o", "name": "Kunde"}, "organization_created"),
        ({"uuid": "o", "name": "Alt"}, {"uuid": "o", "name": "Kunde"}, "organization_updated"),
        ({"uuid": "o", "name": "Kunde"}, None, "organization_deleted"),
    ],
)
def test_the_life_of_an_organisation_is_told(before, after, action):
    doc = desk(organization_rows([Deed("1", before, after)], AT_MS)).doc
    assert doc["event"]["action"] == action
    assert doc["atlassian"]["object"] == {"type": "organization", "id": "1", "name": "Kunde"}


def test_the_audit_log_and_the_look_call_the_same_deed_the_same():
    recorded = {wording.action.name: wording.action for wording in WORDINGS}
    for action in desk_access.ACTIONS:
        assert recorded[action.name] == action


def test_what_widens_or_narrows_access_is_a_permission_change():
    told = {action.name for action in code_access.ACTIONS if not action.permission_change}
    assert told == {"repository_created", "repository_renamed", "repository_deleted"}


@pytest.mark.parametrize("normalise", [bitbucket_permissions.normalise, jsm_organizations.normalise])
@pytest.mark.parametrize(
    "change",
    [
        {"before": 1},
        {"before": None, "after": None},
        {"scope": "elsewhere"},
        {"scope": None},
        {"user": []},
        {"user": {"account_id": 7}},
    ],
)
def test_a_row_of_another_form_is_rejected_and_raises_nothing(normalise, change):
    (row,) = grant_rows(WORKSPACE, REPOSITORY, [Deed("user:{u-1}", WRITE, ADMIN)], {}, AT_MS)
    found = normalise(RawRow(row.data | change, row.identity, row.at_ms), CONTEXT)
    assert isinstance(found, Rejected)
    assert found.reason == "wrong-type"


@pytest.mark.parametrize("normalise", [bitbucket_permissions.normalise, jsm_organizations.normalise])
def test_a_row_without_a_time_is_rejected(normalise):
    found = normalise(RawRow({}, "x", None), CONTEXT)
    assert isinstance(found, Rejected)
    assert found.reason == "unreadable-time"
