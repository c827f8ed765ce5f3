"""Which time a connector's open quarantined rows are about, without opening a single one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.pipeline.quarantine import PATTERN
from atlaslens_forwarder.storage.errors import store_errors

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.connector import ConnectorId

_MOST_ROWS: Final = 10_000
"""OpenSearch's ``max_result_window``; of more open rows than that the newest ones tell the time."""
_LENIENT: Final = {"ignore_unavailable": "true", "allow_no_indices": "true"}
_FIELDS: Final = ["event.id", "@timestamp", "quarantine.row_at", "quarantine.replay_of"]


async def open_span(client: AsyncOpenSearch, connector: ConnectorId) -> tuple[int, int] | None:
    """First and last time of the rows that wait, None when there is none.

    A row whose own time could not be read counts with the time when it was found.

    Raises:
        StoreError: the quarantine cannot be searched.
        UnreachableError: OpenSearch does not answer.
    """
    rows = await _rows(client, connector, replays=False)
    if not rows:
        return None
    replayed = {row["quarantine"]["replay_of"] for row in await _rows(client, connector, replays=True)}
    times = [
        parse_iso_ms(row.get("quarantine", {}).get("row_at") or row["@timestamp"])
        for row in rows
        if row["event"]["id"] not in replayed
    ]
    return (min(times), max(times)) if times else None


async def _rows(client: AsyncOpenSearch, connector: ConnectorId, *, replays: bool) -> list[dict[str, Any]]:
    own = {"term": {"quarantine.connector": str(connector)}}
    exists = {"exists": {"field": "quarantine.replay_of"}}
    query: dict[str, Any] = {"filter": [own, exists]} if replays else {"filter": [own], "must_not": [exists]}
    body = {
        "query": {"bool": query},
        "_source": _FIELDS,
        "size": _MOST_ROWS,
        "sort": [{"@timestamp": "desc"}],
    }
    with store_errors("read the quarantine"):
        if not replays:
            await client.indices.refresh(index=PATTERN, params=_LENIENT)
        answer = await client.search(index=PATTERN, body=body, params=_LENIENT)
    return [hit["_source"] for hit in answer["hits"]["hits"]]
