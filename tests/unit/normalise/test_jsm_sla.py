"""A broken promise as an event: its time is when it broke, nobody did it, and a later read says the same."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from atlaslens_forwarder.model.event import Event, Pipeline, RawRow, Rejected
from atlaslens_forwarder.normalise.jsm_sla import normalise
from atlaslens_forwarder.privacy.origin import hashed_bytes
from tests.unit.normalise.rows import CONTEXT, document, paths
from tests.unit.normalise.templates import event_fields

START_MS, GOAL_MS = 1_795_420_800_000, 14_400_000
DATA: dict[str, Any] = {
    "issue": {"id": "10100", "key": "ITSM-1", "summary": "No coffee", "type": "Incident"},
    "sla": {"id": "1", "name": "Time to first response"},
    "cycle": {
        "startTime": {"iso8601": "2026-11-23T08:00:00+0000", "epochMillis": START_MS},
        "breachTime": {"epochMillis": START_MS + GOAL_MS},
        "breached": True,
        "goalDuration": {"millis": GOAL_MS, "friendly": "4h"},
        "elapsedTime": {"millis": GOAL_MS + 5},
        "remainingTime": {"millis": -5},
        "paused": False,
    },
}


def row(at_ms: int | None = START_MS + GOAL_MS, /, **parts: Any) -> RawRow:
    data = copy.deepcopy(DATA)
    for name, changes in parts.items():
        data[name] |= changes
    return RawRow(data, f"10100:1:{START_MS}", at_ms)


def test_a_breach_gives_its_document():
    outcome = normalise(row(), CONTEXT)
    assert isinstance(outcome, Event)
    assert outcome.pipeline is Pipeline.ACTIVITY
    identity = f"jsm:sla:{CONTEXT.cloud_id}:10100:1:{START_MS}"
    assert outcome.id == identity
    assert outcome.doc == {
        "@timestamp": "2026-11-23T12:00:00.000Z",
        "ecs": {"version": "9.3.0"},
        "event": {
            "id": identity,
            "kind": "event",
            "category": ["web"],
            "type": ["info"],
            "action": "sla_breached",
            "outcome": "unknown",
            "dataset": "atlassian.jsm_sla",
            "provider": "jsm",
            "module": "atlassian",
            "created": "2026-11-23T12:00:00.000Z",
            "start": "2026-11-23T08:00:00.000Z",
            "duration": GOAL_MS * 1_000_000,
            "original": (
                '{"breach_ms":1795435200000,"goal_ms":14400000,"issue_id":"10100","sla_id":"1",'
                '"start_ms":1795420800000}'
            ),
            "url": "https://acme.atlassian.net/browse/ITSM-1",
        },
        "organization": {"id": CONTEXT.cloud_id, "name": "acme"},
        "message": "SLA breached: Time to first response: ITSM-1 No coffee",
        "atlassian": {
            "product": "jsm",
            "pipeline": "activity",
            "site": "acme",
            "deployment": "cloud",
            "object": {
                "type": "sla",
                "id": "1",
                "name": "Time to first response",
                "container": "ITSM-1",
                "container_id": "10100",
            },
            "work_item": {
                "type": "issue",
                "id": "10100",
                "key": "ITSM-1",
                "name": "No coffee",
                "kind": "Incident",
            },
            "sla": {
                "name": "Time to first response",
                "goal_ms": GOAL_MS,
                "cycle_start": "2026-11-23T08:00:00.000Z",
            },
            "permission_change": False,
            "sensitivity": "medium",
            "actor_kind": "system",
        },
    }
    assert paths(outcome.doc) <= event_fields().keys()


def test_a_cycle_that_is_over_a_moved_and_a_renamed_request_say_the_same():
    running = document(normalise(row(), CONTEXT))
    over = row(
        issue={"key": "HELP-9", "summary": "Tea", "type": "Question"},
        cycle={"elapsedTime": {"millis": 9 * GOAL_MS}, "stopTime": {"epochMillis": START_MS + 9 * GOAL_MS}},
    )
    del over.data["issue"]["type"]  # type: ignore[index]
    assert hashed_bytes(document(normalise(over, CONTEXT))) == hashed_bytes(running)


def test_a_request_of_which_only_id_and_key_are_remembered_says_the_same():
    bare = row()
    bare.data["issue"] = {"id": "10100"}
    doc = document(normalise(bare, CONTEXT))
    assert "url" not in doc["event"]
    assert doc["message"] == "SLA breached: Time to first response"
    assert hashed_bytes(doc) == hashed_bytes(document(normalise(row(), CONTEXT)))


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"cycle": {"breached": "yes"}}, "breached"),
        ({"cycle": {"breached": None}}, "cycle.breached"),
        ({"cycle": {"startTime": None}}, "cycle.startTime"),
        ({"cycle": {"startTime": {"epochMillis": "1"}}}, "cycle.startTime.epochMillis"),
        ({"cycle": {"goalDuration": 5}}, "goalDuration"),
        ({"sla": {"id": None}}, "sla.id"),
        ({"sla": {"name": 5}}, "sla.name"),
        ({"issue": {"key": 5}}, "issue.key"),
    ],
)
def test_wrong_types_are_named(parts, field):
    outcome = normalise(row(**parts), CONTEXT)
    assert isinstance(outcome, Rejected)
    assert (outcome.reason, outcome.detail) == ("wrong-type", field)


@pytest.mark.parametrize("at_ms", [None, 10**18])
def test_a_breach_without_a_time_is_rejected(at_ms):
    outcome = normalise(row(at_ms), CONTEXT)
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "unreadable-time"


@pytest.mark.parametrize("part", ["issue", "sla", "cycle"])
@pytest.mark.parametrize("value", ["nonsense", None, 5, []])
def test_nonsense_is_rejected(part, value):
    bad = row()
    bad.data[part] = value
    assert isinstance(normalise(bad, CONTEXT), Rejected)


def test_a_goal_and_names_may_be_missing():
    bare = row()
    bare.data["sla"] = {"id": 7}
    bare.data["cycle"] = {key: DATA["cycle"][key] for key in ("startTime", "breachTime", "breached")}
    doc = document(normalise(bare, CONTEXT))
    assert doc["atlassian"]["object"]["id"] == "7"
    assert doc["atlassian"]["sla"] == {"cycle_start": "2026-11-23T08:00:00.000Z"}
