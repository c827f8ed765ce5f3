"""Reads the window ledger: what proves a stretch of time, what failed over it, which numbers there are."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from opensearchpy.exceptions import OpenSearchException

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import PREFIX, Family

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject

_INDEX: Final = f"{PREFIX}-{Family.WINDOWS.value}-*"
_KEEP_ALIVE: Final = "5m"
_FIRST_PAGE: Final = 50
_LARGEST_PAGE: Final = 2000
_STRETCH: Final = 1000
"""Numbers that are counted together; only where the count is wrong is every one of them looked at."""
_CONNECTORS: Final = 10_000
_LENIENT: Final = {"ignore_unavailable": "true", "allow_no_indices": "true"}
_SORT: Final[list[dict[str, Any]]] = [
    {"window.read.from_ms": {"order": "asc", "mode": "min"}},
    {"window.read.to_ms": {"order": "desc", "mode": "max"}},
    {"_index": {"order": "asc"}},
    {"_seq_no": {"order": "asc"}},
]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a connector's rows: the first and the last, and those between them that no row has."""

    first: int
    last: int
    missing: tuple[tuple[int, int], ...] = ()
    first_look_ms: int | None = None
    """The end of the oldest window that was read: where only the present can be asked, the first look."""


class LedgerRows:
    """The rows of ``atlaslens-windows-*`` as they are now."""

    def __init__(self, client: AsyncOpenSearch) -> None:
        self._client = client

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[FrozenLedger]:
        """The ledger as it is at this moment, after a refresh.

        Raises:
            StoreError: it cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        with store_errors("read the window ledger"):
            await self._client.indices.refresh(index=_INDEX, params=_LENIENT)
            params = {"keep_alive": _KEEP_ALIVE, "allow_partial_pit_creation": "false"}
            view = str((await self._client.create_pit(index=_INDEX, params=params))["pit_id"])
        try:
            yield FrozenLedger(self._client, view)
        finally:
            await _give_back(self._client, view)

    async def months_over(self, from_ms: int, to_ms: int, *, site: str = "", source: str = "") -> set[str]:
        """The indices with rows of windows that touch ``[from_ms, to_ms)``, of all sites and sources or some.

        Raises:
            StoreError: the ledger cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        only = {"window.site": site, "window.source": source}
        filters: list[dict[str, Any]] = [
            {"range": {"window.from_ms": {"lt": to_ms}}},
            {"range": {"window.to_ms": {"gte": from_ms}}},
            *({"term": {field: value}} for field, value in only.items() if value),
        ]
        body = {
            "size": 0,
            "query": {"bool": {"filter": filters}},
            "aggs": {"months": {"terms": {"field": "_index", "size": _CONNECTORS}}},
        }
        with store_errors("read the window ledger"):
            await self._client.indices.refresh(index=_INDEX, params=_LENIENT)
            answer = await self._client.search(index=_INDEX, body=body, params=_LENIENT)
        _whole(answer)
        buckets = answer.get("aggregations", {}).get("months", {}).get("buckets", [])
        return {str(bucket["key"]) for bucket in buckets}


