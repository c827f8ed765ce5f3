"""Pages, blog posts and comments of Confluence (REST API v2) as events: versions, resolutions and turns.

Three kinds of rows, told by ``deed``:

- ``version``: one saved state of an ``item`` (as its list shows it), with the ``version``'s own stamp;
- ``resolution``: an inline comment was resolved or reopened; the API tells when and by whom;
- ``turn``: derived by comparison, as ``sources.confluence_content.remembered`` writes it.

Titles, spaces and links are those of the time of reading, so none of them is in a hashed part. A version's
message is its author's text: it is shown in ``message`` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.normalise.actions.content import BLOG_POST, COMMENT, PAGE, content_action
from atlaslens_forwarder.normalise.activity_document import ActivityFacts, activity_event, actor_kind_of
from atlaslens_forwarder.normalise.actors import ActorKind
from atlaslens_forwarder.normalise.outcome import event_or_reason
from atlaslens_forwarder.normalise.reasons import WrongTypeError
from atlaslens_forwarder.normalise.rows import child, flag, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.event import Event, EventContext, RawRow, Rejected
    from atlaslens_forwarder.model.json import JsonObject

PROVIDER: Final = "confluence"
OBJECT_TYPES: Final = {
    "page": PAGE,
    "blogpost": BLOG_POST,
    "footer-comment": COMMENT,
    "inline-comment": COMMENT,
}
"""Kinds of items, as the source calls them, and our types of objects."""
_CONTAINERS: Final = (("pageId", PAGE), ("blogPostId", BLOG_POST))
_RESOLUTIONS: Final = ("resolved", "reopened")


def normalise(row: RawRow, context: EventContext) -> Event | Rejected:
    """The event of one row, or why there is none."""
    return event_or_reason(
        row, "createdAt", lambda at_ms: activity_event(at_ms, context, _facts(row, context))
    )


def _facts(row: RawRow, context: EventContext) -> ActivityFacts:
    """Read a row.

    Raises:
        WrongTypeError: something in it is not of the documented type.
    """
    deed, item = text(row.data, "deed"), child(row.data, "item") or {}
    reading = {"version": _version, "resolution": _resolution, "turn": _turn}.get(deed)
    if reading is None:
        raise WrongTypeError("deed")
    return reading(row, item, context)


def _version(row: RawRow, item: JsonObject, context: EventContext) -> ActivityFacts:
    stamp, kind = child(row.data, "version") or {}, _kind_of(row)
    number = stamp.get("number")
    if not isinstance(number, int) or isinstance(number, bool):
        raise WrongTypeError("version.number")
    minor, author = flag(stamp, "minorEdit"), text(stamp, "authorId", "version.")
    facts = _started(row, item, context, "created" if number == 1 else "updated")
    facts.event_id = f"{PROVIDER}:version:{context.cloud_id}:{_id_of(item)}:{number}"
    facts.kind = "version"
    if author:
        facts.actor = {"id": author}
    facts.actor_kind = actor_kind_of(None, author)
    title = text(row.data, "version_title") or text(item, "title")
    if title:
        facts.object["name"] = title
    facts.vendor = {"version": number}
    kept: JsonObject = {"number": number, "createdAt": stamp.get("createdAt"), "authorId": author}
    if minor is not None:
        facts.vendor["minor_edit"] = kept["minorEdit"] = minor
    facts.original = {"kind": kind, "id": _id_of(item), **_standing(item), "version": kept}
    facts.message = _line(facts, title, text(stamp, "message", "version."))
    return facts


def _resolution(row: RawRow, item: JsonObject, context: EventContext) -> ActivityFacts:
    status = text(item, "resolutionStatus")
    if status not in _RESOLUTIONS:
        raise WrongTypeError("resolutionStatus")
    person = text(item, "resolutionLastModifierId")
    facts = _started(row, item, context, status)
    facts.event_id = f"{PROVIDER}:resolution:{context.cloud_id}:{_id_of(item)}:{row.at_ms}:{status}"
    facts.kind = "resolution"
    if person:
        facts.actor = {"id": person}
    facts.actor_kind = actor_kind_of(None, person)
    facts.original = {
        "kind": _kind_of(row),
        "id": _id_of(item),
        **_standing(item),
        "resolutionStatus": status,
        "resolutionLastModifierId": person,
        "resolutionLastModifiedAt": item.get("resolutionLastModifiedAt"),
    }
    facts.message = _line(facts, text(item, "title"))
    return facts


def _turn(row: RawRow, item: JsonObject, context: EventContext) -> ActivityFacts:
    turn, deed = child(row.data, "turn") or {}, text(row.data, "turned")
    facts = _started(row, item, context, deed)
    facts.event_id = f"{PROVIDER}:turn:{context.cloud_id}:{row.identity}"
    facts.kind = "turn"
    facts.derived = True
    facts.actor_kind = ActorKind.UNIDENTIFIED  # somebody did it, and the API does not tell who
    change = {name: value for name in ("field", "from", "to") if (value := text(turn, name, "turn."))}
    facts.changes = [{**change}]
    facts.original = {"kind": _kind_of(row), "id": _id_of(item), "turned": deed, "turn": {**change}}
    facts.message = _line(facts, text(item, "title"))
    return facts


def _started(row: RawRow, item: JsonObject, context: EventContext, deed: str) -> ActivityFacts:
    """What all kinds of rows have in common."""
    object_type = OBJECT_TYPES[_kind_of(row)]
    action = content_action(object_type, deed)
    if action is None:
        raise WrongTypeError("turned")
    found: JsonObject = {"type": object_type, "id": _id_of(item)}
    if title := text(item, "title"):
        found["name"] = title
    space = child(row.data, "space") or {}
    if container := text(space, "name", "space.") or text(space, "key", "space."):
        found["container"] = container
    link = text(child(item, "_links") or {}, "webui", "_links.")
    return ActivityFacts(
        event_id="",
        provider=PROVIDER,
        kind="",
        product="confluence",
        action=action,
        actor={},
        actor_kind=actor_kind_of(None, None),
        object=found,
        original={},
        message="",
        url=f"{context.site_url.rstrip('/')}/wiki{link}" if link.startswith("/") else "",
        work_item=_work_item(row, item, object_type),
    )


def _work_item(row: RawRow, item: JsonObject, object_type: str) -> JsonObject:
    """The page or post itself, or the one a comment stands on."""
    if object_type != COMMENT:
        found: JsonObject = {"type": object_type, "id": _id_of(item)}
        name = text(item, "title")
    else:
        found = {}
        for key, kind in _CONTAINERS:
            if container_id := text(item, key):
                found = {"type": kind, "id": container_id}
        name = text(row.data, "container_title") if found else ""
    return {**found, "name": name} if name else found


def _standing(item: JsonObject) -> JsonObject:
    """What a comment stands on and answers to: it never changes."""
    keys = ("pageId", "blogPostId", "parentCommentId")
    return {key: value for key in keys if (value := text(item, key))}


def _kind_of(row: RawRow) -> str:
    kind = text(row.data, "kind")
    if kind not in OBJECT_TYPES:
        raise WrongTypeError("kind")
    return kind


def _id_of(item: JsonObject) -> str:
    found = text(item, "id")
    if not found:
        raise WrongTypeError("id")
    return found


def _line(facts: ActivityFacts, title: str, remark: str = "") -> str:
    """One line for people: the deed, the title, and what its author said of a version."""
    words = facts.action.name.replace("_", " ").capitalize()
    return " – ".join(part for part in (f"{words}: {title}" if title else words, remark) if part)
