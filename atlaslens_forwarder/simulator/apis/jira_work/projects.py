"""``/rest/api/3/project/search``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.jira_work import bodies
from atlaslens_forwarder.simulator.apis.jira_work.paging import asking, numbered, sees_work
from atlaslens_forwarder.simulator.calls import Answer, Call, Need, Product, Route

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonValue
    from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart

_MOST: Final = 100


def projects(part: JiraPart, call: Call) -> Answer:
    """The projects by key; strangers see none."""
    kinds = {one for text in call.lists.get("typeKey", ()) for one in text.split(",")}
    ids, keys = call.lists.get("id"), call.lists.get("keys")
    found = part.site.world.places.projects if sees_work(part, call) else ()
    values: list[JsonValue] = [
        bodies.project(part, one) | {"isPrivate": False, "style": "classic"}
        for one in sorted(found, key=lambda one: one.key)
        if (not kinds or one.kind in kinds) and (not ids or one.id in ids) and (not keys or one.key in keys)
    ]
    return Answer(200, numbered(part, call, "/rest/api/3/project/search", values, usual=50, most=_MOST))


ROUTES: Final = (Route(Product.JIRA, "/rest/api/3/project/search", asking("work", projects), Need.BROWSE),)
