"""What events say of people beyond their record, and that it never makes another event of them."""

from __future__ import annotations

import copy

import pytest

from atlaslens_forwarder.pipeline.people import add_blinds, add_groups, drop_names
from atlaslens_forwarder.privacy.keyring import Keyring
from atlaslens_forwarder.privacy.origin import origin_of, stamp

BLIND, OTHER = f"0123abcd:{'a' * 32}", f"0123abcd:{'b' * 32}"


def event(pipeline: str = "activity"):
    return {
        "event": {"id": "x", "original": f'{{"by":"[email:{BLIND}]"}}'},
        "user": {"id": "557058:a", "full_name": "Zoë", "target": {"id": "557058:b", "full_name": "Jo"}},
        "message": f"Zoë assigned Jo to the work of [email:{OTHER}]",
        "atlassian": {"pipeline": pipeline, "author": {"email_blind": BLIND}},
    }


def test_all_blind_indexes_that_last_are_listed_once():
    doc = event()
    add_blinds(doc)
    assert doc["atlassian"]["person_blind"] == [BLIND]
    again = copy.deepcopy(doc)
    again["message"] = "another title"
    add_blinds(again)
    assert again["atlassian"] == doc["atlassian"]


def test_an_event_without_addresses_has_no_list():
    doc = {"atlassian": {"pipeline": "audit"}}
    add_blinds(doc)
    assert doc == {"atlassian": {"pipeline": "audit"}}


@pytest.mark.parametrize("pipeline", ["audit", "activity"])
def test_groups_and_names_are_outside_the_hash(pipeline):
    keyring = Keyring.generate()
    doc = event(pipeline)
    stamp(doc, keyring)
    add_groups(doc, {"557058:a": ["admins"]}.get)
    drop_names(doc)
    assert doc["user"]["group"] == {"name": ["admins"]}
    assert "full_name" not in doc["user"]
    assert origin_of(doc, keyring) is True


def test_names_leave_activity_and_its_message_and_only_the_actors_leave_audit_rows():
    activity, audit = event(), event("audit")
    drop_names(activity)
    drop_names(audit)
    assert activity["user"] == {"id": "557058:a", "target": {"id": "557058:b"}}
    assert activity["message"].startswith("557058:a assigned 557058:b to")
    assert audit["user"]["target"] == {"id": "557058:b", "full_name": "Jo"}
    assert audit["message"] == event("audit")["message"]


def test_somebody_of_whom_only_the_name_is_known_leaves_no_empty_object():
    doc = {"user": {"full_name": "Zoë"}, "atlassian": {"pipeline": "audit"}}
    drop_names(doc)
    assert doc == {"atlassian": {"pipeline": "audit"}}