class FrozenLedger:
    """One view of the ledger, from which every question is answered alike."""

    def __init__(self, client: AsyncOpenSearch, view: str) -> None:
        self._client = client
        self._view = view

    async def numbers(self) -> dict[str, Numbers]:
        """Per connector, the numbers of its rows. Most are only counted, by the store.

        Raises:
            StoreError: the ledger cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        number: dict[str, Any] = {"field": "window.number"}
        counted = {
            "first": {"min": number},
            "last": {"max": number},
            "different": {"cardinality": {**number, "precision_threshold": 4 * _STRETCH}},
        }
        stretches = {
            "histogram": {**number, "interval": _STRETCH, "min_doc_count": 1},
            "aggs": counted,
        }
        aggs = {
            "connectors": {
                "terms": {"field": "window.connector", "size": _CONNECTORS},
                "aggs": {
                    "stretches": stretches,
                    "looks": {
                        "filter": {"exists": {"field": "window.read.to_ms"}},
                        "aggs": {"first": {"min": {"field": "window.to_ms"}}},
                    },
                },
            }
        }
        answer = await self._search({"size": 0, "aggs": aggs})
        found: dict[str, Numbers] = {}
        for bucket in answer["aggregations"]["connectors"]["buckets"]:
            found[str(bucket["key"])] = await self._numbers(str(bucket["key"]), bucket)
        return found

    async def proving(
        self, connector: str, from_ms: int, to_ms: int, until_ms: Callable[[], int]
    ) -> AsyncGenerator[tuple[str, JsonObject]]:
        """Rows that read some of ``[from_ms, to_ms]``, as id and document, by the begin of what they read.

        Rows that do not reach beyond ``until_ms()``, asked before each page, are left out: what re-reading
        has proven already is not read row by row.

        Raises:
            StoreError: the ledger cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        size, after = _FIRST_PAGE, None
        while True:
            filters = [
                {"term": {"window.connector": connector}},
                {"range": {"window.read.from_ms": {"lte": to_ms}}},
                {"range": {"window.read.to_ms": {"gt": max(from_ms - 1, until_ms())}}},
            ]
            body: dict[str, Any] = {"query": {"bool": {"filter": filters}}, "sort": _SORT, "size": size}
            if after is not None:
                body["search_after"] = after
            hits = (await self._search(body))["hits"]["hits"]
            for hit in hits:
                yield str(hit["_id"]), hit["_source"]
            if len(hits) < size:
                return
            after = hits[-1]["sort"]
            size = min(2 * size, _LARGEST_PAGE)

    async def last_failures(self, connector: str, spans: Sequence[tuple[int, int]]) -> list[str]:
        """What the newest failed window over each span said; an empty text where none failed.

        Raises:
            StoreError: the ledger cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        told = []
        for from_ms, to_ms in spans:
            filters = [
                {"term": {"window.connector": connector}},
                {"term": {"window.covered": False}},
                {"range": {"window.from_ms": {"lte": to_ms}}},
                {"range": {"window.to_ms": {"gte": from_ms}}},
            ]
            body = {
                "query": {"bool": {"filter": filters}},
                "sort": [{"window.number": "desc"}],
                "size": 1,
                "_source": ["window.error"],
            }
            hits = (await self._search(body))["hits"]["hits"]
            error = hits[0]["_source"].get("window", {}).get("error", {}) if hits else {}
            told.append(str(error.get("message", "")))
        return told

    async def _numbers(self, connector: str, bucket: dict[str, Any]) -> Numbers:
        looked = bucket["looks"]["first"]["value"]
        missing: list[tuple[int, int]] = []
        first = last = None
        for stretch in bucket["stretches"]["buckets"]:
            begin, end = int(stretch["first"]["value"]), int(stretch["last"]["value"])
            first = begin if first is None else first
            if last is not None and begin > last + 1:
                missing.append((last + 1, begin - 1))
            if not stretch["doc_count"] == stretch["different"]["value"] == end - begin + 1:
                missing += await self._missing(connector, begin, end)
            last = end
        return Numbers(
            first or 0, last or 0, tuple(missing), first_look_ms=None if looked is None else int(looked)
        )

    async def _missing(self, connector: str, begin: int, end: int) -> list[tuple[int, int]]:
        """The numbers that no row has, of at most a stretch."""
        filters = [
            {"term": {"window.connector": connector}},
            {"range": {"window.number": {"gte": begin, "lte": end}}},
        ]
        aggs = {"numbers": {"terms": {"field": "window.number", "size": _STRETCH}}}
        answer = await self._search({"size": 0, "query": {"bool": {"filter": filters}}, "aggs": aggs})
        there = sorted(int(bucket["key"]) for bucket in answer["aggregations"]["numbers"]["buckets"])
        return [(one + 1, two - 1) for one, two in pairwise(there) if two > one + 1]

    async def _search(self, body: dict[str, Any]) -> dict[str, Any]:
        pit = {"pit": {"id": self._view, "keep_alive": _KEEP_ALIVE}}
        with store_errors("read the window ledger"):
            answer = await self._client.search(
                body={**body, **pit}, params={"allow_partial_search_results": "false"}
            )
        return _whole(answer)


def _whole(answer: Any) -> dict[str, Any]:
    if answer["timed_out"] or answer["_shards"]["failed"]:
        raise StoreError("OpenSearch searched only a part of the window ledger", hint="see its log")
    return dict(answer)


async def _give_back(client: AsyncOpenSearch, view: str) -> None:
    """Where that fails it expires by itself, and the answer is none the worse for it."""
    try:
        await client.delete_pit(body={"pit_id": [view]})
    except OpenSearchException:
        return
