"""Pages, filters and orders of Bitbucket's lists.

Lists with a known size are paged by number: what moves meanwhile shifts the pages. ``next`` is absolute.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from atlaslens_forwarder.model.json import JsonObject
from atlaslens_forwarder.simulator.calls import Answer, Call, Product
from atlaslens_forwarder.simulator.refusals import bad_request, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atlaslens_forwarder.model.json import JsonValue
    from atlaslens_forwarder.simulator.site import Site

Field = int | str
"""A value to filter and order by: text, a number, or a time in epoch microseconds."""

Row = tuple[Mapping[str, Field], JsonObject]
"""A row of a list, after the values it is filtered and ordered by."""

DEFAULT_LENGTH: Final = 10
MAX_LENGTH: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TERM: Final = re.compile(r"\s*([\w.]+)\s*(>=|<=|!=|!~|=|>|<|~)\s*(\"[^\"]*\"|\S+)\s*")
_SIGNS: Final[Mapping[str, Callable[[Field, Field], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
    "~": lambda left, right: str(right).lower() in str(left).lower(),
    "!~": lambda left, right: str(right).lower() not in str(left).lower(),
}


class BadRequestError(ValueError):
    """A parameter that cannot be served; the text goes into the answer."""


def time_us(at_us: int) -> str:
    """``2026-01-02T10:00:00.123456+00:00``."""
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat(timespec="microseconds")


def _parsed_us(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def length_of(site: Site, call: Call, default: int = DEFAULT_LENGTH, most: int = MAX_LENGTH) -> int:
    """How many rows a page holds, lowered by the switch ``page_limit``.

    Raises:
        BadRequestError: more is asked for than the list allows (BCLOUD-13229).
    """
    text = call.query.get("pagelen", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise BadRequestError("Invalid pagelen")
    return min(int(text), site.faults.page_limit or most)


def matcher(query: str, fields: Sequence[str]) -> Callable[[Mapping[str, Field]], bool]:
    """The condition of a ``q`` parameter: comparisons joined by ``AND``.

    Raises:
        BadRequestError: it cannot be read, or names a field that this list lacks. A ``+`` that was not
            escaped has become a space, and the time it was in cannot be read.
    """
    terms: list[tuple[str, Callable[[Field, Field], bool], Field]] = []
    for text in re.split(r"\s+AND\s+", query, flags=re.IGNORECASE) if query else ():
        found = _TERM.fullmatch(text)
        if found is None or found[1] not in fields:
            raise BadRequestError(f"Invalid query: {query}")
        value: Field = found[3].strip('"')
        if found[1].endswith("_on"):
            try:
                value = _parsed_us(str(value))
            except ValueError:
                raise BadRequestError(f"Invalid query: {query}") from None
        elif found[1] == "id":
            value = int(value) if str(value).isdecimal() else -1
        terms.append((found[1], _SIGNS[found[2]], value))
    return lambda row: all(sign(row[name], value) for name, sign, value in terms)


def ordered(rows: list[Row], order: str, fields: Sequence[str]) -> None:
    """Put rows into the order of a ``sort`` parameter; without one they stay.

    Raises:
        BadRequestError: the list has no such field.
    """
    name = order.removeprefix("-")
    if not name:
        return
    if name not in fields:
        raise BadRequestError(f"Invalid sort field: {name}")
    rows.sort(key=lambda row: row[0][name], reverse=order.startswith("-"))


def address(site: Site, path: str, parameters: Sequence[tuple[str, str]]) -> str:
    """An absolute URL of the API."""
    return f"{site.url}/2.0{path}?{urlencode(parameters)}"


def numbered(site: Site, call: Call, path: str, values: Sequence[JsonValue], length: int) -> Answer:
    """The page of the number asked for."""
    text = call.query.get("page", "1")
    number = int(text) if text.isdecimal() else 0
    start = (number - 1) * length
    if number < 1 or (start >= len(values) and number > 1):
        return refusal(Product.BITBUCKET, 404, "Invalid page")
    body: JsonObject = {
        "values": [*values[start : start + length]],
        "pagelen": length,
        "size": len(values),
        "page": number,
    }
    kept = [(name, value) for name, given in call.lists.items() if name != "page" for value in given]
    if start + length < len(values):
        body["next"] = address(site, path, [*kept, ("page", str(number + 1))])
    if number > 1:
        body["previous"] = address(site, path, [*kept, ("page", str(number - 1))])
    return Answer(200, body, rows=len(values[start : start + length]))


def refused(error: BadRequestError) -> Answer:
    """400 with the reason."""
    return bad_request(Product.BITBUCKET, str(error))


def listed(
    site: Site,
    call: Call,
    path: str,
    rows: list[Row],
    *,
    fields: Sequence[str],
    most: int = MAX_LENGTH,
) -> Answer:
    """A page of rows that ``q`` and ``sort`` apply to; each row comes with its fields.

    Raises:
        BadRequestError: a parameter cannot be served.
    """
    length, fits = length_of(site, call, most=most), matcher(call.query.get("q", ""), fields)
    kept = [row for row in rows if fits(row[0])]
    ordered(kept, call.query.get("sort", ""), fields)
    return numbered(site, call, path, [value for _, value in kept], length)
