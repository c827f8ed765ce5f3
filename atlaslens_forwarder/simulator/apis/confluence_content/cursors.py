"""Opaque cursors, pages and links of the Confluence REST API v2.

A cursor names the last row of a page and the order; what comes after it is the next page, so a row that moves
to the front while somebody pages is not met again. ``next`` is a path with ``/wiki``, as is ``base``.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from urllib.parse import urlencode

from atlaslens_forwarder.simulator.calls import Answer, Product
from atlaslens_forwarder.simulator.refusals import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.calls import Call
    from atlaslens_forwarder.simulator.site import Site

R = TypeVar("R")

DEFAULT_LIMIT: Final = 25
MAX_LIMIT: Final = 250
# Written as "fn5+" in base64: a cursor that is decoded once too often loses its plus sign.
_MARK: Final = b"~~~"
_BAD_CURSOR: Final = "Provided value for 'cursor' is not the correct type. Expected type is Cursor."


class BadParameterError(ValueError):
    """A query parameter that cannot be served; the text is the title of the answer."""


@dataclass(frozen=True, slots=True)
class Orders(Generic[R]):
    """The orders a list can be asked in, each by the value it goes by; ids part equal values."""

    by: Mapping[str, Callable[[R], int | str]]
    default: str
    id_of: Callable[[R], int]
    """Ids are whole numbers, written as text in answers."""


def _encoded(order: str, value: int | str, row_id: int) -> str:
    content = {"id": str(row_id), "contentOrder": order, "contentOrderValue": value}
    return base64.b64encode(_MARK + json.dumps(content).encode()).decode()


def _decoded(text: str, order: str) -> tuple[int | str, int]:
    """Value and id of the last row.

    Raises:
        BadParameterError: it is no cursor, or one of another order.
    """
    try:
        raw = base64.b64decode(text, validate=True)
        content = json.loads(raw.removeprefix(_MARK))
        value, row_id, told = content["contentOrderValue"], int(content["id"]), content["contentOrder"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise BadParameterError(_BAD_CURSOR) from None
    if not raw.startswith(_MARK) or told != order:
        raise BadParameterError(_BAD_CURSOR)
    return value, row_id


def limit_of(site: Site, call: Call) -> int:
    """How many rows a page holds: what is asked for, at most 250, lowered by the switch ``page_limit``.

    Raises:
        BadParameterError: the limit is no number from 1 to 250.
    """
    text = call.query.get("limit", str(DEFAULT_LIMIT))
    if not text.isdecimal() or not 1 <= int(text) <= MAX_LIMIT:
        raise BadParameterError("Provided value for 'limit' is not within the accepted range of 1 to 250.")
    return min(int(text), site.faults.page_limit or MAX_LIMIT)


def ids_of(call: Call, name: str, most: int) -> frozenset[int] | None:
    """The ids given in a parameter, repeated or with commas; None where it is not given.

    Raises:
        BadParameterError: there are too many, or one is no number.
    """
    texts = words_of(call, name)
    if texts is None:
        return None
    if len(texts) > most or not all(text.isdecimal() for text in texts):
        raise BadParameterError(f"Provided value for '{name}' is not a list of at most {most} ids.")
    return frozenset(int(text) for text in texts)


def words_of(call: Call, name: str) -> frozenset[str] | None:
    """The words given in a parameter, repeated or with commas; None where it is not given."""
    given = call.lists.get(name)
    if given is None:
        return None
    return frozenset(word for text in given for word in text.split(",") if word)


def page(
    site: Site,
    call: Call,
    path: str,
    rows: Iterable[R],
    *,
    orders: Orders[R],
    write: Callable[[R], JsonObject],
) -> Answer:
    """One page of a list, with ``_links.next`` and the ``Link`` header where more follow.

    Raises:
        BadParameterError: a parameter cannot be served.
    """
    order = call.query.get("sort", orders.default)
    value_of = orders.by.get(order.removeprefix("-"))
    if value_of is None:
        raise BadParameterError(f"Provided value for 'sort' is not one of {', '.join(orders.by)}.")
    is_falling, limit = order.startswith("-"), limit_of(site, call)

    def place(row: R) -> tuple[int | str, int]:
        return value_of(row), orders.id_of(row)

    ordered = sorted(rows, key=place, reverse=is_falling)
    if "cursor" in call.query:
        last = _decoded(call.query["cursor"], order)
        try:
            ordered = [row for row in ordered if (place(row) < last if is_falling else place(row) > last)]
        except TypeError:
            raise BadParameterError(_BAD_CURSOR) from None
    shown = ordered[:limit]
    links: JsonObject = {"base": f"{site.url}/wiki"}
    headers: dict[str, str] = {}
    if len(ordered) > limit:
        kept = [(name, value) for name, values in call.lists.items() if name != "cursor" for value in values]
        following = f"{path}?{urlencode([*kept, ('cursor', _encoded(order, *place(shown[-1])))])}"
        links["next"] = following
        headers["Link"] = f'<{following}>; rel="next"'
    results: list[JsonValue] = [write(row) for row in shown]
    return Answer(200, {"results": results, "_links": links}, headers, rows=len(results))


def refused(error: BadParameterError) -> Answer:
    """400 with the reason."""
    return bad_request(Product.CONFLUENCE_V2, str(error))
