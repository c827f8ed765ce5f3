"""A commit names its author and committer apart, and reads the same whenever it is read."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.model.event import Rejected
from atlaslens_forwarder.normalise.bitbucket_people import signature_of
from atlaslens_forwarder.privacy.origin import hashed_bytes
from tests.unit.normalise.bitbucket_rows import BLIND, HASH, PARENTS, UUID, commit, commit_event, user
from tests.unit.normalise.rows import CONTEXT, document, paths
from tests.unit.normalise.templates import event_fields


def test_a_commit_becomes_an_event():
    event = commit_event(commit())
    assert event.id == f"bitbucket:commit:{CONTEXT.cloud_id}:{UUID}:{HASH}"
    doc = document(event)
    assert doc["@timestamp"] == "2026-01-02T10:00:00.000Z"
    assert doc["message"] == "Fix rounding"
    assert doc["user"] == {"id": "712020:ada", "full_name": "Ada"}
    assert doc["related"] == {"user": ["712020:ada", "{ada-uuid}"]}
    assert doc["event"]["action"] == "commit_pushed"
    assert doc["event"]["url"] == f"https://bitbucket.org/acme/payments-api/commits/{HASH}"
    detail = doc["atlassian"]
    assert detail["author"] == {"id": "712020:ada", "name": "Ada Stone", "email_blind": BLIND}
    assert detail["committer"] == {"name": "Build", "email_blind": BLIND}
    assert detail["commit"] == {"hash": HASH, "parents": PARENTS}
    assert detail["object"] == {
        "type": "commit",
        "id": HASH,
        "name": HASH[:12],
        "container": "acme/payments-api",
        "container_id": UUID,
    }
    assert detail["actor_kind"] == "person"
    assert "Co-authored" not in str(doc)
    assert paths(doc) <= event_fields().keys()


def test_an_author_without_account_is_nobody_we_know():
    doc = document(commit_event(commit(author={"raw": f"Ada Stone <[email:{BLIND}]>"})))
    assert "user" not in doc
    assert doc["atlassian"]["actor_kind"] == "unidentified"
    assert doc["atlassian"]["author"] == {"name": "Ada Stone", "email_blind": BLIND}


def test_new_names_do_not_change_the_hash():
    other = commit(author={**commit()["author"], "user": {**user("ada"), "display_name": "Ada Rock"}})
    assert hashed_bytes(commit_event(other).doc) == hashed_bytes(commit_event(commit()).doc)


@pytest.mark.parametrize(
    ("raw", "signature"),
    [
        (f"Ada Stone <[email:{BLIND}]>", {"name": "Ada Stone", "email_blind": BLIND}),
        (f"<[email:{BLIND}]>", {"email_blind": BLIND}),
        (f"[email:{BLIND}] <[email:{BLIND}]>", {"email_blind": BLIND}),
        ("Lone Wolf", {"name": "Lone Wolf"}),
        ("root <root@build>", {"name": "root"}),
        ("Ada <", {"name": "Ada"}),
        ("<>", {}),
        ("", {}),
        ("李 思远 <>", {"name": "李 思远"}),
    ],
)
def test_a_signature_is_read_as_far_as_it_goes(raw, signature):
    assert signature_of(raw) == signature


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"hash": 7}, "commit.hash"),
        ({"hash": ""}, "commit.hash"),
        ({"author": "Ada"}, "author"),
        ({"parents": ["x"]}, "parents[]"),
        ({"parents": [{"hash": 1}]}, "commit.parents[].hash"),
        ({"message": {}}, "commit.message"),
        ({"author": {"raw": "x", "user": {"account_id": 1}}}, "commit.author.user.account_id"),
    ],
)
def test_wrong_types_are_rejected(changes, path):
    found = commit_event(commit(**changes))
    assert isinstance(found, Rejected)
    assert (found.reason, found.detail) == ("wrong-type", path)


def test_a_commit_without_date_is_rejected_and_one_without_anything_else_is_not():
    assert commit_event(commit(), at=None).reason == "unreadable-time"
    doc = document(commit_event({"hash": HASH, "date": "2026-01-02T10:00:00+00:00"}))
    assert doc["message"] == f"Commit {HASH[:12]}"
    assert "author" not in doc["atlassian"]


def test_a_lone_surrogate_is_rejected():
    assert commit_event(commit(author={"raw": "\ud800"})).reason == "no-canonical-form"
