"""Reads the append-only indices in the engine's own order: shard by shard, by sequence number.

What lies at or below a shard's global checkpoint is on every copy of it and, after a refresh, found by a
search; in an append-only index nothing of it changes any more. So a range can be read page by page without
a point in time, and read again any time later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.seals.leaf import Document
from atlaslens_forwarder.seals.ports import IndexInfo, Page
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.months import APPEND_ONLY
from atlaslens_forwarder.storage.names import OWN_PATTERN, Family, family_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opensearchpy import AsyncOpenSearch

PAGE_DOCUMENTS: Final = 1_000
"""Documents read at once and sealed under one root: a few megabytes."""
_LENIENT: Final = {"ignore_unavailable": "true", "allow_no_indices": "true"}


class SequenceReader:
    """The append-only indices of a store but that of the seals; see ``seals.ports.SealedStore``."""

    def __init__(self, client: AsyncOpenSearch, *, page_documents: int = PAGE_DOCUMENTS) -> None:
        self._client = client
        self._page_documents = page_documents

    async def indices(self) -> list[IndexInfo]:
        """All of them by name; afterwards what lies at or below their checkpoints is found by searches.

        Raises:
            StoreError: they cannot be listed.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        with store_errors("list its indices"):
            settings = await self._client.indices.get_settings(
                index=OWN_PATTERN,
                params={**_LENIENT, "expand_wildcards": "open,closed,hidden", "flat_settings": "true"},
            )
            stats = await self._client.indices.stats(index=OWN_PATTERN, params={"level": "shards"})
            await self._client.indices.refresh(index=OWN_PATTERN, params=_LENIENT)
        found = []
        for name, entry in sorted(settings.items()):
            family = family_of(name)
            if family is None or not family.append_only or family is Family.SEALS:
                continue
            told = entry["settings"]
            shards = stats["indices"].get(name, {}).get("shards", {})
            info = IndexInfo(
                name=name,
                uuid=told["index.uuid"],
                created_ms=int(told["index.creation_date"]),
                append_only=told.get(APPEND_ONLY) == "true",
                checkpoints=_checkpoints(shards, int(told["index.number_of_shards"])),
            )
            found.append(info)
        return found

    async def read(self, index: str, shard: int, after: int, to: int) -> Page:
        """The first documents of a shard in ``(after, to]``, in order.

        Raises:
            StoreError: they cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        body = {
            "query": {"range": {"_seq_no": {"gt": after, "lte": to}}},
            "sort": [{"_seq_no": "asc"}],
            "size": self._page_documents,
            "track_total_hits": False,
        }
        documents = await self._search(index, body, {"preference": f"_shards:{shard}"})
        full = len(documents) == self._page_documents
        return Page(documents, documents[-1].seq_no if full else to)

    async def find(self, index: str, ids: Sequence[str]) -> list[Document]:
        """Those documents of an index that have one of these ids.

        Raises:
            StoreError: they cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        found: list[Document] = []
        for start in range(0, len(ids), self._page_documents):
            wanted = list(ids[start : start + self._page_documents])
            # An id may be there once a shard, if somebody wrote it with a routing of his own.
            body = {"query": {"ids": {"values": wanted}}, "size": 10_000, "track_total_hits": False}
            found += await self._search(index, body, {})
        return found

    async def _search(self, index: str, body: dict[str, Any], params: dict[str, str]) -> list[Document]:
        body = {**body, "seq_no_primary_term": True}
        with store_errors(f"read {index} by sequence number"):
            answer = await self._client.search(
                index=index, body=body, params={**params, "allow_partial_search_results": "false"}
            )
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise StoreError(f"OpenSearch searched only a part of {index}", hint="repeat when it is healthy")
        return [Document(hit["_seq_no"], hit["_id"], hit["_source"]) for hit in answer["hits"]["hits"]]


def _checkpoints(shards: dict[str, Any], number: int) -> tuple[int, ...] | None:
    """The global checkpoint of each primary shard; None when one of them does not tell it."""
    found: list[int] = []
    for shard in range(number):
        copies = shards.get(str(shard), ())
        told = [copy["seq_no"]["global_checkpoint"] for copy in copies if copy["routing"]["primary"]]
        if not told:
            return None
        found.append(int(told[0]))
    return tuple(found)
