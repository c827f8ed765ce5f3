"""Differences of Bitbucket permissions between two looks → events of the audit pipeline. Pure.

The rows are made by ``sources.bitbucket_permissions``. Nobody tells who did it: there is no actor, and the
event is ``derived``. Its time is that of the look; the deed was done between the look before and this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.event import Event, EventContext, Pipeline, RawRow, Rejected
from atlaslens_forwarder.normalise.actions import code_access as actions
from atlaslens_forwarder.normalise.activity_document import ActivityFacts, activity_event
from atlaslens_forwarder.normalise.actors import ActorKind
from atlaslens_forwarder.normalise.audit_document import NOTHING
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.reasons import WrongTypeError
from atlaslens_forwarder.normalise.rows import child, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.normalise.actions.vocabulary import Action

_WEB: Final = "https://bitbucket.org"
_ACTIONS: Final[dict[str, tuple[Action, Action, Action]]] = {
    "workspace": (
        actions.WORKSPACE_MEMBER_ADDED,
        actions.WORKSPACE_PERMISSION_CHANGED,
        actions.WORKSPACE_MEMBER_REMOVED,
    ),
    "repository": (
        actions.REPOSITORY_PERMISSION_ADDED,
        actions.REPOSITORY_PERMISSION_CHANGED,
        actions.REPOSITORY_PERMISSION_REMOVED,
    ),
    "branch-restriction": (
        actions.BRANCH_RESTRICTION_ADDED,
        actions.BRANCH_RESTRICTION_CHANGED,
        actions.BRANCH_RESTRICTION_REMOVED,
    ),
    "repository-life": (
        actions.REPOSITORY_CREATED,
        actions.REPOSITORY_RENAMED,
        actions.REPOSITORY_DELETED,
    ),
}
"""By scope: what came, what is otherwise, what went."""
_TOLD: Final = (actions.REPOSITORY_CREATED, actions.REPOSITORY_DELETED)
"""Their changes are the name of the repository, which the message has already."""


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """One difference as an event, or why not."""
    return event_or_reason(
        row, "looked_at_ms", lambda at_ms: activity_event(at_ms, context, _facts(row, context))
    )


def _facts(row: RawRow, context: EventContext) -> ActivityFacts:
    data = row.data
    before, after = child(data, "before"), child(data, "after")
    workspace, repository = child(data, "workspace") or {}, child(data, "repository") or {}
    scope = text(data, "scope")
    action = _action(scope, before, after)
    user, group = child(data, "user") or {}, child(data, "group") or {}
    target = _target(user)
    changes = _changes(before or {}, after or {})
    place = _place(scope, data, workspace, repository)
    return ActivityFacts(
        event_id=f"bitbucket:permission:{context.cloud_id}:{row.identity}",
        provider="bitbucket",
        kind="permission",
        product="bitbucket",
        action=action,
        actor={},
        actor_kind=ActorKind.UNKNOWN,
        object=place,
        original={key: data.get(key) for key in ("scope", "subject", "before", "after", "looked_at_ms")},
        message=_message(action, target, group, place, changes),
        url=_url(workspace, repository),
        target=target,
        group={
            ours: value
            for ours, theirs in (("id", "slug"), ("name", "name"))
            if (value := text(group, theirs, "group."))
        },
        ids=(text(user, "uuid", "user."), *_exempt(before), *_exempt(after)),
        changes=changes,
        derived=True,
        pipeline=Pipeline.AUDIT,
    )


def _action(scope: str, before: JsonObject | None, after: JsonObject | None) -> Action:
    if scope not in _ACTIONS:
        raise WrongTypeError("scope")
    added, changed, removed = _ACTIONS[scope]
    if before is None and after is None:
        raise WrongTypeError("after")
    return added if before is None else removed if after is None else changed


def _target(user: JsonObject) -> JsonObject:
    """The affected person, by account id where there is one: that is what other products know too."""
    target: JsonObject = {}
    if found := text(user, "account_id", "user.") or text(user, "uuid", "user."):
        target["id"] = found
    if name := text(user, "display_name", "user."):
        target["full_name"] = name
    return target


def _place(scope: str, data: JsonObject, workspace: JsonObject, repository: JsonObject) -> JsonObject:
    """What the permission is for, and what that belongs to."""
    slug, uuid = text(workspace, "slug", "workspace."), text(workspace, "uuid", "workspace.")
    if scope == "workspace":
        return _filled({"id": uuid, "key": slug, "name": slug})
    repository_uuid, own = text(repository, "uuid", "repository."), text(repository, "slug", "repository.")
    path = f"{slug}/{own}"
    if scope == "branch-restriction":
        rule = child(data, "after") or child(data, "before") or {}
        return _filled(
            {
                "id": text(data, "subject"),
                "name": _rule_name(rule),
                "container": path,
                "container_id": repository_uuid,
            }
        )
    return _filled(
        {
            "id": repository_uuid,
            "key": path,
            "name": text(repository, "name", "repository.") or own,
            "container": slug,
            "container_id": uuid,
        }
    )


def _filled(values: JsonObject) -> JsonObject:
    return {key: value for key, value in values.items() if value}


def _rule_name(rule: JsonObject) -> str:
    branch = text(rule, "pattern") or text(rule, "branch_type")
    return " ".join(part for part in (text(rule, "kind"), branch) if part)


def _changes(before: JsonObject, after: JsonObject) -> list[JsonObject]:
    """Every field that differs; how to call an account is no permission."""
    changes: list[JsonObject] = []
    for name in sorted({*before, *after} - {"account_id"}):
        old, new = _words(before.get(name), name), _words(after.get(name), name)
        if old != new:
            changes.append({"field": name, **_filled({"from": old, "to": new})})
    return changes


def _words(value: JsonValue, name: str) -> str:
    match value:
        case None:
            return ""
        case bool() | dict() | float():
            raise WrongTypeError(name)
        case list():
            return ", ".join(_words(each, name) for each in value)
        case _:
            return str(value)


def _exempt(rule: JsonObject | None) -> list[str]:
    users = (rule or {}).get("users")
    return [user for user in users if isinstance(user, str)] if isinstance(users, list) else []


def _message(
    action: Action, target: JsonObject, group: JsonObject, place: JsonObject, changes: list[JsonObject]
) -> str:
    whom = target.get("full_name") or target.get("id") or group.get("name") or group.get("slug")
    what = place.get("key") or place.get("name") or place.get("id") or place.get("container")
    deed = action.name.replace("_", " ").capitalize()
    where = f" ({place['container']})" if action.object_type == "branch_restriction" else ""
    turns = "; ".join(
        f"{change['field']} {change.get('from', NOTHING)} → {change.get('to', NOTHING)}" for change in changes
    )
    head = f"{deed}: {what}{where}" if whom is None else f"{deed}: {whom} in {what}"
    return f"{head}, {turns}" if turns and action not in _TOLD else head


def _url(workspace: JsonObject, repository: JsonObject) -> str:
    slug, own = text(workspace, "slug", "workspace."), text(repository, "slug", "repository.")
    return "/".join(part for part in (_WEB, slug, own) if part) if slug else ""
