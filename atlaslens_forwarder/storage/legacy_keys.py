"""Which legacy user key belongs to which account, learned from stored audit events that state both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import EVENTS_ALIAS

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

_PAGE: Final = 1000
_LENIENT: Final = {"ignore_unavailable": "true", "allow_no_indices": "true"}


async def legacy_keys(client: AsyncOpenSearch, cloud_id: str, since_ms: int) -> set[tuple[str, str]]:
    """Pairs of account id and legacy key in events of a site that were stored at or after ``since_ms``.

    Raises:
        StoreError: the store cannot be searched.
    """
    filters: list[dict[str, Any]] = [
        {"term": {"organization.id": cloud_id}},
        {"exists": {"field": "atlassian.author_key"}},
        {"range": {"event.ingested": {"gte": iso_ms(since_ms)}}},
    ]
    sources = [
        {"account": {"terms": {"field": "user.id"}}},
        {"key": {"terms": {"field": "atlassian.author_key"}}},
    ]
    composite: dict[str, Any] = {"size": _PAGE, "sources": sources}
    found: set[tuple[str, str]] = set()
    with store_errors("learn legacy keys"):
        await client.indices.refresh(index=EVENTS_ALIAS, params=_LENIENT)
        while True:
            body = {
                "size": 0,
                "query": {"bool": {"filter": filters}},
                "aggs": {"pairs": {"composite": composite}},
            }
            answer = await client.search(index=EVENTS_ALIAS, body=body, params=_LENIENT)
            pairs = answer.get("aggregations", {}).get("pairs", {})
            buckets = pairs.get("buckets", [])
            found |= {
                (bucket["key"]["account"], bucket["key"]["key"])
                for bucket in buckets
                if bucket["key"]["account"] != bucket["key"]["key"]
            }
            if len(buckets) < _PAGE or "after_key" not in pairs:
                return found
            composite["after"] = pairs["after_key"]
