"""What the store holds already, for those who must compare with it before they create anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import EVENTS_ALIAS, PREFIX, Family

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject

_IDS_PER_QUERY: Final = 1000
_PAGE: Final = 1000
_LENIENT: Final = {"ignore_unavailable": "true", "allow_no_indices": "true"}
UNDATED_PATTERN: Final = f"{PREFIX}-{Family.UNDATED.value}-*"


class KnownEvents:
    """Searches of stored events, after a refresh, so that what was stored before the call is found."""

    def __init__(self, client: AsyncOpenSearch) -> None:
        self._client = client

    async def existing(self, ids: Sequence[str]) -> set[str]:
        """Which of these event ids are stored, in any month.

        Raises:
            StoreError: the store cannot be searched.
        """
        return set(await self.places(ids, EVENTS_ALIAS))

    async def places(self, ids: Sequence[str], index: str) -> dict[str, str]:
        """The index of each of these documents that is stored in one of ``index`` (a name or pattern).

        Raises:
            StoreError: the store cannot be searched.
        """
        found: dict[str, str] = {}
        if not ids:
            return found
        with store_errors("look up events"):
            await self._client.indices.refresh(index=index, params=_LENIENT)
            for start in range(0, len(ids), _IDS_PER_QUERY):
                part = list(ids[start : start + _IDS_PER_QUERY])
                body = {"query": {"ids": {"values": part}}, "_source": False, "size": 2 * len(part)}
                answer = await self._client.search(index=index, body=body, params=_LENIENT)
                found |= {hit["_id"]: hit["_index"] for hit in answer["hits"]["hits"]}
        return found

    async def find(
        self, terms: Mapping[str, Sequence[str]], fields: Sequence[str]
    ) -> AsyncIterator[JsonObject]:
        """The named fields of every stored event that has one of the values in each of the term fields.

        Ordered by event id. Raises:
            StoreError: the store cannot be searched.
        """
        query = {"bool": {"filter": [{"terms": {path: list(values)}} for path, values in terms.items()]}}
        with store_errors("look up events"):
            await self._client.indices.refresh(index=EVENTS_ALIAS, params=_LENIENT)
        after: list[Any] | None = None
        while True:
            body: dict[str, Any] = {
                "query": query,
                "size": _PAGE,
                "_source": list(fields),
                "sort": [{"event.id": "asc"}],
            }
            if after is not None:
                body["search_after"] = after
            with store_errors("look up events"):
                answer = await self._client.search(index=EVENTS_ALIAS, body=body, params=_LENIENT)
            hits = answer["hits"]["hits"]
            for hit in hits:
                yield hit["_source"]
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]
