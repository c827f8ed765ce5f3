"""The rules that ship: complete, covered by samples, and each kind of file generated from them up to date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.detections.docs import rules_page
from atlaslens_forwarder.detections.evaluate import matches
from atlaslens_forwarder.detections.fields import searchable
from atlaslens_forwarder.detections.monitors import monitor_texts
from atlaslens_forwarder.detections.rule import Level
from atlaslens_forwarder.detections.syntax import fields_of
from atlaslens_forwarder.normalise.actions.known import ACTION_NAMES
from atlaslens_forwarder.normalise.ocsf import ACTIVITIES, FIELDS, activity_of, every_action, ocsf_page
from atlaslens_forwarder.provision.monitors import load_monitors
from tests.unit.normalise.templates import event_fields

REPOSITORY = Path(__file__).resolve().parents[3]
NOW_MS = 1_795_420_800_000
CATALOGUE = load_catalogue()
RULES = list(CATALOGUE.rules.values())


def test_there_are_enough_rules_and_each_has_both_kinds_of_samples():
    assert len(RULES) >= 25
    for rule in RULES:
        kinds = {sample.positive for sample in CATALOGUE.samples if sample.rule == rule.name}
        assert kinds == {True, False}, rule.name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_says_what_to_do_and_what_may_be_wrong(rule):
    assert rule.runbook.startswith("1. ")
    assert rule.false_positives
    assert rule.references
    assert any(tag.startswith("attack.t1") for tag in rule.tags)
    assert rule.level in set(Level)


@pytest.mark.parametrize(
    "sample",
    [each for each in CATALOGUE.samples if CATALOGUE.rules[each.rule].when is None],
    ids=lambda sample: f"{sample.rule}: {sample.name}",
)
def test_samples_of_plain_rules_match_as_they_must(sample):
    rule = CATALOGUE.rules[sample.rule]

    found = sum(matches(rule.node, event, CATALOGUE.words.fields) for event in sample.documents(NOW_MS))

    assert found == sample.alerts


def test_every_field_of_every_rule_is_mapped():
    mapped = event_fields()
    for rule in RULES:
        assert fields_of(rule.node) <= mapped.keys(), rule.name
        assert set(rule.fields) <= mapped.keys(), rule.name


def test_texts_and_unindexed_fields_cannot_be_asked_for():
    mapping = {
        "properties": {
            "message": {"type": "match_only_text"},
            "event": {"properties": {"original": {"type": "keyword", "index": False}}},
            "user": {"properties": {"id": {"type": "keyword", "ignore_above": 3}}},
        }
    }

    assert [*searchable(mapping)] == ["user.id"]


def test_the_monitors_are_up_to_date():
    written = {
        file.stem: file.read_text(encoding="utf-8")
        for file in (REPOSITORY / "alerting" / "monitors").glob("*.json")
    }

    assert written == monitor_texts(), "run: make monitors"


def test_monitors_send_to_the_channel_that_is_set_and_only_then():
    with_channel = json.dumps(load_monitors("our-channel"))

    assert with_channel.count('"destination_id": "our-channel"') == len(RULES)
    assert "{channel}" not in with_channel
    assert "destination_id" not in json.dumps(load_monitors(""))


def test_no_monitor_tells_an_address():
    assert "email" not in "".join(monitor_texts().values())


def test_windows_go_by_arrival_and_leave_out_the_backfill():
    for name, text in monitor_texts().items():
        assert '"event.ingested"' in text, name
        assert '"atlassian.backfilled": {' in text, name


def test_the_page_of_rules_is_up_to_date():
    written = (REPOSITORY / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == rules_page(), "run: make monitors"


def test_the_page_of_ocsf_is_up_to_date():
    written = (REPOSITORY / "docs" / "ocsf.md").read_text(encoding="utf-8")
    assert written == ocsf_page(), "run: python -m atlaslens_forwarder.normalise.ocsf > docs/ocsf.md"


def test_every_action_has_a_class_and_an_activity_of_it():
    assert {action.name for action in every_action()} == set(ACTION_NAMES)
    assert all(activity_of(action) in ACTIVITIES[action.ocsf_class] for action in every_action())


@pytest.mark.parametrize(
    ("name", "activity"),
    [
        ("user_added_to_group", 3),
        ("user_deactivated", 5),
        ("global_permission_added", 1),
        ("customer_added_to_organization", 1),
        ("branch_restriction_removed", 1),
        ("user_login_failed", 1),
        ("project_deleted", 4),
        ("space_exported", 2),
        ("unclassified", 99),
    ],
)
def test_activities_mean_what_ocsf_says(name, activity):
    (action,) = [action for action in every_action() if action.name == name]

    assert activity_of(action) == activity


def test_the_crosswalk_names_fields_that_exist():
    assert {ours for ours, _, _ in FIELDS} <= event_fields().keys()
