"""Answers of the index management plugin: who is under the policy, and where it fails silently."""

from __future__ import annotations

from atlaslens_forwarder.provision.policy import retention_policy
from atlaslens_forwarder.storage.ism import (
    DELETING_STATE,
    attached,
    deleting,
    governed,
    problems,
    read_added,
    read_removed,
)

POLICY = "atlaslens-retention"
KEY = "index.plugins.index_state_management.policy_id"

EXPLAINED = {
    "atlaslens-audit-2026.01": {KEY: POLICY, "policy_id": POLICY, "enabled": True},
    "atlaslens-audit-2025.01": {
        KEY: POLICY,
        "enabled": True,
        "step": {"name": "attempt_delete", "step_status": "failed"},
        "retry_info": {"failed": True, "consumed_retries": 3},
        "info": {"message": "Failed to delete index [index=atlaslens-audit-2025.01]"},
    },
    "atlaslens-audit-2025.02": {KEY: POLICY, "enabled": False},
    "atlaslens-audit-2025.03": {KEY: None},
    "atlaslens-audit-2025.04": {KEY: "somebody-elses"},
    "total_managed_indices": 3,
}


def test_only_indices_under_our_policy_count_as_attached():
    assert attached(EXPLAINED) == {
        "atlaslens-audit-2026.01",
        "atlaslens-audit-2025.01",
        "atlaslens-audit-2025.02",
    }


def test_a_failed_and_a_switched_off_policy_are_problems():
    assert problems(EXPLAINED) == {
        "atlaslens-audit-2025.01": "Failed to delete index [index=atlaslens-audit-2025.01]",
        "atlaslens-audit-2025.02": "switched off",
    }


def test_a_policy_of_somebody_else_is_seen():
    assert governed(EXPLAINED)["atlaslens-audit-2025.04"] == "somebody-elses"
    assert "atlaslens-audit-2025.03" not in governed(EXPLAINED)


def failed(name, reason):
    return {"index_name": name, "index_uuid": "u", "reason": reason}


def test_added_months_are_fine_and_managed_ones_are_told():
    reason = "This index already has a policy, use the update policy API to update index policies"
    answer = {"updated_indices": 1, "failures": True, "failed_indices": [failed("b", reason)]}

    assert read_added(answer, ["a", "b"]) == (["b"], "")


def test_a_month_that_another_adds_at_this_moment_is_managed():
    reason = "version conflict, document already exists (current version [1])"
    answer = {"updated_indices": 0, "failures": True, "failed_indices": [failed("a", reason)]}

    assert read_added(answer, ["a"]) == (["a"], "")


def test_a_month_that_could_not_be_added_is_a_problem():
    answer = {"updated_indices": 0, "failures": True, "failed_indices": [failed("a", "This index is closed")]}

    assert read_added(answer, ["a"]) == ([], "a: This index is closed")


def test_a_month_left_out_for_want_of_permission_is_a_problem():
    answer = {"updated_indices": 1, "failures": False, "failed_indices": []}

    assert read_added(answer, ["a", "b"]) == ([], "1 of 2 were left out")


def test_a_month_without_a_policy_is_as_good_as_taken_from_it():
    answer = {
        "updated_indices": 1,
        "failures": True,
        "failed_indices": [failed("b", "This index does not have a policy to remove")],
    }

    assert read_removed(answer, ["a", "b"]) == ""


def test_a_month_that_could_not_be_taken_is_a_problem():
    answer = {"updated_indices": 0, "failures": True, "failed_indices": [failed("a", "This index is closed")]}

    assert read_removed(answer, ["a"]) == "a: This index is closed"
    assert read_removed({"updated_indices": 1, "failed_indices": []}, ["a", "b"]) == "1 of 2 were left out"


def test_a_month_in_the_last_state_of_the_policy_is_about_to_go():
    explained = {
        "a": {KEY: POLICY, "state": {"name": "expired"}},
        "b": {KEY: POLICY, "state": {"name": "kept"}},
        "c": {KEY: POLICY},
        "d": {KEY: "somebody-elses", "state": {"name": "expired"}},
        "total_managed_indices": 4,
    }

    assert deleting(explained) == {"a"}
    states = retention_policy(365)["states"]
    assert [state["name"] for state in states if state["actions"] == [{"delete": {}}]] == [DELETING_STATE]
