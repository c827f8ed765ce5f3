"""Differences of customer organisations between two looks → events of the audit pipeline. Pure.

The rows are made by ``sources.jsm_organizations``. Nobody tells who did it: there is no actor, and the
event is ``derived``. Its time is that of the look; the deed was done between the look before and this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.event import Event, EventContext, Pipeline, RawRow, Rejected
from atlaslens_forwarder.normalise.actions import desk_access as actions
from atlaslens_forwarder.normalise.activity_document import ActivityFacts, activity_event
from atlaslens_forwarder.normalise.actors import ActorKind
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.reasons import WrongTypeError
from atlaslens_forwarder.normalise.rows import child, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.normalise.actions.vocabulary import Action


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """One difference as an event, or why not."""
    return event_or_reason(
        row, "looked_at_ms", lambda at_ms: activity_event(at_ms, context, _facts(row, context))
    )


def _facts(row: RawRow, context: EventContext) -> ActivityFacts:
    data = row.data
    before, after = child(data, "before"), child(data, "after")
    organization, user = child(data, "organization") or {}, child(data, "user") or {}
    action = _action(text(data, "scope"), before, after)
    own = {name: value for name in ("id", "name") if (value := text(organization, name, "organization."))}
    target = {
        ours: value
        for ours, theirs in (("id", "account_id"), ("full_name", "display_name"))
        if (value := text(user, theirs, "user."))
    }
    group: JsonObject = {**own}
    return ActivityFacts(
        event_id=f"jsm:organization:{context.cloud_id}:{row.identity}",
        provider="jsm",
        kind="organization",
        product="jsm",
        action=action,
        actor={},
        actor_kind=ActorKind.UNKNOWN,
        object={**own},
        original={key: data.get(key) for key in ("scope", "subject", "before", "after", "looked_at_ms")},
        message=_message(action, own, target),
        target={**target},
        group=group,
        changes=_changes(before or {}, after or {}),
        derived=True,
        pipeline=Pipeline.AUDIT,
    )


def _action(scope: str, before: JsonObject | None, after: JsonObject | None) -> Action:
    if before is None and after is None:
        raise WrongTypeError("after")
    if scope == "customer":
        return actions.CUSTOMER_REMOVED if after is None else actions.CUSTOMER_ADDED
    if scope != "organization":
        raise WrongTypeError("scope")
    if before is None:
        return actions.ORGANIZATION_CREATED
    return actions.ORGANIZATION_DELETED if after is None else actions.ORGANIZATION_UPDATED


def _changes(before: JsonObject, after: JsonObject) -> list[JsonObject]:
    old, new = text(before, "name"), text(after, "name")
    if old == new:
        return []
    sides: JsonObject = {side: value for side, value in (("from", old), ("to", new)) if value}
    return [{"field": "name", **sides}]


def _message(action: Action, organization: dict[str, str], target: dict[str, str]) -> str:
    which = organization.get("name") or organization.get("id", "")
    deed = action.name.replace("_", " ").capitalize()
    whom = target.get("full_name") or target.get("id")
    return f"{deed}: {whom} in {which}" if whom else f"{deed}: {which}"
