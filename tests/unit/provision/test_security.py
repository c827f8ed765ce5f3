"""Roles and accounts: what differs from what the plugin has, and which passwords will do."""

from __future__ import annotations

import bcrypt
import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.provision.plan import Action, Kind
from atlaslens_forwarder.provision.security.compare import security_items
from atlaslens_forwarder.provision.security.passwords import check_password, hash_password, make_password
from atlaslens_forwarder.provision.security.roles import ANALYST, READER, ROLES, SERVICE_ROLES, WRITER

THERE = {
    "roles": {role.name: role.body() for role in ROLES},
    "mappings": {
        role.name: {"users": [] if role.personal else [role.name], "backend_roles": [role.name], "hosts": []}
        for role in ROLES
    },
    "users": {role.name: {"hash": "", "reserved": False} for role in SERVICE_ROLES},
}


def changes(**found):
    items = security_items(**(THERE | found))
    return [item for item in items if item.action is not Action.UNCHANGED]


def test_an_empty_plugin_gets_everything_roles_first():
    items = security_items({}, {}, {})

    assert {item.action for item in items} == {Action.CREATE}
    assert [item.kind for item in items] == [Kind.ROLE] * 5 + [Kind.ROLE_MAPPING] * 5 + [Kind.ACCOUNT] * 4
    assert ANALYST.name not in [item.name for item in items if item.kind is Kind.ACCOUNT]


def test_what_is_as_it_should_be_stays():
    assert changes() == []


def test_order_and_grouping_of_rights_do_not_count():
    body = READER.body()
    (rights,) = body["index_permissions"]
    split = [{**rights, "allowed_actions": [action]} for action in reversed(rights["allowed_actions"])]

    assert changes(roles=THERE["roles"] | {READER.name: {**body, "index_permissions": split}}) == []


def test_a_right_too_many_and_one_too_few_are_told_and_mended():
    body = WRITER.body()
    rights = [{"index_patterns": ["*"], "allowed_actions": ["indices:data/read/search"]}]
    grown = {**body, "cluster_permissions": ["cluster:monitor/main"], "index_permissions": rights}

    (item,) = changes(roles=THERE["roles"] | {WRITER.name: grown})

    assert (item.kind, item.action, item.body) == (Kind.ROLE, Action.UPDATE, WRITER.body())
    assert "index * indices:data/read/search: –" in item.diff
    assert "cluster indices:data/write/bulk: +" in item.diff


def test_a_right_that_was_limited_to_some_documents_is_another_right():
    body = READER.body()
    limited = [{**body["index_permissions"][0], "dls": '{"match_none": {}}'}]

    (item,) = changes(roles=THERE["roles"] | {READER.name: {**body, "index_permissions": limited}})

    assert item.action is Action.UPDATE


def test_whoever_else_was_given_a_role_keeps_it():
    theirs = {"users": ["CN=collector"], "backend_roles": ["siem"], "hosts": ["10.0.0.1"]}

    (item,) = changes(mappings=THERE["mappings"] | {WRITER.name: theirs})

    assert item.body["users"] == ["CN=collector", WRITER.name]
    assert item.body["backend_roles"] == ["siem", WRITER.name]
    assert item.body["hosts"] == ["10.0.0.1"]


@pytest.mark.parametrize("part", ["roles", "mappings", "users"])
def test_what_opensearch_reserves_is_refused(part):
    (item,) = changes(**{part: THERE[part] | {READER.name: {"reserved": True}}})

    assert item.action is Action.REFUSE


def test_only_a_named_account_gets_a_new_password():
    items = security_items(**THERE, renew=[READER.name])

    assert [(item.kind, item.name) for item in items if item.action is Action.UPDATE] == [
        (Kind.ACCOUNT, READER.name)
    ]


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("Xk9#vQ2!", "shorter than 12"),
        ("password1234", "easy to guess"),
        ("maria.keller2024", "easy to guess"),
        ("ä" * 37, "longer than 72 bytes"),
    ],
)
def test_a_weak_password_is_refused_without_being_shown(password, told):
    with pytest.raises(ConfigError, match=told) as caught:
        check_password(password, related=["maria.keller"])

    assert password not in caught.value.one_line()


@pytest.mark.parametrize(
    "password",
    ["gravel otter lantern swim", "ß7-Fjord.Quitte-92", pytest.param(make_password(), id="a made one")],
)
def test_a_good_password_is_taken(password):
    check_password(password, related=["maria"])

    assert bcrypt.checkpw(password.encode(), hash_password(password).encode())
