"""The action table: closed, consistent, complete for what is known, honest for what is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from atlaslens_forwarder.normalise.actions.table import WORDINGS, confluence_match, fold, jira_match
from atlaslens_forwarder.normalise.actions.vocabulary import HIGH, UNCLASSIFIED

RECORDED = json.loads((Path(__file__).parent / "recorded_summaries.json").read_text(encoding="utf-8"))
KNOWN = [
    (product, summary)
    for product, sources in RECORDED.items()
    for words in sources.values()
    for summary in words
]
ACTIONS = sorted(
    {wording.action for wordings in WORDINGS.values() for wording in wordings} | {UNCLASSIFIED},
    key=lambda action: action.name,
)
# elastic/ecs 9.3.0, event.category: the types expected with each category
ECS_TYPES = {
    "authentication": {"end", "info", "start"},
    "configuration": {"access", "change", "creation", "deletion", "info"},
    "iam": {"admin", "change", "creation", "deletion", "group", "info", "user"},
    "package": {"access", "change", "deletion", "info", "installation", "start"},
}


@pytest.mark.parametrize(("product", "summary"), KNOWN)
def test_a_recorded_or_documented_summary_has_an_action_and_its_product(product, summary):
    match = confluence_match("", summary) if product == "confluence" else jira_match("", summary)
    assert match.action is not UNCLASSIFIED
    assert match.product == product


def test_an_action_name_means_one_thing_in_every_product():
    names = [action.name for action in ACTIONS]
    assert len(names) == len(set(names))


def test_action_names_are_lower_case_words():
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", action.name) for action in ACTIONS)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_categories_and_types_are_those_that_ecs_expects(action):
    allowed = set().union(*(ECS_TYPES[category] for category in action.category))
    assert action.type
    assert set(action.type) <= allowed


@pytest.mark.parametrize("product", WORDINGS)
def test_no_summary_stands_for_two_actions(product):
    meaning: dict[tuple[str, str], str] = {}
    for wording in WORDINGS[product]:
        for summary in wording.summaries:
            name = meaning.setdefault((fold(summary), fold(wording.category)), wording.action.name)
            assert name == wording.action.name, summary


def test_jira_and_its_service_management_share_no_summary():
    jira, jsm = (
        {fold(summary) for wording in WORDINGS[product] for summary in wording.summaries}
        for product in ("jira", "jsm")
    )
    assert not jira & jsm


def test_every_permission_change_is_of_high_sensitivity():
    assert {action.sensitivity for action in ACTIONS if action.permission_change} == {HIGH}


@pytest.mark.parametrize(
    "summary",
    [
        "User added to group",
        "Permission scheme updated",
        "Permission scheme removed from project",
        "Global permission deleted",
        "Project roles changed",
        "Issue Security scheme added to project",
        "Customer permissions changed",
    ],
)
def test_moving_access_in_jira_is_a_permission_change(summary):
    assert jira_match("", summary).action.permission_change


@pytest.mark.parametrize(
    "summary", ["Space permission added", "Content restriction removed", "Public links enabled"]
)
def test_moving_access_in_confluence_is_a_permission_change(summary):
    assert confluence_match("", summary).action.permission_change


@pytest.mark.parametrize("summary", ["User created", "Workflow updated", "Project created", "App installed"])
def test_accounts_apps_and_settings_are_no_permission_change(summary):
    assert not jira_match("", summary).action.permission_change


def test_case_and_white_space_do_not_matter():
    assert jira_match("GROUP  management", " USER  added\tto group ").action.name == "user_added_to_group"


def test_the_interface_words_of_2025_mean_the_same():
    assert jira_match("", "Work item deleted").action.name == "issue_deleted"
    assert (
        jira_match("", "Work type scheme added to space").action.name == "issue_type_scheme_added_to_project"
    )


def test_an_unknown_summary_stays_visible_and_changes_no_permission():
    for match in (
        jira_match("permissions", "Permission matrix rotated"),
        confluence_match("", "Group of groups spun"),
    ):
        assert match.action is UNCLASSIFIED
        assert not match.action.permission_change


def test_an_unknown_summary_about_customers_is_of_service_management():
    assert jira_match("projects", "Customer greeting rephrased").product == "jsm"
    assert jira_match("projects", "Greeting rephrased").product == "jira"
