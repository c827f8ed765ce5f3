"""Comments and worklogs: ``/issue/{id}/comment``, ``/comment/list``, ``/worklog/{updated,deleted,list}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.jira_work import bodies
from atlaslens_forwarder.simulator.apis.jira_work.paging import (
    BadRequestError,
    asking,
    capped,
    fields_of,
    here,
    no_issue,
    numbered,
    sees_work,
    texts,
    whole,
)
from atlaslens_forwarder.simulator.apis.jira_work.truths import WITHHELD_MS
from atlaslens_forwarder.simulator.calls import Answer, Call, Need, Product, Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
    from atlaslens_forwarder.simulator.world.work.records import Note

_COMMENTS: Final = 100
_MOST_IDS: Final = 1000
_ORDERS: Final = frozenset({"created", "+created", "-created", " created"})


def comments(part: JiraPart, call: Call) -> Answer:
    """The comments of one issue."""
    issue = part.find(call.names["issue"]) if sees_work(part, call) else None
    if issue is None:
        return no_issue()
    order = call.query.get("orderBy", "created")
    if order not in _ORDERS:
        raise BadRequestError("The orderBy parameter is invalid.")
    notes = [note for note in issue.comments if note.deleted_at_ms is None]
    notes.sort(key=lambda note: (note.versions[0].at_ms, int(note.id)), reverse=order.startswith("-"))
    start = whole(call.query, "startAt", 0)
    size = capped(part, whole(call.query, "maxResults", _COMMENTS), _COMMENTS)
    body: JsonObject = {
        "startAt": start,
        "maxResults": size,
        "total": len(notes),
        "comments": [bodies.comment(part, note) for note in notes[start : start + size]],
    }
    return Answer(200, body, rows=len(notes[start : start + size]))


def _wanted(part: JiraPart, call: Call, known: dict[str, Note]) -> list[Note]:
    ids = texts(fields_of(call.body, frozenset({"ids"})).get("ids"))
    if len(ids) > _MOST_IDS:
        raise BadRequestError("At most 1000 ids can be asked for.")
    found = [known[id_] for id_ in dict.fromkeys(ids) if id_ in known] if sees_work(part, call) else []
    return [note for note in found if note.deleted_at_ms is None and part.may_see(note.issue)]


def comment_list(part: JiraPart, call: Call) -> Answer:
    """Comments by id; those that are not to be seen are left out."""
    values: list[JsonValue] = [bodies.comment(part, note) for note in _wanted(part, call, part.work.comments)]
    return Answer(
        200, numbered(part, call, "/rest/api/3/comment/list", values, usual=_MOST_IDS, most=_MOST_IDS)
    )


def worklog_list(part: JiraPart, call: Call) -> Answer:
    """Worklogs by id, a bare list; those that are not to be seen are left out."""
    notes = _wanted(part, call, part.work.worklogs)
    return Answer(200, [bodies.worklog(part, note) for note in notes], rows=len(notes))


def _updated(note: Note) -> int | None:
    return note.last.at_ms if note.deleted_at_ms is None else None


def _deleted(note: Note) -> int | None:
    return note.deleted_at_ms


def _feed(name: str, time_of: Callable[[Note], int | None]) -> Callable[[JiraPart, Call], Answer]:
    """Ids of worklogs by the time of their last update, or of their deletion."""

    def feed(part: JiraPart, call: Call) -> Answer:
        since = whole(call.query, "since", 0)
        until_ms = part.site.now_ms() - WITHHELD_MS
        times = ((time_of(note), int(note.id)) for note in part.work.worklogs.values())
        rows = sorted((at_ms, id_) for at_ms, id_ in times if at_ms is not None and since < at_ms <= until_ms)
        size = capped(part, _MOST_IDS, _MOST_IDS)
        # What shares the last millisecond stays on the page: the next one begins strictly after it.
        while 0 < size < len(rows) and rows[size][0] == rows[size - 1][0]:
            size += 1
        page, is_last = rows[:size], size >= len(rows)
        base = here(part, call, f"/rest/api/3/worklog/{name}")
        until = until_ms if is_last else page[-1][0]
        body: JsonObject = {
            "values": [{"worklogId": id_, "updatedTime": at_ms, "properties": []} for at_ms, id_ in page],
            "since": since,
            "until": max(until, since),
            "self": f"{base}?since={since}",
            "lastPage": is_last,
        }
        if not is_last:
            body["nextPage"] = f"{base}?since={until}"
        return Answer(200, body, rows=len(page))

    return feed


ROUTES: Final = (
    Route(Product.JIRA, "/rest/api/3/issue/{issue}/comment", asking("work", comments), Need.BROWSE),
    Route(
        Product.JIRA,
        "/rest/api/3/comment/list",
        asking("work", comment_list),
        Need.BROWSE,
        methods=("POST",),
    ),
    Route(Product.JIRA, "/rest/api/3/worklog/updated", asking("work", _feed("updated", _updated))),
    Route(Product.JIRA, "/rest/api/3/worklog/deleted", asking("work", _feed("deleted", _deleted))),
    Route(Product.JIRA, "/rest/api/3/worklog/list", asking("work", worklog_list), methods=("POST",)),
)
