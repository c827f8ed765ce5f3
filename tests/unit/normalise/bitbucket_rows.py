"""Rows of Bitbucket as its sources make them; every person and place is made up."""

from __future__ import annotations

import copy
from typing import Any

from atlaslens_forwarder.model.event import Event, RawRow, Rejected
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.normalise import bitbucket_commits, bitbucket_pullrequests
from tests.unit.normalise.rows import CONTEXT

HASH = "5c0ffee5" * 5
PARENTS = ["ab" * 20, "cd" * 20]
BLIND = "0123abcd:" + "4f" * 16
UUID = "{7b167f4a-a1bf-4a30-a499-49cbf5628b56}"
REPOSITORY = {
    "uuid": UUID,
    "full_name": "acme/payments-api",
    "url": "https://bitbucket.org/acme/payments-api",
}


def user(name: str) -> dict[str, Any]:
    """An account as Bitbucket writes it."""
    return {
        "type": "user",
        "uuid": "{" + name + "-uuid}",
        "account_id": f"712020:{name}",
        "display_name": name.title(),
        "nickname": name,
        "links": {"avatar": {"href": "https://avatars.example/1.png"}},
    }


def commit(**changes: Any) -> dict[str, Any]:
    """A merge whose author has an account, as it reads once addresses are blind."""
    return {
        "type": "commit",
        "hash": HASH,
        "date": "2026-01-02T10:00:00+00:00",
        "author": {"type": "author", "raw": f"Ada Stone <[email:{BLIND}]>", "user": user("ada")},
        "committer": {"raw": f"Build <[email:{BLIND}]>"},
        "message": "\n Fix rounding \n\nCo-authored-by: Bo\n",
        "parents": [{"type": "commit", "hash": name} for name in PARENTS],
    } | changes


def commit_event(value: dict[str, Any], at: str | None = "2026-01-02T10:00:00+00:00") -> Event | Rejected:
    """What the normaliser makes of a commit."""
    data = {"commit": copy.deepcopy(value), "repository": dict(REPOSITORY)}
    row = RawRow(data, f"{UUID}:{HASH}", None if at is None else parse_iso_ms(at))
    return bitbucket_commits.normalise(row, CONTEXT)


def pull(**changes: Any) -> dict[str, Any]:
    """A merged pull request of a list."""
    return {
        "id": 7,
        "title": "Round half to even",
        "state": "MERGED",
        "author": user("ada"),
        "closed_by": user("cem"),
        "merge_commit": {"hash": "5c0ffee55c0f"},
        "created_on": "2026-01-02T10:00:00.123456+00:00",
        "updated_on": "2026-01-03T10:00:00.123456+00:00",
        "description": "Call me",
        "links": {"html": {"href": "https://bitbucket.org/acme/payments-api/pull-requests/7"}},
    } | changes


def update(**changes: Any) -> dict[str, Any]:
    """The update by which it was merged."""
    return {
        "date": "2026-01-03T10:00:00.123456+00:00",
        "author": user("bo"),
        "state": "MERGED",
        "changes": {"status": {"old": "open", "new": "fulfilled"}},
    } | changes


def comment(**changes: Any) -> dict[str, Any]:
    """A comment that was edited."""
    return {
        "id": 118571088,
        "created_on": "2026-01-02T11:00:00.039178+00:00",
        "updated_on": "2026-01-02T12:00:00.055384+00:00",
        "content": {"raw": "Nit: naming"},
        "user": user("bo"),
        "deleted": False,
    } | changes


def deed_event(
    deed: str, at: str | None, entry: dict[str, Any] | None = None, **changes: Any
) -> Event | Rejected:
    """What the normaliser makes of a deed on a pull request."""
    data: dict[str, Any] = {
        "deed": deed,
        "pull_request": pull(**changes),
        "repository": dict(REPOSITORY),
    }
    if entry is not None:
        data["entry"] = copy.deepcopy(entry)
    row = RawRow(data, "1", None if at is None else parse_iso_ms(at))
    return bitbucket_pullrequests.normalise(row, CONTEXT)
