"""``/rest/api/3/changelog/bulkfetch`` and ``/rest/api/3/issue/{issueIdOrKey}/changelog``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.jira_work import bodies
from atlaslens_forwarder.simulator.apis.jira_work.paging import (
    BadRequestError,
    asking,
    capped,
    content_of,
    fields_of,
    no_issue,
    numbered,
    sees_work,
    texts,
    token_of,
    whole,
)
from atlaslens_forwarder.simulator.calls import Answer, Call, Need, Product, Route
from atlaslens_forwarder.simulator.world.chance import label

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
    from atlaslens_forwarder.simulator.world.work.records import Change, Issue

_MOST_ISSUES: Final = 1000
_MOST_FIELDS: Final = 10
_MOST_CHANGES: Final = 10_000
_PAGE: Final = 100
_KNOWN: Final = frozenset({"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"})


def _place(issue: Issue, change: Change) -> list[int]:
    return [change.at_ms, int(issue.id), int(change.id)]


def _narrowed(change: Change, fields: frozenset[str]) -> Change | None:
    """The change with the wanted fields only; None where it has none of them."""
    if not fields:
        return change
    items = tuple(item for item in change.items if item.field_id in fields)
    return replace(change, items=items) if items else None


def _after(token: str, name: int) -> list[int]:
    """The place of the last change of the page before."""
    content = content_of(token, ("query", "after"))
    after = content["after"]
    place = [one for one in after if isinstance(one, int)] if isinstance(after, list) else []
    if content["query"] != name or not place:
        raise BadRequestError("The provided next page token is invalid.")
    return place


def bulk(part: JiraPart, call: Call) -> Answer:
    """Histories of many issues, oldest first over all of them, so one issue may span pages."""
    asked = fields_of(call.body, _KNOWN)
    wanted = texts(asked.get("issueIdsOrKeys"))
    fields = texts(asked.get("fieldIds", []))
    size = whole(asked, "maxResults", 1000, least=1)
    if not 1 <= len(wanted) <= _MOST_ISSUES:
        raise BadRequestError("The number of issue IDs or keys must be between 1 and 1000.")
    if len(fields) > _MOST_FIELDS or size > _MOST_CHANGES:
        raise BadRequestError("At most 10 fields and 10000 results can be asked for.")
    token = asked.get("nextPageToken")
    name = label(repr((sorted(wanted), sorted(fields))))
    after = _after(str(token), name) if token else []
    found = [part.find(one) for one in wanted] if sees_work(part, call) else []
    issues = {issue.id: issue for issue in found if issue is not None}
    placed: list[tuple[list[int], Issue, Change]] = []
    for issue in issues.values():
        for change in issue.changes:
            kept = _narrowed(change, frozenset(fields))
            if kept is not None and _place(issue, change) > after:
                placed.append((_place(issue, change), issue, kept))
    placed.sort(key=lambda row: row[0])
    size = capped(part, size, _MOST_CHANGES)
    page, times = placed[:size], part.site.faults.bulk_times
    logs: dict[str, list[JsonValue]] = {}
    for _, issue, change in page:
        logs.setdefault(issue.id, []).append(bodies.change(part, change, times))
    body: JsonObject = {
        "issueChangeLogs": [{"issueId": id_, "changeHistories": changes} for id_, changes in logs.items()]
    }
    if len(placed) > size:
        body["nextPageToken"] = token_of({"query": name, "after": [*page[-1][0]]})
    elif part.site.faults.repeated_token and page:
        body["nextPageToken"] = token or token_of({"query": name, "after": [*page[-1][0]]})
    return Answer(200, body, rows=len(page))


def single(part: JiraPart, call: Call) -> Answer:
    """Histories of one issue, oldest first; more than 100 are not given at once."""
    issue = part.find(call.names["issue"]) if sees_work(part, call) else None
    if issue is None:
        return no_issue()
    values: list[JsonValue] = [bodies.change(part, change, "iso") for change in issue.changes]
    path = f"/rest/api/3/issue/{call.names['issue']}/changelog"
    return Answer(200, numbered(part, call, path, values, usual=_PAGE, most=_PAGE))


ROUTES: Final = (
    Route(
        Product.JIRA,
        "/rest/api/3/changelog/bulkfetch",
        asking("work", bulk),
        Need.BROWSE,
        methods=("POST",),
    ),
    Route(Product.JIRA, "/rest/api/3/issue/{issue}/changelog", asking("work", single), Need.BROWSE),
)
