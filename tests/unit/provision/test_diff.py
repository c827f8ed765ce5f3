"""Comparing what we want with what OpenSearch echoes: no false drift, no drift unseen."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.provision.diff import (
    field_types,
    forbid_auto_create,
    mapping_growth,
    policy_diff,
    template_diff,
)
from atlaslens_forwarder.provision.policy import retention_policy


def test_settings_are_equal_in_every_form_in_which_they_are_written():
    ours = {
        "version": 1,
        "template": {"settings": {"number_of_shards": 1, "index.append_only.enabled": True}},
    }
    echo = {
        "version": 1,
        "template": {"settings": {"index": {"number_of_shards": "1", "append_only": {"enabled": "true"}}}},
    }

    assert template_diff(ours, echo) == ()


def test_a_changed_missing_or_foreign_part_is_told_by_path():
    ours = {"priority": 300, "template": {"settings": {"index": {"a": 1}}, "mappings": {"dynamic": "strict"}}}
    echo = {"priority": 1, "template": {"settings": {"index": {"b": "2"}}, "mappings": {"dynamic": "true"}}}

    assert template_diff(ours, echo) == (
        'mappings.dynamic: "true" → "strict"',
        "priority: 1 → 300",
        "settings.index.a: – → 1",
        "settings.index.b: 2 → –",
    )


def test_an_empty_alias_is_not_overlooked():
    assert template_diff({"template": {"aliases": {"a": {}}}}, {"template": {}}) == ("aliases.a: – → {}",)


@pytest.mark.parametrize(
    ("current", "wanted"),
    [
        (None, "-atlaslens-*,*"),
        ("true", "-atlaslens-*,*"),
        ("false", None),
        ("-atlaslens-*,*", None),
        ("[-atlaslens-*, *]", None),
        ("+logs-*,-*", "-atlaslens-*,+logs-*,-*"),
        ("*,-atlaslens-*", "-atlaslens-*,*"),
        ("+atlaslens-*,-*", "-atlaslens-*,+atlaslens-*,-*"),
    ],
)
def test_auto_creation_of_our_names_is_forbidden_and_the_rest_kept(current, wanted):
    assert forbid_auto_create(current) == wanted


def test_forbidding_twice_changes_nothing():
    assert forbid_auto_create(forbid_auto_create("a,b")) is None


MAPPING = {
    "properties": {"a": {"type": "keyword", "fields": {"text": {"type": "text"}}}, "b": {"properties": {}}}
}


def test_fields_are_listed_with_their_types():
    assert field_types(MAPPING) == {"a": "keyword", "a.text": "text", "b": "object"}


def test_a_live_index_may_have_more_fields_but_not_fewer_or_other_ones():
    more = {"properties": {**MAPPING["properties"], "old": {"type": "long"}}}
    other = {"properties": {"a": {"type": "long"}}}

    assert mapping_growth(MAPPING, more) == ((), ())
    assert mapping_growth(MAPPING, other) == (("a.text: – → text", "b: – → object"), ("a: long → keyword",))


def test_what_the_plugin_adds_to_a_policy_is_no_drift():
    desired = retention_policy(365)
    found = {
        **desired,
        "policy_id": "atlaslens-retention",
        "last_updated_time": 1,
        "schema_version": 21,
        "error_notification": None,
        "ism_template": None,
        "states": [
            desired["states"][0],
            {
                **desired["states"][1],
                "actions": [{"retry": {"count": 3, "backoff": "exponential", "delay": "1m"}, "delete": {}}],
            },
        ],
    }

    assert policy_diff(desired, found) == ()
    assert policy_diff(retention_policy(400), found) != ()
    assert policy_diff(desired, {**found, "states": found["states"][:1]}) != ()


def test_the_policy_deletes_at_the_retention_and_31_days():
    transition = retention_policy(365)["states"][0]["transitions"][0]

    assert transition == {"state_name": "expired", "conditions": {"min_index_age": "396d"}}
