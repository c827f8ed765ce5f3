"""``/rest/api/3/group/bulk`` and ``/rest/api/3/group/member``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.jira_work import bodies
from atlaslens_forwarder.simulator.apis.jira_work.paging import BadRequestError, asking, numbered
from atlaslens_forwarder.simulator.calls import Answer, Call, Product, Route
from atlaslens_forwarder.simulator.refusals import refusal
from atlaslens_forwarder.simulator.world.directory import Standing

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonValue
    from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart

_MOST: Final = 50


def bulk(part: JiraPart, call: Call) -> Answer:
    """The groups, all or those named."""
    ids, names = call.lists.get("groupId", ()), call.lists.get("groupName", ())
    values: list[JsonValue] = [
        {"groupId": team.id, "name": team.name}
        for team in part.directory.teams
        if team.deleted_at_ms is None and (not (ids or names) or team.id in ids or team.name in names)
    ]
    return Answer(200, numbered(part, call, "/rest/api/3/group/bulk", values, usual=_MOST, most=_MOST))


def members(part: JiraPart, call: Call) -> Answer:
    """The members of a group, inactive accounts only where asked for.

    Raises:
        BadRequestError: no group is given.
    """
    wanted = call.query.get("groupId") or call.query.get("groupname")
    if not wanted:
        raise BadRequestError("Either the groupname or the groupId parameter is required.")
    team = part.directory.team(wanted)
    if team is None:
        return refusal(Product.JIRA, 404, f"Group '{wanted}' does not exist.")
    everyone, now_ms = call.query.get("includeInactiveUsers") == "true", part.site.now_ms()
    values: list[JsonValue] = [
        bodies.user(part, one.person)
        for one in part.directory.members(team)
        if everyone or part.directory.standing(one.person, now_ms) is Standing.ACTIVE
    ]
    return Answer(200, numbered(part, call, "/rest/api/3/group/member", values, usual=_MOST, most=_MOST))


ROUTES: Final = (
    Route(Product.JIRA, "/rest/api/3/group/bulk", asking("people", bulk)),
    Route(Product.JIRA, "/rest/api/3/group/member", asking("people", members)),
)
