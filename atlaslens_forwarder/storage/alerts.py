"""``atlaslens-alerts``: created once each, changed only by what becomes of their delivery.

The index is updatable: an alert says what was told to whom, and that changes. The evidence is the events
that it names, and those are append-only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from opensearchpy.exceptions import ConflictError

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject

_INDEX: Final = Family.ALERTS.single_index
_CONFLICT: Final = 409
_DUE_AT_ONCE: Final = 200
_PER_REQUEST: Final = 500


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert as it was read; pass it back to change its delivery."""

    id: str
    value: dict[str, Any]
    seq_no: int
    primary_term: int


class AlertStore:
    """The alerts of one store."""

    def __init__(self, client: AsyncOpenSearch) -> None:
        self._client = client

    async def create(self, alerts: Mapping[str, JsonObject]) -> list[str]:
        """Store those that are new; their ids.

        Raises:
            StoreError: the index is missing or refused one.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        new: list[str] = []
        wanted = list(alerts.items())
        for begin in range(0, len(wanted), _PER_REQUEST):
            lines: list[str] = []
            for alert_id, alert in wanted[begin : begin + _PER_REQUEST]:
                lines += [
                    json.dumps({"create": {"_id": alert_id}}),
                    json.dumps({**alert, "key": alert_id}, ensure_ascii=False),
                ]
            with store_errors(f"write {_INDEX}"):
                answer = await self._client.bulk(
                    index=_INDEX, body="\n".join(lines) + "\n", params={"refresh": "true"}
                )
            for item in (entry["create"] for entry in answer["items"]):
                if item["status"] == _CONFLICT:
                    continue
                if "error" in item:
                    kind = item["error"].get("type", "")
                    raise StoreError(f"OpenSearch refused to write {_INDEX} ({kind})", hint="run: setup")
                new.append(item["_id"])
        return new

    async def due(self, now_ms: int) -> list[StoredAlert]:
        """Alerts whose delivery is to be tried now, oldest first.

        Raises:
            StoreError: the index is missing or cannot be searched.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        body = {
            "size": _DUE_AT_ONCE,
            "seq_no_primary_term": True,
            "sort": [{"delivery.next": "asc"}, {"key": "asc"}],
            "query": {
                "bool": {
                    "filter": [
                        {"term": {"delivery.state": "pending"}},
                        {"range": {"delivery.next": {"lte": iso_ms(now_ms)}}},
                    ]
                }
            },
        }
        with store_errors(f"read {_INDEX}"):
            await self._client.indices.refresh(index=_INDEX)
            answer = await self._client.search(index=_INDEX, body=body)
        return [
            StoredAlert(hit["_id"], hit["_source"], hit["_seq_no"], hit["_primary_term"])
            for hit in answer["hits"]["hits"]
        ]

    async def delivery(self, alert: StoredAlert, delivery: JsonObject) -> bool:
        """Say what became of a delivery; False if another forwarder was quicker.

        Raises:
            StoreError: the index is missing or refused it.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        params: dict[str, Any] = {"if_seq_no": alert.seq_no, "if_primary_term": alert.primary_term}
        with store_errors(f"write {_INDEX}"):
            try:
                await self._client.index(
                    index=_INDEX, id=alert.id, body={**alert.value, "delivery": delivery}, params=params
                )
            except ConflictError:
                return False
        return True

    async def count(self, state: str) -> int:
        """How many alerts are in this state of delivery.

        Raises:
            StoreError: the index is missing or cannot be searched.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        with store_errors(f"read {_INDEX}"):
            answer = await self._client.count(
                index=_INDEX, body={"query": {"term": {"delivery.state": state}}}
            )
        return int(answer["count"])

    async def expire(self, before_ms: int) -> None:
        """Remove alerts of events older than this.

        Raises:
            StoreError: OpenSearch failed to.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        with store_errors(f"clean {_INDEX}"):
            await self._client.delete_by_query(
                index=_INDEX,
                body={"query": {"range": {"@timestamp": {"lt": iso_ms(before_ms)}}}},
                params={"conflicts": "proceed"},
            )
