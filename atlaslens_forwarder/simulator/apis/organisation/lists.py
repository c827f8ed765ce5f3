"""Pages of the organisation's events: the stream by time of processing, the list by time of the deed."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.organisation.part import OrganisationPart
from atlaslens_forwarder.simulator.calls import Answer, Call, Product
from atlaslens_forwarder.simulator.refusals import bad_request

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.site import Site

_STREAM_MOST: Final = 500
_STREAM_USUAL: Final = 200
_LIST_MOST: Final = 100
_LIST_USUAL: Final = 25


def get_stream(site: Site, call: Call) -> Answer:
    """A page of the stream: a window on the time of processing, or what follows a cursor."""
    part = site.part(OrganisationPart)
    part.page_asked()
    try:
        place = _place(call)
        size = _size(site, call, _STREAM_USUAL, _STREAM_MOST)
    except ValueError as error:
        return bad_request(Product.ORGANISATION, str(error))
    descends = place["order"] == "desc"
    found = [
        event for event in part.organisation.processed(site.now_ms()) if _within(event.processed_ms, place)
    ]
    found.sort(key=lambda event: (event.processed_ms, event.number), reverse=descends)
    after = _after(place)
    if after is not None:
        found = [
            event
            for event in found
            if (event.processed_ms, event.number) != after
            and ((event.processed_ms, event.number) < after) is descends
        ]
    page = found[:size]
    if page:
        place = {**place, "after": [page[-1].processed_ms, page[-1].number]}
    more = len(found) > size
    token = "" if site.faults.organisation_no_last_cursor and not more else _token(place)
    return _page(site, call, [part.body(event) for event in page], token, size)


def get_events(site: Site, call: Call) -> Answer:
    """A page of the list: a window on the time of the deed, newest first, filters; no cursor at its end."""
    part = site.part(OrganisationPart)
    part.page_asked()
    try:
        place = _place(call)
        size = _size(site, call, _LIST_USUAL, _LIST_MOST)
    except ValueError as error:
        return bad_request(Product.ORGANISATION, str(error))
    wanted = {
        name: set(call.lists[f"{name}[]"] if f"{name}[]" in call.lists else call.lists.get(name, ()))
        for name in ("action", "actor", "ip")
    }
    found = [
        event
        for event in sorted(
            part.organisation.processed(site.now_ms()), key=lambda one: (one.at_ms, one.number), reverse=True
        )
        if _within(event.at_ms, place)
        and (not wanted["action"] or event.action in wanted["action"])
        and (not wanted["actor"] or (event.actor and event.actor.account_id in wanted["actor"]))
        and (not wanted["ip"] or event.address in wanted["ip"])
    ]
    after = _after(place)
    if after is not None:
        found = [event for event in found if (event.at_ms, event.number) < after]
    page = found[:size]
    token = _token({**place, "after": [page[-1].at_ms, page[-1].number]}) if len(found) > size else ""
    return _page(site, call, [part.body(event) for event in page], token, size)


def _page(site: Site, call: Call, rows: list[JsonObject], token: str, size: int) -> Answer:
    path = f"{site.url}/admin/v1/orgs/{call.names['organisation']}"
    meta: JsonObject = {"page_size": size}
    links: JsonObject = {"self": path}
    if token:
        meta["next"] = token
        links["next"] = f"{path}?cursor={token}"
    return Answer(200, {"data": [*rows], "meta": meta, "links": links}, rows=len(rows))


def _place(call: Call) -> JsonObject:
    """The window that is asked for, or the place that the cursor stands for."""
    cursor = call.query.get("cursor")
    if cursor:
        try:
            found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (ValueError, binascii.Error):
            found = None
        if not isinstance(found, dict) or "order" not in found:
            raise ValueError("The cursor is invalid.")
        return found
    order = call.query.get("sortOrder", "asc")
    if order not in {"asc", "desc"}:
        raise ValueError("sortOrder is asc or desc.")
    place: JsonObject = {"order": order}
    for name in ("from", "to"):
        if name in call.query:
            if not call.query[name].isdecimal():
                raise ValueError(f"{name} is no time in milliseconds.")
            place[name] = int(call.query[name])
    return place


def _after(place: JsonObject) -> tuple[int, int] | None:
    """The time and number of the last event that a cursor has behind it."""
    match place.get("after"):
        case [int() as at_ms, int() as number]:
            return at_ms, number
    return None


def _within(at_ms: int, place: JsonObject) -> bool:
    from_ms, to_ms = place.get("from"), place.get("to")
    is_before = isinstance(from_ms, int) and at_ms < from_ms
    return not is_before and not (isinstance(to_ms, int) and at_ms > to_ms)


def _size(site: Site, call: Call, usual: int, most: int) -> int:
    text = call.query.get("limit", str(usual))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise ValueError(f"limit is between 1 and {most}.")
    return min(int(text), site.faults.page_limit or most)


def _token(place: JsonObject) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
