"""How spaces, pages, posts, comments and versions are written by the Confluence REST API v2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.content import vocabulary
from atlaslens_forwarder.simulator.world.content.items import Item, Kind

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.world.content.items import Version
    from atlaslens_forwarder.simulator.world.places import Space
    from atlaslens_forwarder.simulator.world.world import World

BODY_FORMATS: Final = ("storage", "atlas_doc_format")
_INSIDE: Final = {Kind.PAGE: "page", Kind.BLOG_POST: "blogpost"}


def web_path(item: Item) -> str:
    """The path of an item for browsers, below ``/wiki``."""
    if item.container is not None:
        return f"{web_path(item.container)}?focusedCommentId={item.id}"
    title = quote_plus(item.latest.title)
    if item.kind is Kind.BLOG_POST:
        day = iso_ms(item.created_at_ms)[:10].replace("-", "/")
        return f"/spaces/{item.space.key}/blog/{day}/{item.id}/{title}"
    return f"/spaces/{item.space.key}/pages/{item.id}/{title}"


def write_space(world: World, space: Space) -> JsonObject:
    """A space; all are global and made before the history begins."""
    return {
        "id": space.id,
        "key": space.key,
        "name": space.name,
        "type": "global",
        "status": "current",
        "authorId": world.people.staff[0].account_id,
        "createdAt": iso_ms(world.spec.start_ms),
        "homepageId": str(int(space.id) + 1),
        "_links": {"webui": f"/spaces/{space.key}"},
    }


def write_body(item: Item, version: Version, form: str) -> JsonObject:
    """The text of a version in one representation."""
    text = Chance(item.id, version.number, label("body")).pick(vocabulary.REMARKS)
    value = (
        f"<p>{text}</p>"
        if form == "storage"
        else f'{{"type":"doc","version":1,"content":[{{"text":"{text}"}}]}}'
    )
    return {form: {"representation": form, "value": value}}


def write_stamp(version: Version) -> JsonObject:
    """Number, time and author of a version."""
    return {
        "createdAt": iso_ms(version.at_ms),
        "message": version.message,
        "number": version.number,
        "minorEdit": version.is_minor,
        "authorId": version.author.account_id,
    }


def write_item(item: Item, body_format: str = "") -> JsonObject:
    """A page, post or comment as lists show it: its latest version only."""
    latest = item.latest
    written: JsonObject = {
        "id": str(item.id),
        "status": item.status.value,
        "title": latest.title,
        "version": write_stamp(latest),
    }
    if item.container is None:
        written |= _standing(item)
    else:
        written |= _commented(item, item.container)
    if body_format:
        written["body"] = write_body(item, latest, body_format)
    return written


def _standing(item: Item) -> JsonObject:
    path = web_path(item)
    written: JsonObject = {
        "spaceId": item.space.id,
        "authorId": item.author.account_id,
        "createdAt": iso_ms(item.created_at_ms),
        "_links": {
            "webui": path,
            "editui": f"/pages/resumedraft.action?draftId={item.id}",
            "tinyui": f"/x/{item.id:x}",
        },
    }
    if item.kind is Kind.PAGE:
        written["parentId"] = None if item.parent is None else str(item.parent.id)
        if item.parent is not None:
            written["parentType"] = "page"
        written |= {"ownerId": item.author.account_id, "lastOwnerId": None, "position": item.id % 1000}
    return written


def _commented(item: Item, container: Item) -> JsonObject:
    written: JsonObject = {"_links": {"webui": web_path(item)}}
    written["pageId" if container.kind is Kind.PAGE else "blogPostId"] = str(container.id)
    if item.parent is not None:
        written["parentCommentId"] = str(item.parent.id)
    if item.kind is Kind.INLINE_COMMENT:
        written["resolutionStatus"] = "open"
        written["properties"] = {
            "inlineMarkerRef": f"{item.id:08x}",
            "inlineOriginalSelection": item.selection,
        }
        if item.resolved_by is not None and item.resolved_at_ms is not None:
            written |= {
                "resolutionStatus": "resolved" if item.is_resolved else "reopened",
                "resolutionLastModifierId": item.resolved_by.account_id,
                "resolutionLastModifiedAt": iso_ms(item.resolved_at_ms),
            }
    return written


def write_version(item: Item, version: Version, body_format: str = "") -> JsonObject:
    """A row of an item's list of versions."""
    inside: JsonObject = {"id": str(item.id), "title": version.title}
    if body_format:
        inside["body"] = write_body(item, version, body_format)
    return {**write_stamp(version), _INSIDE.get(item.kind, "comment"): inside}
