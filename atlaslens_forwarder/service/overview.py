"""Everything ``status`` tells, gathered from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.model.time import DAY_MS, SECOND_MS, parse_iso_ms
from atlaslens_forwarder.service.account_rights import account_problems
from atlaslens_forwarder.service.coverage import remembered
from atlaslens_forwarder.service.gap_report import open_gaps
from atlaslens_forwarder.service.health import KIND as HEALTH_KIND
from atlaslens_forwarder.service.holders import holders
from atlaslens_forwarder.service.requests import Requests
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import EVENTS_ALIAS, PREFIX, Family
from atlaslens_forwarder.storage.seal_store import current_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.store import Store

_SUMS = ("rows", "events", "stored", "repeat", "conflict", "quarantined", "skipped_retention", "late")
_LENIENT = {"ignore_unavailable": "true", "allow_no_indices": "true"}


async def overview(store: Store, retention_days: int, clock: Callable[[], int]) -> JsonObject:
    """Store, sources, gaps, ledger sums and quarantine as one JSON object.

    Raises:
        StoreError: OpenSearch is not set up, or failed.
        UnreachableError: OpenSearch does not answer.
    """
    now = clock()
    requests = Requests(store.client, store.state, clock)
    healths: JsonObject = {doc.connector: doc.value for doc in await store.state.list(HEALTH_KIND)}
    quarantined: dict[str, int] = {}
    async for kept in store.quarantine.open_rows():
        quarantined[kept.reason] = quarantined.get(kept.reason, 0) + 1
    missing = await store.holds.missing()
    return {
        "now_ms": now,
        "store": {
            "cluster": store.cluster.name,
            "version": store.cluster.version,
            "append_only": store.cluster.append_only,
            "retention": "ism" if store.plugins.index_management else "forwarder",
            "events": await _count(store, EVENTS_ALIAS),
            "accounts": [*await account_problems(store, now)],
        },
        "runs": [*await requests.active_runs()],
        "leases": await holders(store.state, now),
        "progress": await requests.progress_of_runs(),
        "sources": healths,
        "coverage": await remembered(
            store.state,
            now - retention_days * DAY_MS,
            now,
            now,
            retention_ms=retention_days * DAY_MS,
        ),
        "gaps": (await open_gaps(store.state, now)).to_json(),
        "ledger": await _ledger(store),
        "holds": [
            {**hold.to_json(), "missing": [*missing.get(hold.number, ())]}
            for hold in await store.holds.active()
        ],
        "seals": await _last_seal(store, now),
        "quarantine": {"open": sum(quarantined.values()), "reasons": {**quarantined}},
    }


async def _last_seal(store: Store, now_ms: int) -> JsonObject | None:
    """The newest seal and its age; None where there is none."""
    try:
        head = await current_head(store.reader)
    except EvidenceError as error:
        return {"error": error.message}
    if head is None:
        return None
    age_s = (now_ms - parse_iso_ms(head.created)) // SECOND_MS
    return {"number": head.number, "hash": head.hash, "created": head.created, "age_s": age_s}


async def _count(store: Store, index: str) -> int:
    with store_errors("count events"):
        await store.reader.indices.refresh(index=f"{PREFIX}-*", params=_LENIENT)
        answer = await store.reader.count(index=index, params=_LENIENT)
    return int(answer["count"])


async def _ledger(store: Store) -> JsonObject:
    """Sums of the window ledger per connector, and how many windows failed."""
    sums: dict[str, Any] = {name: {"sum": {"field": f"window.{name}"}} for name in _SUMS}
    sums["failed"] = {"filter": {"term": {"window.covered": False}}}
    body = {
        "size": 0,
        "aggs": {"connectors": {"terms": {"field": "window.connector", "size": 1000}, "aggs": sums}},
    }
    with store_errors("read the window ledger"):
        answer = await store.reader.search(
            index=f"{PREFIX}-{Family.WINDOWS.value}-*", body=body, params=_LENIENT
        )
    buckets = answer.get("aggregations", {}).get("connectors", {}).get("buckets", [])
    return {
        bucket["key"]: {
            "windows": bucket["doc_count"],
            "windows_failed": bucket["failed"]["doc_count"],
            **{name: int(bucket[name]["value"]) for name in _SUMS},
        }
        for bucket in buckets
    }
