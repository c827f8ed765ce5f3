"""Commits of Bitbucket (``/repositories/{workspace}/{repository}/commits``) as events.

A row is ``{"commit": …, "repository": {uuid, full_name, url}}``. The time is the author's; who pushed the
commit, and when, is told nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.normalise.actions.code import COMMITTED
from atlaslens_forwarder.normalise.activity_document import ActivityFacts, activity_event
from atlaslens_forwarder.normalise.bitbucket_people import (
    account_id,
    actor_of,
    ids_of,
    kind_of,
    signature_of,
)
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.reasons import WrongTypeError
from atlaslens_forwarder.normalise.rows import child, children, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.event import Event, EventContext, RawRow, Rejected
    from atlaslens_forwarder.model.json import JsonObject

_SHORT = 12
"""Digits of a hash as Bitbucket shows it."""


def commit_id(context: EventContext, repository_uuid: str, name: str) -> str:
    """``_id`` of a commit; ``name`` is its full hash."""
    return f"bitbucket:commit:{context.cloud_id}:{repository_uuid}:{name}"


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """The event of one commit, or why there is none."""
    return event_or_reason(
        row, "commit.date", lambda at_ms: activity_event(at_ms, context, _facts(row.data, context))
    )


def _facts(data: JsonObject, context: EventContext) -> ActivityFacts:
    commit, repository = child(data, "commit") or {}, child(data, "repository") or {}
    name, uuid = text(commit, "hash", "commit."), text(repository, "uuid", "repository.")
    if not name:
        raise WrongTypeError("commit.hash")
    parents = [text(parent, "hash", "commit.parents[].") for parent in children(commit, "parents")]
    author, committer = child(commit, "author") or {}, child(commit, "committer") or {}
    user = child(author, "user")
    signed = {
        "author": _signed(author, "commit.author"),
        "committer": _signed(committer, "commit.committer"),
    }
    url = text(repository, "url", "repository.")
    full_name = text(repository, "full_name", "repository.")
    vendor: JsonObject = {"commit": {"hash": name, "parents": [*parents]} if parents else {"hash": name}}
    for role, person in signed.items():
        if person:
            vendor[role] = person
    return ActivityFacts(
        event_id=commit_id(context, uuid, name),
        provider="bitbucket",
        kind="commit",
        product="bitbucket",
        action=COMMITTED,
        actor=actor_of(user, "commit.author.user"),
        actor_kind=kind_of(user),
        object={"id": name, "name": name[:_SHORT], "container": full_name, "container_id": uuid},
        original={
            "hash": name,
            "date": text(commit, "date", "commit."),
            "parents": [*parents],
            "author": text(author, "raw", "commit.author."),
            "committer": text(committer, "raw", "commit.committer."),
            "repository": uuid,
        },
        message=_first_line(text(commit, "message", "commit.")) or f"Commit {name[:_SHORT]}",
        url=f"{url}/commits/{name}" if url else "",
        ids=ids_of(user, child(committer, "user")),
        vendor=vendor,
    )


def _signed(signature: JsonObject, path: str) -> JsonObject:
    """Whom a signature names; the account's id beside what Git itself holds."""
    found = signature_of(text(signature, "raw", f"{path}."))
    account = account_id(child(signature, "user"), f"{path}.user")
    return {"id": account, **found} if account else found


def _first_line(message: str) -> str:
    return next((line.strip() for line in message.splitlines() if line.strip()), "")
