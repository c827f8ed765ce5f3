"""What a security person asks first, as queries on the stored events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.model.time import from_ms, to_ms
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import EVENTS_ALIAS, OWN_PATTERN

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

TOP = 12


def last_quarter(now_ms: int) -> tuple[int, int]:
    """First millisecond of the last whole calendar quarter, and first one after it (UTC)."""
    now = from_ms(now_ms)
    this = datetime(now.year, 3 * ((now.month - 1) // 3) + 1, 1, tzinfo=UTC)
    before = (
        this.replace(year=this.year - 1, month=10) if this.month == 1 else this.replace(month=this.month - 3)
    )
    return to_ms(before), to_ms(this)


async def events_by_product(client: AsyncOpenSearch) -> dict[str, int]:
    """Number of events per product."""
    found = await _aggregate(
        client, {"match_all": {}}, {"products": {"terms": {"field": "atlassian.product"}}}
    )
    return {bucket["key"]: bucket["doc_count"] for bucket in found["products"]["buckets"]}


async def events_by_action(client: AsyncOpenSearch) -> list[tuple[str, str, int]]:
    """Product, action and number of the most frequent actions."""
    terms = [{"field": "atlassian.product"}, {"field": "event.action"}]
    found = await _aggregate(
        client, {"match_all": {}}, {"top": {"multi_terms": {"terms": terms, "size": TOP}}}
    )
    return [(*bucket["key"], bucket["doc_count"]) for bucket in found["top"]["buckets"]]


async def permission_changers(
    client: AsyncOpenSearch, start_ms: int, end_ms: int
) -> list[tuple[str, str, int, str]]:
    """Name, id, number of permission changes and the last such action of each person, most active first."""
    query = {
        "bool": {
            "filter": [
                {"term": {"atlassian.permission_change": True}},
                {"range": {"@timestamp": {"gte": start_ms, "lt": end_ms, "format": "epoch_millis"}}},
            ]
        }
    }
    newest = {"newest": {"max": {"field": "@timestamp"}}}

    def last(field: str) -> dict[str, Any]:
        # Jira names people by id only, so the last name stands elsewhere than in the last change.
        return {"terms": {"field": field, "size": 1, "order": {"newest": "desc"}}, "aggs": newest}

    parts = {"name": last("user.full_name"), "action": last("event.action")}
    people = {"terms": {"field": "user.id", "size": TOP, "missing": ""}, "aggs": parts}
    found = await _aggregate(client, query, {"people": people})
    rows = []
    for bucket in found["people"]["buckets"]:
        name, action = ([each["key"] for each in bucket[part]["buckets"]] for part in ("name", "action"))
        rows.append(("".join(name) or "–", bucket["key"] or "(system)", bucket["doc_count"], "".join(action)))
    return rows


async def last_deeds(client: AsyncOpenSearch, query: dict[str, Any]) -> tuple[int, list[tuple[str, ...]]]:
    """How many events a query finds, and time, product, action and message of the newest."""
    with store_errors("search events"):
        answer = await client.search(
            index=EVENTS_ALIAS,
            body={"size": TOP, "query": query, "sort": [{"@timestamp": "desc"}], "track_total_hits": True},
        )
    sources = [hit["_source"] for hit in answer["hits"]["hits"]]
    return answer["hits"]["total"]["value"], [
        (
            doc["@timestamp"][:16].replace("T", " "),
            doc["atlassian"]["product"],
            doc["event"]["action"],
            doc.get("message", ""),
        )
        for doc in sources
    ]


async def oddities(client: AsyncOpenSearch) -> dict[str, int]:
    """Things that a year of real work holds and that are easily lost or counted wrongly."""
    found = await _aggregate(
        client,
        {"match_all": {}},
        {
            "undated": {"filter": {"term": {"atlassian.undated": True}}},
            "by_address_only": {
                "filter": {
                    "bool": {
                        "filter": [{"exists": {"field": "atlassian.author.email_blind"}}],
                        "must_not": [{"exists": {"field": "atlassian.author.id"}}],
                    }
                }
            },
        },
    )
    return {name: bucket["doc_count"] for name, bucket in found.items()}


async def _aggregate(
    client: AsyncOpenSearch, query: dict[str, Any], aggregations: dict[str, Any]
) -> dict[str, Any]:
    with store_errors("search events"):
        await client.indices.refresh(index=OWN_PATTERN)
        answer = await client.search(
            index=EVENTS_ALIAS, body={"size": 0, "query": query, "aggs": aggregations}
        )
    found: dict[str, Any] = answer["aggregations"]
    return found
