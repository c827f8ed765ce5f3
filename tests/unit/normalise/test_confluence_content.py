"""Versions, resolutions and turns of Confluence content as events."""

from __future__ import annotations

import copy
import json

import pytest

from atlaslens_forwarder.model.event import RawRow, Rejected
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.normalise.actions.content import CONTENT_ACTIONS, content_action
from atlaslens_forwarder.normalise.confluence_content import OBJECT_TYPES, normalise
from atlaslens_forwarder.normalise.read_time_names import ACTIVITY_PATHS
from tests.unit.normalise.rows import CONTEXT, document, paths
from tests.unit.normalise.templates import event_fields

AT = "2026-01-02T10:00:00.123Z"
AT_MS = parse_iso_ms(AT)
CLOUD = CONTEXT.cloud_id
PAGE = {
    "deed": "version",
    "kind": "page",
    "item": {
        "id": "98304",
        "status": "current",
        "title": "Runbook",
        "spaceId": "65537",
        "version": {"number": 7},
        "_links": {"webui": "/spaces/ENG/pages/98304/Runbook"},
    },
    "space": {"key": "ENG", "name": "Engineering"},
    "version": {
        "number": 4,
        "createdAt": AT,
        "message": "Typos",
        "minorEdit": True,
        "authorId": "5b10a2844c20165700ede21g",
    },
    "version_title": "Runbook (draft)",
}
COMMENT = {
    "deed": "version",
    "kind": "inline-comment",
    "item": {
        "id": "98400",
        "status": "current",
        "title": "Re: Runbook",
        "pageId": "98304",
        "parentCommentId": "98399",
        "resolutionStatus": "resolved",
        "resolutionLastModifierId": "5b10c",
        "resolutionLastModifiedAt": AT,
    },
    "container_title": "Runbook",
    "version": {"number": 1, "createdAt": AT, "authorId": "5b10b"},
}
TURN = {
    "deed": "turn",
    "kind": "page",
    "turned": "moved",
    "item": {"id": "98304", "title": "Runbook"},
    "turn": {"field": "space", "from": "ENG", "to": "OPS"},
}


def event(data, identity="98304:4", at_ms=AT_MS):
    return normalise(RawRow(data, identity, at_ms), CONTEXT)


def changed(data, path, value):
    data = copy.deepcopy(data)
    *parents, last = path.split(".")
    inside = data
    for name in parents:
        inside = inside[name]
    inside[last] = value
    return data


def test_a_version_of_a_page_gives_its_document():
    doc = document(event(PAGE))

    assert json.loads(doc["event"].pop("original")) == {
        "kind": "page",
        "id": "98304",
        "version": {
            "number": 4,
            "createdAt": AT,
            "minorEdit": True,
            "authorId": "5b10a2844c20165700ede21g",
        },
    }
    assert doc["event"] == {
        "id": f"confluence:version:{CLOUD}:98304:4",
        "kind": "event",
        "category": ["web"],
        "type": ["change"],
        "action": "page_updated",
        "outcome": "unknown",
        "dataset": "atlassian.confluence_version",
        "provider": "confluence",
        "module": "atlassian",
        "created": AT,
        "url": "https://acme.atlassian.net/wiki/spaces/ENG/pages/98304/Runbook",
    }
    assert doc["@timestamp"] == AT
    assert doc["user"] == {"id": "5b10a2844c20165700ede21g"}
    assert doc["related"] == {"user": ["5b10a2844c20165700ede21g"]}
    assert doc["message"] == "Page updated: Runbook (draft) – Typos"
    detail = doc["atlassian"]
    assert detail["object"] == {
        "type": "page",
        "id": "98304",
        "name": "Runbook (draft)",
        "container": "Engineering",
    }
    assert detail["work_item"] == {"type": "page", "id": "98304", "name": "Runbook"}
    assert (detail["version"], detail["minor_edit"], detail["pipeline"]) == (4, True, "activity")
    assert "derived" not in detail


def test_a_comment_carries_the_page_it_stands_on():
    doc = document(event(COMMENT, "98400:1"))

    assert doc["event"]["action"] == "comment_created"
    assert doc["atlassian"]["work_item"] == {"type": "page", "id": "98304", "name": "Runbook"}
    assert json.loads(doc["event"]["original"])["parentCommentId"] == "98399"


def test_a_comment_on_a_post_has_a_post_as_its_work_item():
    row = copy.deepcopy(COMMENT)
    row["item"]["blogPostId"] = row["item"].pop("pageId")
    assert document(event(row))["atlassian"]["work_item"]["type"] == "blog_post"


def test_a_resolution_names_who_resolved_and_not_who_wrote():
    doc = document(event({**COMMENT, "deed": "resolution"}))

    assert doc["event"]["id"] == f"confluence:resolution:{CLOUD}:98400:{AT_MS}:resolved"
    assert doc["event"]["action"] == "comment_resolved"
    assert doc["user"] == {"id": "5b10c"}
    assert doc["related"]["user"] == ["5b10c"]
    assert "derived" not in doc["atlassian"]


