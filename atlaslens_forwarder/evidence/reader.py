"""Streams the events of a query from one frozen view of the store, page by page, with flat memory.

The order is ``@timestamp``, then ``event.id`` (``window.id`` in the ledger); index and ``_seq_no`` only part
documents that claim the same id, so that a page border between them loses none. What was streamed is counted
against what OpenSearch says it found: a difference is an error, never a shorter file.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from opensearchpy.exceptions import OpenSearchException

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.evidence.fields import ID_PATH, TIME_PATH, WINDOW_ID_PATH
from atlaslens_forwarder.evidence.filters import View
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import EVENTS_ALIAS, OWN_PATTERN, Family

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject

PAGE_EVENTS = 1_000
"""Events per request: with whole events of a few KB a page stays in the low megabytes."""

KEEP_ALIVE = "5m"
"""How long OpenSearch keeps the view between two pages; each page renews it."""

_BY_ID: Final = {"order": "asc", "missing": "_first", "unmapped_type": "keyword"}
SORT: Final[list[dict[str, dict[str, str]]]] = [
    {TIME_PATH: {"order": "asc"}},
    {ID_PATH: _BY_ID},
    {WINDOW_ID_PATH: _BY_ID},
    {"_index": {"order": "asc"}},
    {"_seq_no": {"order": "asc"}},
]


def index_of(view: View) -> str:
    """Alias or pattern of the indices that hold the rows of a view."""
    if view is View.SYNC_HEALTH:
        return OWN_PATTERN.replace("*", f"{Family.WINDOWS.value}-*")
    return EVENTS_ALIAS


@asynccontextmanager
async def frozen_view(client: AsyncOpenSearch, index: str = EVENTS_ALIAS) -> AsyncIterator[str]:
    """A point in time over an alias, as its id; closed again however the block ends.

    Raises:
        StoreError: there is no such alias or index, or a shard of it is not available.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    with store_errors("open a point in time"):
        if not await client.indices.exists(index=index):
            hint = "run atlaslens-forwarder setup, then sync"
            raise StoreError(f"OpenSearch holds no {index}", hint=hint)
        params = {"keep_alive": KEEP_ALIVE, "allow_partial_pit_creation": "false"}
        opened = await client.create_pit(index=index, params=params)
    view = str(opened["pit_id"])
    try:
        yield view
    finally:
        await _close(client, view)


async def _close(client: AsyncOpenSearch, view: str) -> None:
    """Give the view back; where that fails it expires by itself, and the export is none the worse for it."""
    try:
        await client.delete_pit(body={"pit_id": [view]})
    except OpenSearchException:
        return


async def stream_events(
    client: AsyncOpenSearch, view: str, query: JsonObject, *, page_events: int = PAGE_EVENTS
) -> AsyncGenerator[list[JsonObject]]:
    """Pages of whole events in ascending order, ending when every event that matches was given.

    Raises:
        StoreError: a shard failed, or fewer or more events came than OpenSearch had counted.
        UnreachableError: OpenSearch stopped answering.
    """
    expected: int | None = None
    streamed = 0
    after: list[Any] | None = None
    while True:
        body: dict[str, Any] = {
            "query": query,
            "sort": SORT,
            "size": page_events,
            "pit": {"id": view, "keep_alive": KEEP_ALIVE},
            "track_total_hits": expected is None,
        }
        if after is not None:
            body["search_after"] = after
        with store_errors("read events"):
            answer = await client.search(body=body, params={"allow_partial_search_results": "false"})
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise StoreError(
                "OpenSearch searched only a part of the events", hint="repeat when it is healthy"
            )
        hits = answer["hits"]["hits"]
        if expected is None:
            expected = int(answer["hits"]["total"]["value"])
        if hits:
            streamed += len(hits)
            after = hits[-1]["sort"]
            yield [hit["_source"] for hit in hits]
        if len(hits) < page_events:
            break
    if streamed != expected:
        raise StoreError(
            f"OpenSearch counted {expected} events but gave {streamed}",
            hint="repeat the export; nothing was written",
        )
