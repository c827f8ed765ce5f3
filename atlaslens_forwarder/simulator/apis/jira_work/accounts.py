"""``/rest/api/3/users/search`` and ``/rest/api/3/user/bulk``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.jira_work import bodies
from atlaslens_forwarder.simulator.apis.jira_work.paging import (
    BadRequestError,
    asking,
    capped,
    numbered,
    whole,
)
from atlaslens_forwarder.simulator.calls import Answer, Call, Product, Route

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonValue
    from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart

_MOST: Final = 1000
_MOST_BULK: Final = 200
_HIDDEN_EVERY: Final = 5


def search(part: JiraPart, call: Call) -> Answer:
    """All accounts, inactive, app and customer ones too, as a bare list.

    With ``short_user_pages`` every fifth position is an account that the caller may not see; ``startAt``
    counts those too.
    """
    start = whole(call.query, "startAt", 0)
    size = capped(part, whole(call.query, "maxResults", 50), _MOST)
    slots: list[JsonValue] = []
    for person in part.site.world.people.everyone():
        if part.site.faults.short_user_pages and len(slots) % _HIDDEN_EVERY == 1:
            slots.append(None)
        slots.append(bodies.user(part, person))
    page: list[JsonValue] = [one for one in slots[start : start + size] if one is not None]
    return Answer(200, page, rows=len(page))


def bulk(part: JiraPart, call: Call) -> Answer:
    """Accounts by id, ten a page unless asked otherwise; unknown ids are left out.

    Raises:
        BadRequestError: no account id is given.
    """
    wanted = call.lists.get("accountId", ())
    if not wanted:
        raise BadRequestError("The accountId query parameter is required.")
    people = [part.site.world.people.of(one) for one in dict.fromkeys(wanted)]
    values: list[JsonValue] = [bodies.user(part, person) for person in people if person is not None]
    return Answer(200, numbered(part, call, "/rest/api/3/user/bulk", values, usual=10, most=_MOST_BULK))


ROUTES: Final = (
    Route(Product.JIRA, "/rest/api/3/users/search", asking("people", search)),
    Route(Product.JIRA, "/rest/api/3/user/bulk", asking("people", bulk)),
)