def test_a_turn_is_derived_and_names_nobody():
    doc = document(event(TURN, f"98304:space:{AT_MS}"))

    assert doc["event"]["id"] == f"confluence:turn:{CLOUD}:98304:space:{AT_MS}"
    assert doc["event"]["action"] == "page_moved"
    assert doc["atlassian"]["derived"]
    assert doc["atlassian"]["actor_kind"] == "unidentified"
    assert doc["atlassian"]["change_summary"] == ["space: ENG → OPS"]
    assert "user" not in doc
    assert "related" not in doc


def test_what_is_not_told_is_absent():
    row = copy.deepcopy(PAGE)
    row["item"] = {"id": "98304"}
    row["version"] = {"number": 1, "createdAt": AT, "authorId": None, "message": ""}
    for name in ("space", "version_title"):
        del row[name]

    doc = document(event(row))

    assert doc["event"]["action"] == "page_created"
    assert doc["message"] == "Page created"
    assert doc["atlassian"]["object"] == {"type": "page", "id": "98304"}
    assert not {"user", "related"} & doc.keys()
    assert not {"url"} & doc["event"].keys()
    assert "minor_edit" not in doc["atlassian"]


@pytest.mark.parametrize(
    ("row", "path", "detail"),
    [
        (PAGE, "deed", "deed"),
        (PAGE, "kind", "kind"),
        (PAGE, "item", "item"),
        (PAGE, "item.id", "id"),
        (PAGE, "item.title", "title"),
        (PAGE, "item._links", "_links"),
        (PAGE, "item._links.webui", "_links.webui"),
        (PAGE, "space", "space"),
        (PAGE, "space.name", "space.name"),
        (PAGE, "version", "version"),
        (PAGE, "version.authorId", "version.authorId"),
        (PAGE, "version.message", "version.message"),
        (PAGE, "version.minorEdit", "minorEdit"),
        (COMMENT, "item.pageId", "pageId"),
        (COMMENT, "item.parentCommentId", "parentCommentId"),
        ({**COMMENT, "deed": "resolution"}, "item.resolutionStatus", "resolutionStatus"),
        ({**COMMENT, "deed": "resolution"}, "item.resolutionLastModifierId", "resolutionLastModifierId"),
        (TURN, "turn", "turn"),
        (TURN, "turn.from", "turn.from"),
        (TURN, "turned", "turned"),
    ],
)
@pytest.mark.parametrize("wrong", [5, [1]])
def test_a_value_of_another_type_is_rejected_by_name(row, path, detail, wrong):
    outcome = event(changed(row, path, wrong))

    assert isinstance(outcome, Rejected)
    assert (outcome.reason, outcome.detail) == ("wrong-type", detail)


@pytest.mark.parametrize(
    ("row", "path"),
    [
        (PAGE, "deed"),
        (PAGE, "kind"),
        (TURN, "turned"),
        ({**COMMENT, "deed": "resolution"}, "item.resolutionStatus"),
    ],
)
def test_a_word_that_is_none_of_ours_is_rejected(row, path):
    assert isinstance(event(changed(row, path, "nothing like it")), Rejected)


@pytest.mark.parametrize("number", [None, True, 1.5, "4", {}])
def test_a_version_without_a_whole_number_is_rejected(number):
    outcome = event(changed(PAGE, "version.number", number))
    assert isinstance(outcome, Rejected)
    assert outcome.detail == "version.number"


def test_a_row_without_a_readable_time_is_rejected():
    assert event(PAGE, at_ms=None).reason == "unreadable-time"


def flat(value, prefix=""):
    if isinstance(value, dict):
        return {
            path: leaf
            for name, inner in value.items()
            for path, leaf in flat(inner, f"{prefix}.{name}").items()
        }
    return {prefix.removeprefix("."): value}


def test_what_is_called_otherwise_later_changes_nothing_that_is_hashed():
    later = copy.deepcopy(PAGE)
    later["item"] |= {
        "title": "Other",
        "status": "trashed",
        "spaceId": "9",
        "parentId": "1",
        "version": {"number": 9},
        "_links": {"webui": "/spaces/OPS/pages/98304/Other"},
    }
    later |= {"space": {"key": "OPS", "name": "Operations"}, "version_title": "Other"}

    first, second = flat(document(event(PAGE))), flat(document(event(later)))

    different = {path for path in first.keys() | second.keys() if first.get(path) != second.get(path)}
    assert different
    assert different <= ACTIVITY_PATHS


@pytest.mark.parametrize("row", [PAGE, COMMENT, {**COMMENT, "deed": "resolution"}, TURN])
def test_every_field_is_mapped(row):
    assert paths(document(event(row))) <= event_fields().keys()


def test_every_kind_can_be_created_and_updated():
    assert all(
        content_action(kind, deed) for kind in OBJECT_TYPES.values() for deed in ("created", "updated")
    )
    assert len({action.name for action in CONTENT_ACTIONS}) == len(CONTENT_ACTIONS)
