"""An event of the organisation. Pure.

Source: developer.atlassian.com/cloud/admin/organization/rest (Events). ``actor`` is a person or one of
Atlassian's apps,
``context`` names what it was done to, ``container`` where that is. Whether names and e-mail addresses are
those of then or of now is not documented, so neither is part of what is hashed: ids are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.event import Event, EventContext, Pipeline, RawRow, Rejected
from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms
from atlaslens_forwarder.normalise.actions.organisation import action_of
from atlaslens_forwarder.normalise.activity_document import ActivityFacts, activity_event
from atlaslens_forwarder.normalise.actors import CUSTOMER_PREFIX, ActorKind
from atlaslens_forwarder.normalise.addresses import ip_of
from atlaslens_forwarder.normalise.org_things import Things, read_things
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.reasons import WrongTypeError
from atlaslens_forwarder.normalise.rows import child, children, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject

_BLIND: Final = re.compile(r"\[email:([0-9a-f]+:[0-9a-f]+)\]")
_ACCOUNT: Final = re.compile(
    r"[0-9a-f]{24}|[0-9a-z]+:.+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)


def event_id(organisation_id: str, identity: str) -> str:
    """``_id`` of an event; identity: the id that Atlassian gave it."""
    return f"org:event:{organisation_id}:{identity}"


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """The event of a row (``organisation_id``, ``event``), or why it is none."""
    return event_or_reason(row, "attributes.time", lambda at_ms: _event(row, at_ms, context))


def _event(row: RawRow, at_ms: int, context: EventContext) -> Event:
    data = child(row.data, "event") or {}
    attributes = child(data, "attributes") or {}
    word = text(attributes, "action", "attributes.")
    if not word:
        raise WrongTypeError("attributes.action")
    actor = child(attributes, "actor") or {}
    things = read_things(children(attributes, "context"), children(attributes, "container"))
    user, kind = _actor(actor)
    said = text(child(data, "message") or {}, "content", "message.")
    address = text(child(attributes, "location") or {}, "ip", "attributes.location.")
    target = _target(things)
    event = activity_event(
        at_ms,
        context,
        ActivityFacts(
            event_id=event_id(text(row.data, "organisation_id"), row.identity),
            provider="organisation",
            kind="event",
            product="organisation",
            action=action_of(word),
            actor=user,
            actor_kind=kind,
            object=things.object,
            original=_original(data, attributes, user, things, address),
            message=said or word,
            target=target,
            group=things.group,
            ids=tuple(things.user_ids),
            changes=things.changes,
            vendor={"summary": word} | ({"associated": [*things.associated]} if things.associated else {}),
            pipeline=Pipeline.AUDIT,
        ),
    )
    _add_place(event.doc, address)
    _add_processed(event.doc, attributes)
    return event


def _actor(actor: JsonObject) -> tuple[JsonObject, ActorKind]:
    """Who acted, and what kind of actor that is; an address (blinded) only where there is no account."""
    id_, name = text(actor, "id", "actor."), text(actor, "name", "actor.")
    blind = _BLIND.search(text(actor, "email", "actor."))
    user: JsonObject = {}
    if id_:
        user["id"] = id_
    elif blind:
        user["email_blind"] = blind.group(1)
    if name and "[email:" not in name:
        user["full_name"] = name
    if not user:
        return {}, ActorKind.SYSTEM
    if id_.startswith(CUSTOMER_PREFIX):
        return user, ActorKind.CUSTOMER
    if blind or _ACCOUNT.fullmatch(id_):
        return user, ActorKind.PERSON
    return user, ActorKind.APP if id_ else ActorKind.UNIDENTIFIED


def _target(things: Things) -> JsonObject:
    """The affected user: an account, or who was invited and has none yet."""
    if things.user:
        return things.user
    blind = _BLIND.search(things.invited)
    return {"email_blind": blind.group(1)} if blind else {}


def _original(
    data: JsonObject, attributes: JsonObject, user: JsonObject, things: Things, address: str
) -> JsonObject:
    """The row without names, addresses of people and words for people."""
    original: JsonObject = {
        "id": data.get("id"),
        "action": attributes.get("action"),
        "time": attributes.get("time"),
        "actor": {name: user[name] for name in ("id", "email_blind") if name in user},
        "context": [*things.context],
        "container": [*things.container],
    }
    if address:
        original["ip"] = address
    return original


def _add_place(doc: JsonObject, address: str) -> None:
    if not address:
        return
    source: JsonObject = {"address": address}
    if ip := ip_of(address):
        source["ip"] = ip
        related = doc.setdefault("related", {})
        if isinstance(related, dict):
            related["ip"] = [ip]
    doc["source"] = source


def _add_processed(doc: JsonObject, attributes: JsonObject) -> None:
    """``event.created`` is when Atlassian wrote the event down, where that can be read."""
    processed = text(attributes, "processedAt", "attributes.")
    event = doc["event"]
    try:
        if processed and isinstance(event, dict):
            event["created"] = iso_ms(parse_iso_ms(processed))
    except (ValueError, OverflowError):
        return
