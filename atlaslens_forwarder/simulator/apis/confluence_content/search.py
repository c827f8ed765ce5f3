"""``GET /wiki/rest/api/search``: content found by CQL, from an index that learns of versions late.

Of CQL it knows ``type``, ``space``, ``id``, ``creator``, ``created`` and ``lastmodified``, joined by ``and``,
and ``order by``.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, from_ms, iso_ms, to_ms
from atlaslens_forwarder.simulator.apis.confluence_content.part import ContentPart
from atlaslens_forwarder.simulator.apis.confluence_content.views import web_path
from atlaslens_forwarder.simulator.calls import Answer, Call, Product
from atlaslens_forwarder.simulator.refusals import bad_request
from atlaslens_forwarder.simulator.world.chance import Chance
from atlaslens_forwarder.simulator.world.content.items import Item, Status, Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site

_DEFAULT_LIMIT: Final = 25
_MAX_LIMIT: Final = 250
_CLAUSE: Final = re.compile(
    r"\s*(\w+)\s*(>=|<=|!=|=|>|<|\bnot\s+in\b|\bin\b)\s*(\([^)]*\)|now\(.*?\)|\"[^\"]*\"|[\w-]+)\s*",
    re.IGNORECASE,
)
_ORDER: Final = re.compile(r"\border\s+by\s+(\w+)(?:\s+(asc|desc))?\s*$", re.IGNORECASE)
_NOW: Final = re.compile(r"now\(\s*(?:\"([+-]?\d+)([yMwdhm])\")?\s*\)")
_FORMS: Final = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_UNIT_MS: Final = {
    "y": 365 * DAY_MS,
    "M": 30 * DAY_MS,
    "w": 7 * DAY_MS,
    "d": DAY_MS,
    "h": HOUR_MS,
    "m": MINUTE_MS,
}
_COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left < right + MINUTE_MS,
    ">": lambda left, right: left >= right + MINUTE_MS,
    "<": lambda left, right: left < right,
    "=": lambda left, right: right <= left < right + MINUTE_MS,
}
"""Times have the precision of a minute."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """An item as the index knows it."""

    item: Item
    version: Version

    def texts(self, field: str) -> frozenset[str] | None:
        """What the field of a clause holds; None for an unknown field."""
        item = self.item
        known = {
            "type": {"comment" if item.kind.is_comment else item.kind.value},
            "space": {item.space.key},
            "id": {str(item.id)},
            "creator": {item.author.account_id},
        }
        return frozenset(known[field]) if field in known else None

    def time_ms(self, field: str) -> int | None:
        """A time of a clause; None for an unknown field."""
        return {"lastmodified": self.version.at_ms, "created": self.item.created_at_ms}.get(field)


def _indexed(site: Site, item: Item) -> _Hit | None:
    """The newest version that the index has learnt of."""
    now_ms, most_ms = site.now_ms(), site.faults.content_search_lag_s * SECOND_MS
    for version in reversed(item.versions):
        lag_ms = Chance(item.id, version.number).below(most_ms + 1)
        if version.at_ms + lag_ms <= now_ms:
            return _Hit(item, version)
    return None


def _moment_ms(site: Site, text: str) -> int:
    """A time of CQL: relative to now, or in the caller's zone; both cut to the minute.

    Raises:
        ValueError: it is neither.
    """
    found = _NOW.fullmatch(text)
    if found is not None:
        shift_ms = int(found[1] or 0) * _UNIT_MS[found[2] or "m"]
        return (site.now_ms() + shift_ms) // MINUTE_MS * MINUTE_MS
    for form in _FORMS:
        try:
            moment = datetime.strptime(text.strip('"'), form)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        return to_ms(moment.replace(tzinfo=ZoneInfo(site.faults.time_zone)))
    raise ValueError(text)


def _clause(site: Site, field: str, sign: str, value: str) -> Callable[[_Hit], bool]:
    if field in {"lastmodified", "created"}:
        compare, bound_ms = _COMPARE[sign], _moment_ms(site, value)
        return lambda hit: compare(hit.time_ms(field) or 0, bound_ms)
    wanted = frozenset(word.strip().strip('"') for word in value.strip("()").split(","))
    if field not in {"type", "space", "id", "creator"} or sign not in {"=", "!=", "in", "not in"}:
        raise ValueError(field)
    is_wanted = sign in {"=", "in"}
    return lambda hit: bool(wanted & (hit.texts(field) or frozenset())) is is_wanted


def _parsed(site: Site, cql: str) -> tuple[list[Callable[[_Hit], bool]], str, bool]:
    """Conditions, the field to order by and whether the order falls.

    Raises:
        ValueError: the query cannot be read.
    """
    order = _ORDER.search(cql)
    field, is_falling = "id", False
    if order is not None:
        cql, field = cql[: order.start()], order[1].lower()
        is_falling = (order[2] or "asc").lower() == "desc"
        if field not in {"lastmodified", "created", "id"}:
            raise ValueError(field)
    conditions = []
    for text in re.split(r"\band\b", cql, flags=re.IGNORECASE):
        found = _CLAUSE.fullmatch(text)
        if found is None:
            raise ValueError(text)
        sign = " ".join(found[2].lower().split())
        conditions.append(_clause(site, found[1].lower(), sign, found[3]))
    return conditions, field, is_falling


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor.removeprefix("_f_").removesuffix("_sa_"), validate=True))
    except (binascii.Error, ValueError):
        return -1


def get_results(site: Site, call: Call) -> Answer:
    """A page of hits; the query is asked anew for every page, so what moves meanwhile shifts the pages."""
    text = call.query.get("limit", str(_DEFAULT_LIMIT))
    if not text.isdecimal() or int(text) > _MAX_LIMIT:
        return Answer(404, "", content_type="text/plain")
    limit, offset, cql = int(text), _offset(call.query.get("cursor", "")), call.query.get("cql", "")
    try:
        conditions, field, is_falling = _parsed(site, cql)
    except (ValueError, KeyError):
        return bad_request(Product.CONFLUENCE, f"Could not parse cql : {cql}")
    if offset < 0:
        return bad_request(Product.CONFLUENCE, "The cursor cannot be read.")
    part = site.part(ContentPart)
    part.page_asked()
    living = (Status.CURRENT, Status.ARCHIVED)
    known = [
        hit
        for item in part.library.items.values()
        if call.caller.is_known and item.is_listed and item.status in living
        if (hit := _indexed(site, item)) is not None
    ]
    hits = [hit for hit in known if all(condition(hit) for condition in conditions)]
    hits.sort(key=lambda hit: (hit.time_ms(field) or 0, hit.item.id), reverse=is_falling)
    links: JsonObject = {"base": f"{site.url}/wiki", "context": "/wiki"}
    links["self"] = f"{site.url}/wiki/rest/api/search?{urlencode({'cql': cql})}"
    if len(hits) > offset + limit:
        cursor = f"_f_{base64.b64encode(str(offset + limit).encode()).decode()}_sa_"
        links["next"] = f"/rest/api/search?{urlencode({'cql': cql, 'limit': limit, 'cursor': cursor})}"
    results: list[JsonValue] = [_written(hit) for hit in hits[offset : offset + limit]]
    body: JsonObject = {
        "results": results,
        "start": offset,
        "limit": limit,
        "size": len(results),
        "totalSize": len(hits),
        "cqlQuery": cql,
        "searchDuration": 21,
        "_links": links,
    }
    return Answer(200, body, rows=len(results))


def _written(hit: _Hit) -> JsonObject:
    item, version = hit.item, hit.version
    path = web_path(item)
    content: JsonObject = {
        "id": str(item.id),
        "type": "comment" if item.kind.is_comment else item.kind.value,
        "status": item.status.value,
        "title": version.title,
        "_links": {"webui": path},
    }
    # The index keeps whole seconds.
    last_ms = version.at_ms // SECOND_MS * SECOND_MS
    return {
        "content": content,
        "title": version.title,
        "excerpt": "",
        "url": path,
        "breadcrumbs": [],
        "resultGlobalContainer": {"title": item.space.name, "displayUrl": f"/spaces/{item.space.key}"},
        "entityType": "content",
        "iconCssClass": f"aui-icon content-type-{item.kind}",
        "lastModified": iso_ms(last_ms),
        "friendlyLastModified": from_ms(last_ms).strftime("%b %d, %Y"),
        "score": 0.0,
    }
