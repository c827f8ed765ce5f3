"""``GET /rest/api/3/auditing/record`` of the Jira Cloud platform REST API v3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.simulator.calls import Answer, Api, Call, Need, Product, Route, RowSource
from atlaslens_forwarder.simulator.refusals import ANONYMOUS_HEADER, bad_request
from atlaslens_forwarder.simulator.world.jira_rows import record_id, write_record
from atlaslens_forwarder.simulator.world.spec import JIRA_AUDIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.feed import Slot

MAX_RECORDS: Final = 1000
_SCAN_CHUNK: Final = 1000
_SURPLUS: Final = 137


def _time(text: str | None) -> int | None:
    """Epoch milliseconds of a bound; a time without a zone counts as UTC (unverified at the real service)."""
    if text is None:
        return None
    try:
        return parse_iso_ms(text)
    except ValueError:
        return parse_iso_ms(f"{text}Z")


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    return int(query.get(name, default))


def _texts(row: JsonObject) -> Iterator[str]:
    """The fields ``filter`` looks at."""
    for name in ("summary", "category", "eventSource", "remoteAddress"):
        yield str(row.get(name, ""))
    thing = row.get("objectItem")
    if isinstance(thing, dict):
        yield from (str(thing.get(name, "")) for name in ("name", "parentName", "typeName"))
    changes = row.get("changedValues")
    for change in changes if isinstance(changes, list) else ():
        if isinstance(change, dict):
            yield from (str(change.get("changedFrom", "")), str(change.get("changedTo", "")))


def _matches(row: JsonObject, words: list[str]) -> bool:
    text = "\n".join(_texts(row)).lower()
    return all(word in text for word in words)


def _filtered(site: Site, bounds: tuple[int | None, int | None], words: list[str]) -> Iterator[JsonObject]:
    feed, now_ms, offset = site.feed(JIRA_AUDIT), site.now_ms(), 0
    while slots := feed.page(*bounds, now_ms, offset, _SCAN_CHUNK):
        offset += len(slots)
        rows = (site.row(JIRA_AUDIT, slot) for slot in slots)
        yield from (row for row in rows if _matches(row, words))


def get_records(site: Site, call: Call) -> Answer:
    """A page of records, newest first; ``total`` ignores ``filter``."""
    query = call.query
    try:
        offset, limit = _whole(query, "offset", 0), _whole(query, "limit", MAX_RECORDS)
        from_ms, to_ms = _time(query.get("from")), _time(query.get("to"))
    except ValueError:
        return bad_request(Product.JIRA, "A query parameter has an invalid value.")
    if limit <= 0 or limit > MAX_RECORDS:
        limit = MAX_RECORDS
    if site.faults.page_limit:
        limit = min(limit, site.faults.page_limit)
    offset = max(offset, 0)
    if not call.caller.is_known:
        empty: JsonObject = {"offset": offset, "limit": limit, "total": 0, "records": []}
        return Answer(200, empty, ANONYMOUS_HEADER)
    records: list[JsonValue] = []
    total = 0
    if from_ms is None or to_ms is None or from_ms < to_ms:
        feed, now_ms = site.feed(JIRA_AUDIT), site.now_ms()
        total = feed.count(from_ms, to_ms, now_ms)
        words = query.get("filter", "").lower().split()
        if words:
            matching = list(_filtered(site, (from_ms, to_ms), words))
            records = [*matching[offset : offset + limit]]
        else:
            records = [
                site.row(JIRA_AUDIT, slot) for slot in feed.page(from_ms, to_ms, now_ms, offset, limit)
            ]
    if site.faults.lying_total:
        total = total + _SURPLUS if call.coin() else total // 2
    body: JsonObject = {"offset": offset, "limit": limit, "total": total, "records": records}
    return Answer(200, body, rows=len(records))


def _key(seed: int, slot: Slot) -> str:
    return str(record_id(seed, slot.serial))


def _spoil(row: JsonObject, poison: int) -> JsonObject:
    if poison == 1:
        return row | {"created": "24/Jan/26 8:48 AM"}
    if poison == 2:  # noqa: PLR2004 - ways to be unreadable are numbered
        return row | {"objectItem": ["PROJECT"], "changedValues": "none"}
    return {name: value for name, value in row.items() if name != "created"}


API: Final = Api(
    routes=(Route(Product.JIRA, "/rest/api/3/auditing/record", get_records, Need.ADMIN, JIRA_AUDIT),),
    source=RowSource(JIRA_AUDIT, write_record, _key, _spoil),
)
