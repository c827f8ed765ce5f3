"""The ECS document of an audit row, the same for every product.

A fact that the row does not state is a key that the document does not have: never ``null``, never ``""``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.model.event import Event, EventContext, Pipeline, RawRow
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.normalise.addresses import ip_of
from atlaslens_forwarder.normalise.affected import affected_by, is_id

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.normalise.actions.table import Match
    from atlaslens_forwarder.normalise.actors import ActorKind

ECS_VERSION = "9.3.0"
NOTHING = "(none)"
"""Stands in a change summary for a side or a field name that the row leaves empty."""


@dataclass(slots=True)
class AuditFacts:
    """What one row says, read by the normaliser of its product.

    ``actor``, ``object`` and the items of ``associated`` and ``changes`` are already in the form of the
    document. ``person_name`` is the field of ``user.target`` that a user item's name belongs to.
    """

    provider: str
    match: Match
    category: str
    summary: str
    description: str
    actor: JsonObject
    actor_kind: ActorKind
    address: str
    object: JsonObject
    associated: list[JsonObject]
    changes: list[JsonObject]
    vendor: JsonObject
    person_name: str
    audit_log_path: str
    original: str


def audit_event(row: RawRow, at_ms: int, context: EventContext, facts: AuditFacts) -> Event:
    """The event of ``row``; the same row, context and facts always give the same document."""
    action = facts.match.action
    event_id = f"{facts.provider}:audit:{context.cloud_id}:{row.identity}"
    moment = iso_ms(at_ms)
    if "type" not in facts.object:
        facts.object["type"] = action.object_type
    doc: JsonObject = {
        "@timestamp": moment,
        "ecs": {"version": ECS_VERSION},
        "event": {
            "id": event_id,
            "kind": "event",
            "category": [*action.category],
            "type": [*action.type],
            "action": action.name,
            "outcome": action.outcome.value,
            "dataset": f"atlassian.{facts.provider}_audit",
            "provider": facts.provider,
            "module": "atlassian",
            "created": moment,
            "original": facts.original,
            "url": context.site_url.rstrip("/") + facts.audit_log_path,
        },
        "organization": {"id": context.cloud_id, "name": context.site},
        "atlassian": _vendor_detail(context, facts),
    }
    if facts.summary:
        doc["message"] = _message(facts)
    _add_who_and_where(doc, facts)
    return Event(event_id, at_ms, Pipeline.AUDIT, doc)


def _message(facts: AuditFacts) -> str:
    """The summary and the object's name, unless that is a person's: it may be another one tomorrow."""
    name = facts.object.get("name")
    return f"{facts.summary}: {name}" if name and facts.object["type"] != "user" else facts.summary


def _vendor_detail(context: EventContext, facts: AuditFacts) -> JsonObject:
    action = facts.match.action
    detail: JsonObject = {
        "product": facts.match.product,
        "pipeline": "audit",
        "site": context.site,
        "deployment": "cloud",
        "object": facts.object,
        "permission_change": action.permission_change,
        "sensitivity": action.sensitivity.value,
        "actor_kind": facts.actor_kind.value,
        **facts.vendor,
    }
    if facts.category:
        detail["category"] = facts.category
    if facts.summary:
        detail["summary"] = facts.summary
    if facts.description:
        detail["description"] = facts.description
    if facts.associated:
        detail["associated"] = [*facts.associated]
    if facts.changes:
        detail["changes"] = [*facts.changes]
        lines = [
            f"{change.get('field', NOTHING)}: {change.get('from', NOTHING)} → {change.get('to', NOTHING)}"
            for change in facts.changes
            if "from" in change or "to" in change
        ]
        if lines:
            detail["change_summary"] = [*lines]
    return detail


def _add_who_and_where(doc: JsonObject, facts: AuditFacts) -> None:
    """``user``, ``group``, ``source`` and ``related``; ``related`` holds ids and addresses, never names."""
    affected = affected_by(
        [facts.object, *facts.associated],
        facts.changes,
        facts.person_name,
        affects_people=facts.match.action.affects_people,
    )
    user = facts.actor
    ids: dict[str, None] = {}
    actor_id = user.get("id")
    if isinstance(actor_id, str) and is_id(actor_id):
        ids[actor_id] = None
    ids.update(affected.ids)
    if affected.user:
        user = {**user, "target": affected.user}
    if user:
        doc["user"] = user
    if affected.group:
        doc["group"] = affected.group
    related: JsonObject = {"user": [*ids]} if ids else {}
    if facts.address:
        source: JsonObject = {"address": facts.address}
        if ip := ip_of(facts.address):
            source["ip"] = ip
            related["ip"] = [ip]
        doc["source"] = source
    if related:
        doc["related"] = related
