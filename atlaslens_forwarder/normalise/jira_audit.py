"""Rows of Jira's audit log (``GET /rest/api/3/auditing/record``) as events.

Jira Service Management writes its configuration changes into the same log. What is absent in recorded rows is
optional here: author and address of system events, ids of groups, the object itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.normalise.actions.table import JSM, Match, jira_match
from atlaslens_forwarder.normalise.actors import CUSTOMER_PREFIX, ActorKind
from atlaslens_forwarder.normalise.audit_document import AuditFacts, audit_event
from atlaslens_forwarder.normalise.items import key_from_changes, type_of
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.rows import child, children, renamed_texts, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.event import Event, EventContext, RawRow, Rejected
    from atlaslens_forwarder.model.json import JsonObject

AUDIT_LOG_PATH = "/auditing/view"
_ITEM_NAMES = (
    ("typeName", "type"),
    ("id", "id"),
    ("name", "name"),
    ("parentName", "container"),
    ("parentId", "container_id"),
)
_CHANGE_NAMES = (("fieldName", "field"), ("changedFrom", "from"), ("changedTo", "to"))
_SERVICE_PROJECT_TYPES = frozenset(
    {"service_desk", "service desk", "service management", "jira service desk", "jira service management"}
)
_TYPE_FIELDS = frozenset({"project type", "type", "project type key"})


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """The event of one row, or why there is none."""
    return event_or_reason(row, "created", lambda at_ms: audit_event(row, at_ms, context, _facts(row.data)))


def _facts(data: JsonObject) -> AuditFacts:
    category, summary = text(data, "category"), text(data, "summary")
    address = text(data, "remoteAddress")
    changes = [
        change
        for raw in children(data, "changedValues")
        if (change := renamed_texts(raw, _CHANGE_NAMES, "changedValues[]."))
    ]
    associated = [
        item for raw in children(data, "associatedItems") if (item := _item(raw, "associatedItems[]."))
    ]
    thing = _object(data, associated, changes)
    vendor: JsonObject = {}
    if author_key := text(data, "authorKey"):
        vendor["author_key"] = author_key
    if event_source := text(data, "eventSource"):
        vendor["event_source"] = event_source
    actor_id = text(data, "authorAccountId") or author_key
    match = _match(category, summary, thing, changes)
    if thing.get("type") == "scheme" and match.action.object_type.endswith("_scheme"):
        thing["type"] = match.action.object_type  # Jira calls every kind of scheme SCHEME
    return AuditFacts(
        provider="jira",
        match=match,
        category=category,
        summary=summary,
        description=text(data, "description"),
        actor={"id": actor_id} if actor_id else {},
        actor_kind=_actor_kind(actor_id, address),
        address=address,
        object=thing,
        associated=associated,
        changes=changes,
        vendor=vendor,
        person_name="name",
        audit_log_path=AUDIT_LOG_PATH,
        original=canonical_bytes(data).decode(),
    )


def _match(category: str, summary: str, thing: JsonObject, changes: list[JsonObject]) -> Match:
    """The action; a change of a service project or of a customer belongs to Jira Service Management."""
    match = jira_match(category, summary)
    if match.product == JSM:
        return match
    thing_id = thing.get("id")
    if isinstance(thing_id, str) and thing_id.startswith(CUSTOMER_PREFIX):
        return Match(match.action, JSM)
    for change in changes:
        if str(change.get("field", "")).lower() in _TYPE_FIELDS and (
            str(change.get("to", "")).lower() in _SERVICE_PROJECT_TYPES
            or str(change.get("from", "")).lower() in _SERVICE_PROJECT_TYPES
        ):
            return Match(match.action, JSM)
    return match


def _actor_kind(actor_id: str, address: str) -> ActorKind:
    """Jira names no account type. Nobody named, yet an address: somebody who was not signed in."""
    if actor_id:
        return ActorKind.CUSTOMER if actor_id.startswith(CUSTOMER_PREFIX) else ActorKind.PERSON
    return ActorKind.ANONYMOUS if address else ActorKind.SYSTEM


def _object(data: JsonObject, associated: list[JsonObject], changes: list[JsonObject]) -> JsonObject:
    raw = child(data, "objectItem")
    thing = _item(raw, "objectItem.") if raw else {}
    kind = thing.get("type")
    if kind == "project":
        thing.update(key_from_changes(changes, "key"))
    elif kind == "issue" and "name" in thing:
        thing["key"] = thing["name"]
    if kind != "project" and "container" not in thing:
        for item in associated:
            if item.get("type") == "project" and "name" in item:
                thing["container"] = item["name"]
                if "id" in item:
                    thing["container_id"] = item["id"]
                break
    return thing


def _item(raw: JsonObject, path: str) -> JsonObject:
    item = renamed_texts(raw, _ITEM_NAMES, path)
    if "type" in item:
        item["type"] = type_of(str(item["type"]))
    return item
