"""``/rest/api/3/search/jql`` and ``/search/approximate-count``.

Pages follow the place of the last issue, not a count, so an issue that is touched meanwhile moves to the
end and is not skipped. Relative times count from the first page. Fields are those of the issue, the order and
the match those of the index: an answer may hold an ``updated`` that is newer than the search knew.
"""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.simulator.apis.jira_work import bodies
from atlaslens_forwarder.simulator.apis.jira_work.jql import Indexed, Query, Reader
from atlaslens_forwarder.simulator.apis.jira_work.paging import (
    BAD_PAYLOAD,
    BadRequestError,
    asking,
    capped,
    content_of,
    fields_of,
    sees_work,
    texts,
    token_of,
    whole,
)
from atlaslens_forwarder.simulator.calls import Answer, Call, Need, Product, Route
from atlaslens_forwarder.simulator.world.chance import label

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.apis.jira_work.jql import Value
    from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart

_MOST_IDS: Final = 5000
MOST_ISSUES: Final = 100
_MOST_RECONCILED: Final = 50
_TOKEN_LIFE_MS: Final = 7 * DAY_MS
_TOKEN_NAMES: Final = ("query", "from_ms", "after")
_KNOWN: Final = frozenset(
    {
        "jql",
        "nextPageToken",
        "maxResults",
        "fields",
        "expand",
        "properties",
        "fieldsByKeys",
        "failFast",
        "reconcileIssues",
    }
)


def _asked(call: Call) -> JsonObject:
    """The parameters, from the body of a POST alone or from the query of a GET."""
    if call.method == "POST":
        return fields_of(call.body, _KNOWN - {"failFast"})
    asked: JsonObject = {**call.query}
    for name in ("fields", "reconcileIssues"):
        values = [one for text in call.lists.get(name, ()) for one in text.split(",") if one]
        if values:
            asked[name] = [*values]
    return asked


def _query(part: JiraPart, jql: JsonValue, now_ms: int) -> Query:
    if not isinstance(jql, str | None):
        raise BadRequestError(BAD_PAYLOAD)

    def resolve(text: str) -> str | None:
        found = part.find(text)
        return found.id if found else None

    return Reader(now_ms, part.site.faults.time_zone, resolve).read(jql or "")


def _matching(part: JiraPart, query: Query, reconciled: frozenset[str]) -> list[Indexed]:
    now_ms = part.site.now_ms()
    found = []
    for issue in part.work.living():
        if part.may_see(issue):
            mark = issue.marks[-1] if issue.id in reconciled else part.shown(issue, now_ms)
            if mark is not None and query.matches(one := Indexed(issue, mark)):
                found.append(one)
    return found


def search(part: JiraPart, call: Call) -> Answer:
    """A page of issues; strangers and accounts without the right to browse find nothing."""
    asked = _asked(call)
    fields = frozenset(texts(asked.get("fields", ["id"])))
    narrow = fields <= {"id", "key"}
    size = capped(part, whole(asked, "maxResults", 50, least=1), _MOST_IDS if narrow else MOST_ISSUES)
    reconciled = texts(asked.get("reconcileIssues", []))
    if len(reconciled) > _MOST_RECONCILED:
        raise BadRequestError("At most 50 issues can be reconciled.")
    token, after, from_ms = asked.get("nextPageToken"), None, part.site.now_ms()
    name = label(str(asked.get("jql")))
    if token:
        content = content_of(str(token), _TOKEN_NAMES)
        pinned, after = content["from_ms"], content["after"]
        if content["query"] != name or not isinstance(pinned, int) or from_ms - pinned > _TOKEN_LIFE_MS:
            raise BadRequestError("The provided next page token is invalid or expired.")
        from_ms = pinned
    query = _query(part, asked.get("jql"), from_ms)
    if not sees_work(part, call):
        return Answer(200, {"issues": [], "isLast": True})
    part.arrive()
    page, more = _page(query, _matching(part, query, frozenset(reconciled)), after, size)
    changelog = "changelog" in str(asked.get("expand", "")).split(",")
    issues = [bodies.issue(part, one.issue, fields, changelog=changelog) for one in page]
    body: JsonObject = {"issues": [*issues], "isLast": not more}
    if more:
        place: list[JsonValue] = [*query.place(page[-1])]  # type: ignore[list-item]
        body["nextPageToken"] = token_of({"query": name, "from_ms": from_ms, "after": place})
    elif part.site.faults.repeated_token and page:
        place = [*query.place(page[-1])]  # type: ignore[list-item]
        body["nextPageToken"] = token or token_of({"query": name, "from_ms": from_ms, "after": place})
    if part.site.faults.missing_is_last or (not more and part.site.faults.repeated_token):
        del body["isLast"]
    return Answer(200, body, rows=len(page))


def _page(query: Query, found: list[Indexed], after: JsonValue, size: int) -> tuple[list[Indexed], bool]:
    """The issues after a place, and whether more follow."""
    placed = [(query.place(one), one) for one in found]
    if after is not None:
        last: list[Value] = after  # type: ignore[assignment]
        if not isinstance(after, list) or len(after) != len(query.orders) + 1:
            raise BadRequestError("The provided next page token is invalid.")
        try:
            placed = [pair for pair in placed if query.compare(pair[0], last) > 0]
        except TypeError:
            raise BadRequestError("The provided next page token is invalid.") from None
    rank = cmp_to_key(query.compare)
    placed.sort(key=lambda pair: rank(pair[0]))
    return [one for _, one in placed[:size]], len(placed) > size


def count(part: JiraPart, call: Call) -> Answer:
    """How many issues match, according to the index."""
    asked = fields_of(call.body, frozenset({"jql"}))
    query = _query(part, asked.get("jql"), part.site.now_ms())
    found = _matching(part, query, frozenset()) if sees_work(part, call) else []
    return Answer(200, {"count": len(found)})


ROUTES: Final = (
    Route(
        Product.JIRA,
        "/rest/api/3/search/jql",
        asking("work", search),
        Need.BROWSE,
        methods=("GET", "POST"),
    ),
    Route(
        Product.JIRA,
        "/rest/api/3/search/approximate-count",
        asking("work", count),
        Need.BROWSE,
        methods=("POST",),
    ),
)
