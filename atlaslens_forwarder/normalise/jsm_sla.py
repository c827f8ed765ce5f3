"""A broken promise of a service desk as an event. Pure.

Nobody does it: it happens by time passing. Its time is when the promise was broken, not when that was
noticed. Of a cycle only what stays is told: it may be read while it runs and once it is over, so elapsed
time is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.normalise.actions.jsm_desk import SLA_BREACHED
from atlaslens_forwarder.normalise.activity_document import ActivityFacts, activity_event
from atlaslens_forwarder.normalise.actors import ActorKind
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.reasons import WrongTypeError
from atlaslens_forwarder.normalise.rows import child, flag, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.event import Event, EventContext, RawRow, Rejected
    from atlaslens_forwarder.model.json import JsonObject


def event_id(context: EventContext, identity: str) -> str:
    """``_id`` of the event of one cycle; identity: ``{issue id}:{sla id}:{cycle start ms}``."""
    return f"jsm:sla:{context.cloud_id}:{identity}"


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """The event of one breached cycle, or why it is none."""
    return event_or_reason(
        row, "cycle.breachTime", lambda at_ms: activity_event(at_ms, context, _facts(row, at_ms, context))
    )


def _facts(row: RawRow, at_ms: int, context: EventContext) -> ActivityFacts:
    issue, sla, cycle = _part(row.data, "issue"), _part(row.data, "sla"), _part(row.data, "cycle")
    if flag(cycle, "breached") is not True:
        raise WrongTypeError("cycle.breached")
    start_ms, goal_ms = _millis(cycle, "startTime", "epochMillis"), _millis(cycle, "goalDuration", "millis")
    if start_ms is None:
        raise WrongTypeError("cycle.startTime")
    key, name = text(issue, "key", "issue."), text(issue, "summary", "issue.")
    sla_name = text(sla, "name", "sla.")
    sla_id = _id(sla)
    thing: JsonObject = {"id": sla_id, "container_id": text(issue, "id", "issue.")}
    work_item: JsonObject = {"type": "issue", "id": text(issue, "id", "issue.")}
    told: JsonObject = {"cycle_start": iso_ms(start_ms)}
    for part, field, value in (
        (thing, "name", sla_name),
        (thing, "container", key),
        (work_item, "key", key),
        (work_item, "name", name),
        (work_item, "kind", text(issue, "type", "issue.")),
        (told, "name", sla_name),
    ):
        if value:
            part[field] = value
    original: JsonObject = {
        "issue_id": work_item["id"],
        "sla_id": sla_id,
        "start_ms": start_ms,
        "breach_ms": at_ms,
    }
    if goal_ms is not None:
        told["goal_ms"] = original["goal_ms"] = goal_ms
    return ActivityFacts(
        event_id=event_id(context, row.identity),
        provider="jsm",
        kind="sla",
        product="jsm",
        action=SLA_BREACHED,
        actor={},
        actor_kind=ActorKind.SYSTEM,
        object=thing,
        original=original,
        message=": ".join(filter(None, ("SLA breached", sla_name, f"{key} {name}".strip()))),
        url=f"{context.site_url.rstrip('/')}/browse/{key}" if key else "",
        work_item=work_item,
        vendor={"sla": told},
        started_ms=start_ms,
    )


def _part(data: JsonObject, name: str) -> JsonObject:
    found = child(data, name)
    if found is None:
        raise WrongTypeError(name)
    return found


def _id(sla: JsonObject) -> str:
    """The promise's id; documented as a text, a number in some answers."""
    id_ = sla.get("id")
    if isinstance(id_, bool) or not isinstance(id_, str | int) or id_ == "":
        raise WrongTypeError("sla.id")
    return str(id_)


def _millis(cycle: JsonObject, name: str, unit: str) -> int | None:
    found = child(cycle, name)
    value = None if found is None else found.get(unit)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise WrongTypeError(f"cycle.{name}.{unit}")
    return value
