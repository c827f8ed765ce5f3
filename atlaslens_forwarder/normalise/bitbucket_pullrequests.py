"""Pull requests of Bitbucket and the entries of their activity as events.

A row is one deed: ``{"deed": …, "pull_request": …, "repository": {uuid, full_name, url}, "entry": …}``; the
entry is missing where the pull request itself states the deed. Texts of people's work (descriptions,
comments) stay out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.normalise.actions import code
from atlaslens_forwarder.normalise.activity_document import ActivityFacts, activity_event
from atlaslens_forwarder.normalise.actors import ActorKind
from atlaslens_forwarder.normalise.bitbucket_changes import changes_of
from atlaslens_forwarder.normalise.bitbucket_people import account_id, actor_of, ids_of, kind_of
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.reasons import WrongTypeError
from atlaslens_forwarder.normalise.rows import child, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.event import Event, EventContext, RawRow, Rejected
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.normalise.actions.vocabulary import Action

_ACTIONS: Final = {
    "opened": code.PULL_REQUEST_OPENED,
    "update": code.PULL_REQUEST_UPDATED,
    "approval": code.PULL_REQUEST_APPROVED,
    "changes_requested": code.CHANGES_REQUESTED,
    "comment": code.COMMENT_ADDED,
    "comment_edited": code.COMMENT_EDITED,
    "comment_deleted": code.COMMENT_DELETED,
}
_ENDS: Final = {
    "MERGED": code.PULL_REQUEST_MERGED,
    "DECLINED": code.PULL_REQUEST_DECLINED,
    "SUPERSEDED": code.PULL_REQUEST_SUPERSEDED,
}
_WORDS: Final = {
    code.PULL_REQUEST_OPENED: "opened",
    code.PULL_REQUEST_UPDATED: "updated",
    code.PULL_REQUEST_MERGED: "merged",
    code.PULL_REQUEST_DECLINED: "declined",
    code.PULL_REQUEST_SUPERSEDED: "superseded",
    code.PULL_REQUEST_APPROVED: "approved",
    code.CHANGES_REQUESTED: "changes requested",
    code.COMMENT_ADDED: "comment added",
    code.COMMENT_EDITED: "comment edited",
    code.COMMENT_DELETED: "comment deleted",
}


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """The event of one deed, or why there is none."""
    return event_or_reason(
        row, "pull_request", lambda at_ms: activity_event(at_ms, context, _facts(row.data, context))
    )


def _facts(data: JsonObject, context: EventContext) -> ActivityFacts:
    deed, pull = text(data, "deed"), child(data, "pull_request") or {}
    repository, entry = child(data, "repository") or {}, child(data, "entry") or {}
    uuid, full_name = text(repository, "uuid", "repository."), text(repository, "full_name", "repository.")
    number = _number(pull, "pull_request.id")
    action = _action(deed, entry)
    actor = _actor(deed, pull, entry)
    author = child(pull, "author")
    author_id = account_id(author, "pull_request.author")
    item = f"{uuid}:{number}"
    title = text(pull, "title", "pull_request.")
    lasting: JsonObject = {"pull_request": number, "repository": uuid, "deed": deed}
    vendor: JsonObject = {}
    changes: list[JsonObject] = []
    if deed.startswith("comment"):
        comment = _number(entry, "comment.id")
        kind, key = "pull_request_comment", _comment_key(deed, comment, entry)
        thing: JsonObject = {"id": str(comment), "container": full_name, "container_id": uuid}
        lasting |= {"comment": comment, "created_on": text(entry, "created_on", "comment.")}
        if deed != "comment":
            lasting["updated_on"] = text(entry, "updated_on", "comment.")
        author_id = account_id(child(entry, "user"), "comment.user")
    else:
        kind, key = "pull_request", _key(deed, action, actor, entry)
        thing = {"id": item, "name": title, "container": full_name, "container_id": uuid}
        if deed == "update":
            changes = changes_of(entry)
        elif deed == "closed" and (merged := _merge_commit(pull)):
            changes = [{"field": "merge_commit", "to": merged}]
        if deed == "opened":
            lasting["created_on"] = text(pull, "created_on", "pull_request.")
        else:
            lasting |= {"date": text(entry, "date", "entry."), "changes": [*changes]}
    if found := account_id(actor, "user"):
        lasting["actor"] = found
    if author_id:
        lasting["author"] = author_id
        vendor["author"] = {"id": author_id}
    return ActivityFacts(
        event_id=f"bitbucket:{kind}:{context.cloud_id}:{item}:{key}",
        provider="bitbucket",
        kind=kind,
        product="bitbucket",
        action=action,
        actor=actor_of(actor, "user"),
        actor_kind=ActorKind.UNIDENTIFIED if actor is None else kind_of(actor),
        object={name: value for name, value in thing.items() if value},
        original=lasting,
        message=f"Pull request #{number} {_WORDS[action]}: {title}",
        url=_url(pull, repository, number),
        work_item={
            name: value
            for name, value in (
                ("type", "pull_request"),
                ("id", item),
                ("key", f"{full_name}#{number}"),
                ("name", title),
            )
            if value
        },
        ids=ids_of(actor),
        changes=changes,
        vendor=vendor,
        started_ms=_started_ms(pull) if deed == "closed" else None,
    )


def _action(deed: str, entry: JsonObject) -> Action:
    action = _ENDS.get(text(entry, "state", "entry.")) if deed == "closed" else _ACTIONS.get(deed)
    if action is None:
        raise WrongTypeError("entry.state" if deed == "closed" else "deed")
    return action


def _actor(deed: str, pull: JsonObject, entry: JsonObject) -> JsonObject | None:
    """Who did it, as far as it is told.

    Only its author can edit a comment. Who deleted one is not told: its author or an administrator.
    """
    match deed:
        case "opened":
            return child(pull, "author")
        case "closed":
            return child(pull, "closed_by") or child(entry, "author")
        case "update":
            return child(entry, "author")
        case "comment_deleted":
            return None
        case _:
            return child(entry, "user")


def _key(deed: str, action: Action, actor: JsonObject | None, entry: JsonObject) -> str:
    """The lasting name of a deed within its pull request. Entries have no id: time and person name them."""
    if deed in {"opened", "closed"}:
        return _WORDS[action]
    person = ids_of(actor)
    return digest_hex([deed, text(entry, "date", "entry."), person[-1] if person else ""])


def _comment_key(deed: str, comment: int, entry: JsonObject) -> str:
    match deed:
        case "comment_edited":
            return f"{comment}:edited:{text(entry, 'updated_on', 'comment.')}"
        case "comment_deleted":
            return f"{comment}:deleted"
        case _:
            return str(comment)


def _number(source: JsonObject, path: str) -> int:
    value = source.get("id")
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongTypeError(path)
    return value


def _merge_commit(pull: JsonObject) -> str:
    """The hash of the commit that a merge made, as short as Bitbucket writes it here."""
    return text(child(pull, "merge_commit") or {}, "hash", "pull_request.merge_commit.")


def _started_ms(pull: JsonObject) -> int | None:
    try:
        return parse_iso_ms(text(pull, "created_on", "pull_request."))
    except (ValueError, OverflowError):
        return None


def _url(pull: JsonObject, repository: JsonObject, number: int) -> str:
    html = child(child(pull, "links") or {}, "html") or {}
    if href := text(html, "href", "pull_request.links.html."):
        return href
    url = text(repository, "url", "repository.")
    return f"{url}/pull-requests/{number}" if url else ""
