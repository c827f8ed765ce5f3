"""Jira Service Management: ``/rest/servicedeskapi`` requests, their promises, and organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from atlaslens_forwarder.model.time import HOUR_MS, MINUTE_MS, from_ms
from atlaslens_forwarder.simulator.apis.jira_work import bodies
from atlaslens_forwarder.simulator.apis.jira_work.paging import asking, capped, here, sees_work, whole
from atlaslens_forwarder.simulator.calls import Answer, Call, Product, Route
from atlaslens_forwarder.simulator.refusals import refusal
from atlaslens_forwarder.simulator.world.jira_rows import jira_time
from atlaslens_forwarder.simulator.world.places import SERVICE_DESK
from atlaslens_forwarder.simulator.world.service_desk import PROMISES, Cycle, Promise, cycles_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
    from atlaslens_forwarder.simulator.world.work.records import Issue

_BASE: Final = "/rest/servicedeskapi"
_MOST: Final = 100


def _page(part: JiraPart, call: Call, path: str, values: Sequence[JsonValue]) -> Answer:
    """A page of the desk; ``size`` counts the page, and nothing counts the whole."""
    start = whole(call.query, "start", 0)
    limit = capped(part, whole(call.query, "limit", 50, least=1), _MOST)
    kept = {name: value for name, value in call.query.items() if name not in {"start", "limit"}}

    def link(at: int) -> str:
        return f"{here(part, call, path)}?{urlencode({**kept, 'start': at, 'limit': limit})}"

    page = [*values[start : start + limit]]
    is_last = start + limit >= len(values)
    links: JsonObject = {"self": link(start), "base": here(part, call, ""), "context": ""}
    if not is_last:
        links["next"] = link(start + limit)
    if start:
        links["prev"] = link(max(start - limit, 0))
    body: JsonObject = {
        "_expands": [],
        "size": len(page),
        "start": start,
        "limit": limit,
        "isLastPage": is_last,
        "_links": links,
        "values": page,
    }
    return Answer(200, body, rows=len(page))


def _date(at_ms: int) -> JsonObject:
    moment = from_ms(at_ms)
    return {
        "iso8601": moment.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "jira": jira_time(at_ms),
        "friendly": moment.strftime("%d/%b/%y %I:%M %p"),
        "epochMillis": at_ms,
    }


def _duration(ms: int) -> JsonObject:
    hours, rest_ms = divmod(abs(ms), HOUR_MS)
    return {"millis": ms, "friendly": f"{'-' if ms < 0 else ''}{hours}h {rest_ms // MINUTE_MS}m"}


def _cycle(cycle: Cycle, now_ms: int) -> JsonObject:
    elapsed_ms = (now_ms if cycle.stop_ms is None else cycle.stop_ms) - cycle.start_ms
    body: JsonObject = {
        "startTime": _date(cycle.start_ms),
        "breachTime": _date(cycle.breach_ms),
        "breached": cycle.is_breached(now_ms),
        "goalDuration": _duration(cycle.goal_ms),
        "elapsedTime": _duration(elapsed_ms),
        "remainingTime": _duration(cycle.goal_ms - elapsed_ms),
    }
    if cycle.stop_ms is None:
        return body | {"paused": False, "withinCalendarHours": True}
    return body | {"stopTime": _date(cycle.stop_ms)}


def _promise(part: JiraPart, call: Call, issue: Issue, promise: Promise) -> JsonObject:
    now_ms, cycles = part.site.now_ms(), cycles_of(issue, promise)
    path = f"{_BASE}/request/{issue.id}/sla/{promise.id}"
    body: JsonObject = {
        "id": promise.id,
        "name": promise.name,
        "_links": {"self": here(part, call, path)},
        "completedCycles": [_cycle(one, now_ms) for one in cycles if one.stop_ms is not None],
    }
    for one in cycles:
        if one.stop_ms is None:
            body["ongoingCycle"] = _cycle(one, now_ms)
    return body


def _request(part: JiraPart, call: Call, issue: Issue) -> JsonObject:
    path = f"{_BASE}/request/{issue.id}"
    body: JsonObject = {
        "_expands": ["participant", "status", "sla", "requestType", "serviceDesk"],
        "issueId": issue.id,
        "issueKey": issue.key,
        "summary": issue.summary,
        "requestTypeId": "11",
        "serviceDeskId": issue.place.project.id,
        "createdDate": _date(issue.created_at_ms),
        "reporter": bodies.user(part, issue.creator),
        "requestFieldValues": [{"fieldId": "summary", "label": "Summary", "value": issue.summary}],
        "currentStatus": {
            "status": issue.status.name,
            "statusCategory": issue.status.group.upper(),
            "statusDate": _date(issue.statuses[-1][0]),
        },
        "_links": {"self": here(part, call, path)},
    }
    if "sla" in call.query.get("expand", "").split(","):
        values: list[JsonValue] = [_promise(part, call, issue, one) for one in PROMISES]
        body["sla"] = {"size": len(values), "start": 0, "limit": 50, "isLastPage": True, "values": values}
    return body


def requests(part: JiraPart, call: Call) -> Answer:
    """Requests by latest activity; a collector owns none, so only ``ALL_REQUESTS`` shows him something."""
    found = [
        issue
        for issue in part.work.living()
        if sees_work(part, call) and issue.place.project.kind == SERVICE_DESK and part.may_see(issue)
    ]
    if call.query.get("requestOwnership") != "ALL_REQUESTS":
        found = [issue for issue in found if issue.creator == part.site.world.people.collector]
    desk = call.query.get("serviceDeskId")
    found = [issue for issue in found if desk in {None, issue.place.project.id}]
    found.sort(key=lambda issue: (issue.updated_at_ms, int(issue.id)), reverse=True)
    return _page(part, call, f"{_BASE}/request", [_request(part, call, issue) for issue in found])


def promises(part: JiraPart, call: Call) -> Answer:
    """The promises on a request; 404 for what is no request."""
    issue = part.find(call.names["issue"]) if sees_work(part, call) else None
    if issue is None or issue.place.project.kind != SERVICE_DESK:
        return refusal(
            Product.JSM, 404, "The request does not exist or you do not have permission to see it."
        )
    path = f"{_BASE}/request/{call.names['issue']}/sla"
    return _page(part, call, path, [_promise(part, call, issue, one) for one in PROMISES])


def organizations(part: JiraPart, call: Call) -> Answer:
    """All organisations, or those of one account."""
    account_id = call.query.get("accountId")
    values: list[JsonValue] = []
    for one in part.organizations.living():
        members = {each.person.account_id for each in part.organizations.customers_of(one)}
        if account_id is None or account_id in members:
            values.append(
                {
                    "id": one.id,
                    "uuid": one.uuid,
                    "name": one.name,
                    "scimManaged": False,
                    "created": _date(one.made_at_ms),
                    "_links": {"self": here(part, call, f"{_BASE}/organization/{one.id}")},
                }
            )
    return _page(part, call, f"{_BASE}/organization", values)


def customers(part: JiraPart, call: Call) -> Answer:
    """The customers of an organisation."""
    one = part.organizations.find(call.names["organization"])
    if one is None:
        return refusal(Product.JSM, 404, "The organization does not exist.")
    values: list[JsonValue] = []
    for each in part.organizations.customers_of(one):
        body = bodies.user(part, each.person)
        del body["accountType"]
        picture, address = body.pop("avatarUrls"), body.pop("self")
        values.append(body | {"_links": {"self": address, "avatarUrls": picture}})
    return _page(part, call, f"{_BASE}/organization/{one.id}/user", values)


ROUTES: Final = (
    Route(Product.JSM, f"{_BASE}/request", asking("service-desk", requests)),
    Route(Product.JSM, f"{_BASE}/request/{{issue}}/sla", asking("service-desk", promises)),
    Route(Product.JSM, f"{_BASE}/organization", asking("service-desk", organizations)),
    Route(Product.JSM, f"{_BASE}/organization/{{organization}}/user", asking("service-desk", customers)),
)
