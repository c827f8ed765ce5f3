"""Pages by number, pages by token, and the rights and refusals that all routes of this package share."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
from atlaslens_forwarder.simulator.calls import Answer, Call, Caller, Product
from atlaslens_forwarder.simulator.refusals import ANONYMOUS_HEADER, bad_request, missing_scope, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.activity_faults import Right
    from atlaslens_forwarder.simulator.site import Site

BAD_PAYLOAD: Final = "Invalid request payload. Refer to the REST API documentation and try again."
NO_ISSUE: Final = "Issue does not exist or you do not have permission to see it."
_NO_PEOPLE: Final = "Browse users and groups permission is required to view groups."


class BadRequestError(Exception):
    """A request the API answers with 400 and this message."""


def asking(right: Right, handle: Callable[[JiraPart, Call], Answer]) -> Callable[[Site, Call], Answer]:
    """A handler that demands a right, counts its pages and turns bad requests into answers."""

    def answer(site: Site, call: Call) -> Answer:
        part = site.part(JiraPart)
        if call.caller.is_known:
            refused = _refuse(site, call, right)
            if refused is not None:
                return refused
            site.count_page()
        part.refresh()
        try:
            made = handle(part, call)
        except BadRequestError as error:
            return bad_request(Product.JSM if right == "service-desk" else Product.JIRA, str(error))
        if call.caller is Caller.REJECTED:
            return Answer(made.status, made.body, ANONYMOUS_HEADER, made.content_type, made.rows)
        return made

    return answer


def _refuse(site: Site, call: Call, right: Right) -> Answer | None:
    if right not in site.faults.missing_rights:
        return None
    if call.at_gateway:
        return missing_scope()
    if right == "people":
        return refusal(Product.JIRA, 403, _NO_PEOPLE)
    # Without an agent's licence the desk answers an empty 403; without "browse projects" searches are empty.
    return Answer(403, "") if right == "service-desk" else None


def sees_work(part: JiraPart, call: Call) -> bool:
    """Whether this caller may see any issue at all."""
    return call.caller.is_known and "work" not in part.site.faults.missing_rights


def no_issue() -> Answer:
    """404 of an issue that is not there, or not for this caller."""
    return refusal(Product.JIRA, 404, NO_ISSUE)


def whole(values: Mapping[str, object], name: str, default: int, *, least: int = 0) -> int:
    """A whole number among the parameters.

    Raises:
        BadRequestError: it is none, or too small.
    """
    value = values.get(name, default)
    try:
        number = int(value) if isinstance(value, int | str) else least - 1
    except ValueError:
        number = least - 1
    if number < least:
        raise BadRequestError(f"The value of the parameter '{name}' is invalid.")
    return number


def fields_of(body: JsonValue, known: frozenset[str]) -> JsonObject:
    """The body of a POST.

    Raises:
        BadRequestError: it is no object, or has a field that the API does not know.
    """
    if not isinstance(body, dict) or not known.issuperset(body):
        raise BadRequestError(BAD_PAYLOAD)
    return body


def texts(value: JsonValue) -> list[str]:
    """Texts, or numbers as texts, in a list.

    Raises:
        BadRequestError: something else.
    """
    if not isinstance(value, list) or any(
        isinstance(one, bool | dict | list) or one is None for one in value
    ):
        raise BadRequestError(BAD_PAYLOAD)
    return [str(one) for one in value]


def capped(part: JiraPart, wanted: int, most: int) -> int:
    """How many rows a page holds."""
    return min(wanted, most, part.site.faults.page_limit or most)


def here(part: JiraPart, call: Call, path: str) -> str:
    """The address of a path at the door by which the caller came in."""
    return (
        f"{part.site.url}/ex/jira/{part.site.cloud_id}{path}" if call.at_gateway else f"{part.site.url}{path}"
    )


def numbered(
    part: JiraPart, call: Call, path: str, values: Sequence[JsonValue], *, usual: int, most: int
) -> JsonObject:
    """A page of ``startAt`` and ``maxResults`` with its links."""
    start = whole(call.query, "startAt", 0)
    size = capped(part, whole(call.query, "maxResults", usual, least=1), most)
    kept = [
        (name, value)
        for name, several in call.lists.items()
        for value in several
        if name not in {"startAt", "maxResults"}
    ]

    def link(at: int) -> str:
        query = urlencode([*kept, ("startAt", str(at)), ("maxResults", str(size))])
        return f"{here(part, call, path)}?{query}"

    body: JsonObject = {
        "self": link(start),
        "maxResults": size,
        "startAt": start,
        "total": len(values),
        "isLast": start + size >= len(values),
        "values": [*values[start : start + size]],
    }
    if start + size < len(values):
        body["nextPage"] = link(start + size)
    return body


def token_of(content: JsonObject) -> str:
    """An opaque page token."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def content_of(token: str, names: Iterable[str]) -> JsonObject:
    """What a page token says.

    Raises:
        BadRequestError: it is none of ours.
    """
    try:
        content = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
    except (ValueError, binascii.Error):
        content = None
    if not isinstance(content, dict) or set(content) != set(names):
        raise BadRequestError("The provided next page token is invalid.")
    return content
