"""The ECS document of a record of activity, the same for every product.

A fact that the record does not state is a key that the document does not have: never ``null``, never ``""``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.model.canonical import MAX_SAFE_INTEGER, canonical_bytes
from atlaslens_forwarder.model.event import Event, EventContext, Pipeline
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.normalise.actors import ActorKind
from atlaslens_forwarder.normalise.audit_document import ECS_VERSION, NOTHING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.normalise.actions.vocabulary import Action

NS_PER_MS = 1_000_000
"""ECS states durations in nanoseconds."""


@dataclass(slots=True)
class ActivityFacts:
    """What one record says, read by the normaliser of its source; empty parts are left out.

    Args:
        event_id: ``_id``, the same at each read: ``{provider}:{kind}:{cloud id}:…``.
        provider: the API that was read (``jira``, ``confluence``, ``bitbucket``).
        kind: what the record is (``issue``, ``comment``, ``commit``); ``event.dataset`` is made of both.
        product: ``atlassian.product``.
        action: the deed.
        actor: ``id`` and ``full_name`` of who did it; empty when the API does not tell.
        actor_kind: what kind of actor that is.
        object: ``atlassian.object``: what it was done to.
        original: what never differs between two reads of the record, without texts of people's work.
        message: one line for people; may hold names as they are now, never an e-mail address.
        url: where to look at it in a browser.
        work_item: ``type``, ``id``, ``key``, ``name``, ``kind`` of the issue, page or pull request concerned.
        target: ``id`` and ``full_name`` of the affected user.
        group: ``id`` and ``name`` of the affected group.
        ids: further account ids that the record names.
        changes: ``field``, ``from``, ``to``.
        vendor: further fields below ``atlassian``.
        started_ms: when what ended now began, for ``event.start`` and ``event.duration``.
        derived: inferred by comparing what was seen with what was seen before; its time is that of the look.
        pipeline: the event's own pipeline.
    """

    event_id: str
    provider: str
    kind: str
    product: str
    action: Action
    actor: JsonObject
    actor_kind: ActorKind
    object: JsonObject
    original: JsonObject
    message: str
    url: str = ""
    work_item: JsonObject = field(default_factory=dict)
    target: JsonObject = field(default_factory=dict)
    group: JsonObject = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    changes: list[JsonObject] = field(default_factory=list)
    vendor: JsonObject = field(default_factory=dict)
    started_ms: int | None = None
    derived: bool = False
    pipeline: Pipeline = Pipeline.ACTIVITY


def activity_event(at_ms: int, context: EventContext, facts: ActivityFacts) -> Event:
    """The event of one record; the same time, context and facts always give the same document."""
    action, moment = facts.action, iso_ms(at_ms)
    event: JsonObject = {
        "id": facts.event_id,
        "kind": "event",
        "category": [*action.category],
        "type": [*action.type],
        "action": action.name,
        "outcome": action.outcome.value,
        "dataset": f"atlassian.{facts.provider}_{facts.kind}",
        "provider": facts.provider,
        "module": "atlassian",
        "created": moment,
        "original": canonical_bytes(facts.original).decode(),
    }
    if facts.url:
        event["url"] = facts.url
    if facts.started_ms is not None and facts.started_ms <= at_ms:
        event["start"] = iso_ms(facts.started_ms)
        duration_ns = (at_ms - facts.started_ms) * NS_PER_MS
        if duration_ns <= MAX_SAFE_INTEGER:  # 104 days: beyond, it has no canonical form to be hashed
            event["duration"] = duration_ns
    doc: JsonObject = {
        "@timestamp": moment,
        "ecs": {"version": ECS_VERSION},
        "event": event,
        "organization": {"id": context.cloud_id, "name": context.site},
        "message": facts.message,
        "atlassian": _vendor_detail(context, facts),
    }
    _add_people(doc, facts)
    return Event(facts.event_id, at_ms, facts.pipeline, doc)


def _vendor_detail(context: EventContext, facts: ActivityFacts) -> JsonObject:
    action = facts.action
    detail: JsonObject = {
        "product": facts.product,
        "pipeline": facts.pipeline.value,
        "site": context.site,
        "deployment": "cloud",
        "object": {"type": action.object_type, **facts.object},
        "permission_change": action.permission_change,
        "sensitivity": action.sensitivity.value,
        "actor_kind": facts.actor_kind.value,
        **facts.vendor,
    }
    if facts.derived:
        detail["derived"] = True
    if facts.work_item:
        detail["work_item"] = facts.work_item
    if facts.changes:
        detail["changes"] = [*facts.changes]
        detail["change_summary"] = [
            f"{change.get('field', NOTHING)}: {change.get('from', NOTHING)} → {change.get('to', NOTHING)}"
            for change in facts.changes
        ]
    return detail


def _add_people(doc: JsonObject, facts: ActivityFacts) -> None:
    """``user``, ``group`` and ``related``; ``related`` holds ids, never names."""
    user = {**facts.actor, "target": facts.target} if facts.target else facts.actor
    if user:
        doc["user"] = user
    if facts.group:
        doc["group"] = facts.group
    named = (facts.actor.get("id"), facts.target.get("id"), *facts.ids)
    ids = dict.fromkeys(each for each in named if isinstance(each, str) and each)
    if ids:
        doc["related"] = {"user": [*ids]}


def actor_kind_of(account_type: object, account_id: object) -> ActorKind:
    """The kind of an actor from ``accountType`` and the id of a Jira or Confluence user object."""
    if not account_id:
        return ActorKind.SYSTEM
    kinds = {"app": ActorKind.APP, "customer": ActorKind.CUSTOMER}
    return kinds.get(str(account_type), ActorKind.PERSON)
