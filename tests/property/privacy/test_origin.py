"""event.hash covers every leaf of an event but those that are not about what happened."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.normalise.read_time_names import ACTIVITY_PATHS, DOCUMENT_PATHS
from atlaslens_forwarder.privacy.keyring import Keyring, KeyUse
from atlaslens_forwarder.privacy.origin import hashed_bytes, origin_of, stamp

KEYRING = Keyring.generate()
ALWAYS_FREE = ("event.ingested", "atlassian.late", "atlassian.backfilled", "atlassian.undated")
PIPELINES = {
    "audit": {*ALWAYS_FREE, *DOCUMENT_PATHS},
    "activity": {*ALWAYS_FREE, *ACTIVITY_PATHS},
}


def document(pipeline: str = "audit") -> dict:
    return {
        "@timestamp": "2026-01-01T00:00:00.000Z",
        "message": "Ada added Bob to a group",
        "event": {
            "id": "1",
            "action": "user_added_to_group",
            "category": ["iam"],
            "ingested": "x",
            "original": "{}",
            "url": "https://acme.example/1",
        },
        "user": {
            "id": "a1",
            "full_name": "Ada",
            "group": {"id": "g", "name": ["admins"]},
            "target": {"id": "b2", "full_name": "Bob"},
        },
        "atlassian": {
            "pipeline": pipeline,
            "product": "jira",
            "internal": False,
            "object": {"type": "issue", "id": "7", "key": "A-7", "name": "n", "container": "A"},
            "work_item": {"type": "issue", "id": "7", "key": "A-7", "name": "n", "kind": "Bug"},
            "undated": True,
            "late": False,
            "backfilled": True,
            "actor_kind": "atlassian",
            "external_collaborator": False,
            "changes": [{"field": "Role", "from": "", "to": "Admin"}, {"field": "n", "to": 1.5}],
            "permission_change": True,
        },
        "related": {"user": ["a1", "b2"]},
    }


def stamped(pipeline: str = "audit") -> dict:
    doc = document(pipeline)
    stamp(doc, KEYRING)
    return doc


def places(value, path=()):
    if isinstance(value, dict):
        return [place for key, item in value.items() for place in [(*path, key), *places(item, (*path, key))]]
    if isinstance(value, list):
        return [place for i, item in enumerate(value) for place in [(*path, i), *places(item, (*path, i))]]
    return []


def parent_of(doc, place):
    for step in place[:-1]:
        doc = doc[step]
    return doc


FREE = [(name, tuple(path.split("."))) for name, paths in PIPELINES.items() for path in sorted(paths)]


def is_free(name, place):
    """Whether a place, or what it lies in, is left out."""
    return any((name, place[:end]) in FREE for end in range(1, len(place) + 1))


COVERED = [(name, place) for name in PIPELINES for place in places(stamped(name)) if not is_free(name, place)]
VALUES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.just([]) | st.just({})


def test_a_stamped_event_is_ours():
    assert origin_of(stamped(), KEYRING) is True


def test_a_row_whose_event_has_nothing_but_a_hash_is_ours_too():
    row = {"@timestamp": "2026-01-01T00:00:00.000Z", "event": {}, "window": {"number": 1}}

    stamp(row, KEYRING)
    row["event"]["ingested"] = "x"

    assert origin_of(row, KEYRING) is True
    row["window"]["number"] = 2
    assert origin_of(row, KEYRING) is False


@given(st.sampled_from(FREE), VALUES)
@settings(deadline=None)
def test_how_we_came_by_an_event_and_names_do_not_matter(free, value):
    pipeline, place = free
    changed, without = stamped(pipeline), stamped(pipeline)
    parent_of(changed, place)[place[-1]] = value
    del parent_of(without, place)[place[-1]]

    assert origin_of(changed, KEYRING) is True
    assert origin_of(without, KEYRING) is True


@given(st.sampled_from(COVERED), VALUES)
@settings(deadline=None, max_examples=300)
def test_every_other_leaf_matters(covered, value):
    pipeline, place = covered
    changed = stamped(pipeline)
    parent = parent_of(changed, place)
    if type(parent[place[-1]]) is type(value) and parent[place[-1]] == value:
        return
    parent[place[-1]] = value

    assert origin_of(changed, KEYRING) in ({None, False} if place == ("event", "hash") else {False})


@pytest.mark.parametrize(("pipeline", "place"), COVERED)
def test_a_leaf_that_is_gone_matters(pipeline, place):
    changed = stamped(pipeline)
    del parent_of(changed, place)[place[-1]]

    assert origin_of(changed, KEYRING) is False


@pytest.mark.parametrize("path", ["atlassian.more", "user.email", "new", "event.late", "user.target.more"])
def test_a_leaf_that_was_added_matters(path):
    changed = stamped()
    *parents, leaf = path.split(".")
    parent_of(changed, (*parents, leaf))[leaf] = "x"

    assert origin_of(changed, KEYRING) is False


def test_the_document_is_left_as_it_is():
    doc = stamped()
    before = copy.deepcopy(doc)

    hashed_bytes(doc)
    origin_of(doc, KEYRING)

    assert doc == before


@pytest.mark.parametrize(
    "found",
    [
        None,
        1,
        "",
        ":",
        "nonsense",
        "é",
        # An id of its own: the key differs in every process, and workers must agree on the tests' names.
        pytest.param(f"{KEYRING.ids(KeyUse.ORIGIN)[0]}:é\ud800", id="a key of ours"),
    ],
)
def test_a_hash_of_another_form_is_not_ours(found):
    doc = stamped()
    doc["event"]["hash"] = found

    assert not origin_of(doc, KEYRING)


@pytest.mark.parametrize("doc", [{}, {"event": None}, {"event": []}, {"event": {}}])
def test_a_document_without_a_hash_is_not_ours(doc):
    assert origin_of(doc, KEYRING) is False


def test_an_event_of_another_installation_cannot_be_judged():
    assert origin_of(stamped(), Keyring.generate()) is None


@pytest.mark.parametrize(
    "doc", [{}, {"event": "x"}, {"event": {}, "text": "\ud800"}, {"event": {}, "n": 2**60}]
)
def test_what_cannot_be_hashed_is_not_stamped(doc):
    with pytest.raises(ValueError, match=r"without event|surrogate|2\^53"):
        stamp(doc, KEYRING)
