"""``GET /wiki/rest/api/audit`` and its siblings of the Confluence Cloud REST API v1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from atlaslens_forwarder.simulator.calls import Answer, Api, Call, Need, Product, Route, RowSource
from atlaslens_forwarder.simulator.refusals import ANONYMOUS_HEADER, bad_request
from atlaslens_forwarder.simulator.world.confluence_rows import write_record
from atlaslens_forwarder.simulator.world.spec import CONFLUENCE_AUDIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.feed import Slot

MAX_RECORDS: Final = 1000
_SCAN_CHUNK: Final = 1000
_SURPLUS: Final = 35
_UNIT_MS: Final = {
    "NANOS": 1e-6,
    "MICROS": 1e-3,
    "MILLIS": 1,
    "SECONDS": SECOND_MS,
    "MINUTES": MINUTE_MS,
    "HOURS": HOUR_MS,
    "HALF_DAYS": 12 * HOUR_MS,
    "DAYS": DAY_MS,
    "WEEKS": 7 * DAY_MS,
    "MONTHS": 30 * DAY_MS,
    "YEARS": 365 * DAY_MS,
    "DECADES": 3650 * DAY_MS,
    "CENTURIES": 36500 * DAY_MS,
}


def _matches(row: JsonObject, wanted: str) -> bool:
    return wanted in json.dumps(row, ensure_ascii=False).lower()


def _found(site: Site, bounds: tuple[int | None, int | None], wanted: str) -> Iterator[JsonObject]:
    feed, now_ms, offset = site.feed(CONFLUENCE_AUDIT), site.now_ms(), 0
    while slots := feed.page(*bounds, now_ms, offset, _SCAN_CHUNK):
        offset += len(slots)
        rows = (site.row(CONFLUENCE_AUDIT, slot) for slot in slots)
        yield from (row for row in rows if _matches(row, wanted))


def _page(
    site: Site, call: Call, path: str, bounds: tuple[int | None, int | None], kept: dict[str, str]
) -> Answer:
    """A page; ``next`` is a path without ``/wiki``, to be joined to ``base``."""
    try:
        start, limit = max(int(call.query.get("start", 0)), 0), int(call.query.get("limit", MAX_RECORDS))
    except ValueError:
        return bad_request(Product.CONFLUENCE, "start and limit must be whole numbers")
    if limit <= 0 or limit > MAX_RECORDS:
        limit = MAX_RECORDS
    if site.faults.page_limit:
        limit = min(limit, site.faults.page_limit)
    here = {**kept, "start": str(start), "limit": str(limit)}
    links: JsonObject = {
        "base": f"{site.url}/wiki",
        "context": "/wiki",
        "self": f"{site.url}/wiki{path}?{urlencode(here)}",
    }
    if not call.caller.is_known:
        empty: JsonObject = {"results": [], "start": start, "limit": limit, "size": 0, "_links": links}
        return Answer(200, empty, ANONYMOUS_HEADER)
    wanted = call.query.get("searchString", "").lower()
    results: list[JsonValue]
    if wanted:
        everything = list(_found(site, bounds, wanted))
        results, has_more = [*everything[start : start + limit]], len(everything) > start + limit
    else:
        # One more than asked tells whether there is a next page.
        slots = site.feed(CONFLUENCE_AUDIT).page(*bounds, site.now_ms(), start, limit + 1)
        results = [site.row(CONFLUENCE_AUDIT, slot) for slot in slots[:limit]]
        has_more = len(slots) > limit
    if has_more:
        links["next"] = f"{path}?{urlencode({**here, 'start': str(start + limit)})}"
    size = len(results)
    if site.faults.lying_size:
        size = size + _SURPLUS if call.coin() else 0
    body: JsonObject = {"results": results, "start": start, "limit": limit, "size": size, "_links": links}
    return Answer(200, body, rows=len(results))


def _kept(call: Call, *names: str) -> dict[str, str]:
    return {name: call.query[name] for name in (*names, "searchString") if name in call.query}


def get_records(site: Site, call: Call) -> Answer:
    """Records between ``startDate`` and ``endDate``, epoch milliseconds, both inclusive, newest first."""
    try:
        bounds = tuple(
            int(call.query[name]) if name in call.query else None for name in ("startDate", "endDate")
        )
    except ValueError:
        return bad_request(Product.CONFLUENCE, "startDate and endDate must be epoch milliseconds")
    return _page(site, call, "/rest/api/audit", (bounds[0], bounds[1]), _kept(call, "startDate", "endDate"))


def get_records_since(site: Site, call: Call) -> Answer:
    """Records of the last so many units; months count as 30 days here."""
    unit_ms = _UNIT_MS.get(call.query.get("units", "MONTHS"))
    try:
        number = int(call.query.get("number", 3))
    except ValueError:
        number = -1
    if unit_ms is None or number < 0:
        return bad_request(Product.CONFLUENCE, "number and units do not name a period")
    from_ms = site.now_ms() - int(number * unit_ms)
    return _page(site, call, "/rest/api/audit/since", (from_ms, None), _kept(call, "number", "units"))


def get_retention(site: Site, call: Call) -> Answer:
    """How long records are kept; the simulator drops none."""
    del site, call
    return Answer(200, {"number": 1, "units": "YEARS"})


def _key(seed: int, slot: Slot) -> str:
    del seed
    return f"row-{slot.serial}"


def _spoil(row: JsonObject, poison: int) -> JsonObject:
    if poison == 1:
        return row | {"creationDate": "yesterday"}
    if poison == 2:  # noqa: PLR2004 - ways to be unreadable are numbered
        return row | {"author": "System", "changedValues": None, "affectedObject": []}
    return {name: value for name, value in row.items() if name != "creationDate"}


API: Final = Api(
    routes=(
        Route(Product.CONFLUENCE, "/wiki/rest/api/audit", get_records, Need.ADMIN, CONFLUENCE_AUDIT),
        Route(
            Product.CONFLUENCE, "/wiki/rest/api/audit/since", get_records_since, Need.ADMIN, CONFLUENCE_AUDIT
        ),
        Route(Product.CONFLUENCE, "/wiki/rest/api/audit/retention", get_retention, Need.ADMIN),
    ),
    source=RowSource(CONFLUENCE_AUDIT, write_record, _key, _spoil),
)
