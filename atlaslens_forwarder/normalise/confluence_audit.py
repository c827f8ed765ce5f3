"""Rows of Confluence's audit log (``GET /wiki/rest/api/audit``) as events.

Affected users appear by display name only and groups as ``name:uuid``. The author's name is looked up at each
read, so everything but the paths in ``read_time_names.DOCUMENT_PATHS`` is made without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.normalise.actions.table import confluence_match
from atlaslens_forwarder.normalise.actors import CUSTOMER_PREFIX, ActorKind
from atlaslens_forwarder.normalise.audit_document import AuditFacts, audit_event
from atlaslens_forwarder.normalise.items import key_from_changes, split_group, type_of
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.read_time_names import AUTHOR_IDS, identity_view
from atlaslens_forwarder.normalise.rows import child, children, flag, renamed_texts, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.event import Event, EventContext, RawRow, Rejected
    from atlaslens_forwarder.model.json import JsonObject

AUDIT_LOG_PATH = "/wiki/admin/auditlogging.action"
_NOBODY = {"": ActorKind.SYSTEM, "system": ActorKind.SYSTEM, "anonymous": ActorKind.ANONYMOUS}
_ACCOUNT_KINDS = {"app": ActorKind.APP, "customer": ActorKind.CUSTOMER}
_ITEM_NAMES = (("objectType", "type"), ("name", "name"))
_CHANGE_NAMES = (
    ("name", "field"),
    ("oldValue", "from"),
    ("newValue", "to"),
    ("hiddenOldValue", "hidden_from"),
    ("hiddenNewValue", "hidden_to"),
)


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """The event of one row, or why there is none."""
    return event_or_reason(
        row, "creationDate", lambda at_ms: audit_event(row, at_ms, context, _facts(row.data))
    )


def _facts(data: JsonObject) -> AuditFacts:
    category, summary = text(data, "category"), text(data, "summary")
    changes = [
        change
        for raw in children(data, "changedValues")
        if (change := renamed_texts(raw, _CHANGE_NAMES, "changedValues[]."))
    ]
    associated = [
        item for raw in children(data, "associatedObjects") if (item := _item(raw, "associatedObjects[]."))
    ]
    vendor: JsonObject = {}
    for source, field in (("sysAdmin", "sys_admin"), ("superAdmin", "super_admin")):
        if (value := flag(data, source)) is not None:
            vendor[field] = value
    author = child(data, "author") or {}
    actor, actor_kind = _actor(author)
    external = flag(author, "isExternalCollaborator")
    if external is None:
        external = flag(author, "externalCollaborator")
    if external is not None:
        vendor["external_collaborator"] = external
    return AuditFacts(
        provider="confluence",
        match=confluence_match(category, summary),
        category=category,
        summary=summary,
        description=text(data, "description"),
        actor=actor,
        actor_kind=actor_kind,
        address=text(data, "remoteAddress"),
        object=_object(data, associated, changes),
        associated=associated,
        changes=changes,
        vendor=vendor,
        person_name="full_name",
        audit_log_path=AUDIT_LOG_PATH,
        original=canonical_bytes(identity_view(data)).decode(),
    )


def _actor(author: JsonObject) -> tuple[JsonObject, ActorKind]:
    """``user.{id,full_name}`` and the kind of actor; nobody is named for the system and the anonymous."""
    name = text(author, "displayName", "author.")
    for key in AUTHOR_IDS:
        if actor_id := text(author, key, "author."):
            actor: JsonObject = {"id": actor_id}
            if name:
                actor["full_name"] = name
            if actor_id.startswith(CUSTOMER_PREFIX):
                return actor, ActorKind.CUSTOMER
            return actor, _ACCOUNT_KINDS.get(text(author, "accountType", "author."), ActorKind.PERSON)
    nobody = _NOBODY.get(name.lower())
    return ({}, nobody) if nobody else ({"full_name": name}, ActorKind.UNIDENTIFIED)


def _object(data: JsonObject, associated: list[JsonObject], changes: list[JsonObject]) -> JsonObject:
    raw = child(data, "affectedObject")
    thing = _item(raw, "affectedObject.") if raw else {}
    if thing.get("type") == "space":
        thing.update(key_from_changes(changes, "space key"))
    else:
        for item in associated:
            if item.get("type") == "space" and "name" in item:
                thing["container"] = item["name"]
                break
    return thing


def _item(raw: JsonObject, path: str) -> JsonObject:
    item = renamed_texts(raw, _ITEM_NAMES, path)
    if "type" in item:
        item["type"] = type_of(str(item["type"]))
        if item["type"] == "group" and "name" in item:
            item.update(split_group(str(item["name"])))
    return item
