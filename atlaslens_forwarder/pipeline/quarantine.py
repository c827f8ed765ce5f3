"""Rows that cannot be stored as events are kept whole, sealed, with the reason, until they can be replayed.

Documents are append-only: that a row was replayed is a second document (``replay_of``), not a change.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.errors import ConfigError, StoreError
from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.privacy.origin import stamp
from atlaslens_forwarder.sink.bulk import BulkItem, Delivery
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import PREFIX, Family, month_index

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.pipeline.ports import Months, Sink
    from atlaslens_forwarder.privacy.keyring import Keyring

FORMAT_VERSION = 1
REPLAYED = "replayed"
PATTERN = f"{PREFIX}-{Family.QUARANTINE.value}-*"
PAGE_DOCS = 500


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """A row to keep: which connector read it, why it is no event, where it was meant to go."""

    connector: ConnectorId
    row: RawRow
    reason: str
    detail: str
    target_index: str = ""

    @property
    def id(self) -> str:
        """The same row for the same reason is kept once, however often it is read."""
        return digest_hex([str(self.connector), self.row.identity, self.reason, self.row.data])


@dataclass(frozen=True, slots=True)
class Kept:
    """A quarantined row as it is listed; the row itself stays sealed."""

    id: str
    found_at: str
    connector: str
    reason: str
    detail: str
    row_identity: str
    target_index: str
    sealed: str


class Quarantine:
    """Keeps, lists and opens quarantined rows."""

    def __init__(
        self, client: AsyncOpenSearch, sink: Sink, months: Months, keyring: Keyring, clock: Callable[[], int]
    ) -> None:
        self._client = client
        self._sink = sink
        self._months = months
        self._keyring = keyring
        self._clock = clock

    async def keep(self, entries: Sequence[QuarantineEntry]) -> int:
        """Store the entries that are not kept yet; returns how many were new.

        Raises:
            StoreError: not all of them are kept for certain.
        """
        by_id = {entry.id: entry for entry in entries}
        known = await self._known(list(by_id))
        new = {entry_id: entry for entry_id, entry in by_id.items() if entry_id not in known}
        await self._create([(entry_id, self._document(entry_id, entry)) for entry_id, entry in new.items()])
        return len(new)

    async def open_rows(self) -> AsyncIterator[Kept]:
        """All kept rows that were not replayed, oldest first."""
        replayed = {doc["quarantine"]["replay_of"] async for doc in self._documents(replays=True)}
        async for doc in self._documents(replays=False):
            if doc["event"]["id"] not in replayed:
                body = doc["quarantine"]
                yield Kept(
                    id=doc["event"]["id"],
                    found_at=doc["@timestamp"],
                    connector=body["connector"],
                    reason=body["reason"],
                    detail=body.get("detail", ""),
                    row_identity=body["row_identity"],
                    target_index=body.get("target_index", ""),
                    sealed=body["raw_sealed"],
                )

    def unseal(self, kept: Kept) -> RawRow:
        """The row as it came.

        Raises:
            ConfigError: the key is missing, or the sealed row was altered.
        """
        content = json.loads(self._keyring.open(kept.sealed, kept.id.encode()))
        if not isinstance(content, dict) or not isinstance(content.get("data"), dict):
            raise ConfigError("a sealed row has an unknown form", hint="it was written by a newer forwarder")
        return RawRow(content["data"], str(content["identity"]), content["at_ms"])

    async def mark_replayed(self, kept: Kept, outcome: str) -> None:
        """Record that a row has become an event after all.

        Raises:
            StoreError: the record is not stored.
        """
        entry_id = f"{REPLAYED}:{kept.id}"
        site, _, source = kept.connector.partition(":")
        document: JsonObject = {
            "@timestamp": iso_ms(self._clock()),
            "event": {"id": entry_id},
            "atlassian": {"site": site},
            "quarantine": {
                "connector": kept.connector,
                "source": source,
                "reason": REPLAYED,
                "detail": outcome,
                "row_identity": kept.row_identity,
                "replay_of": kept.id,
                "format_version": FORMAT_VERSION,
            },
        }
        await self._create([(entry_id, document)])

    async def _create(self, documents: Sequence[tuple[str, JsonObject]]) -> None:
        if not documents:
            return
        index = month_index(Family.QUARANTINE, self._clock())
        await self._months.ensure_months([index])
        for _, document in documents:
            stamp(document, self._keyring)
        results = await self._sink.create(
            [BulkItem(index, entry_id, document) for entry_id, document in documents]
        )
        for result in results:
            # CONFLICT: the same row was kept by a crashed or parallel run; its seal has another nonce.
            if result.outcome is Delivery.REJECTED:
                raise StoreError(f"the quarantine refused a row ({result.reason})", hint="run setup")

    def _document(self, entry_id: str, entry: QuarantineEntry) -> JsonObject:
        raw = {"data": entry.row.data, "identity": entry.row.identity, "at_ms": entry.row.at_ms}
        sealed = self._keyring.seal(json.dumps(raw).encode(), entry_id.encode())
        body: JsonObject = {
            "connector": str(entry.connector),
            "source": entry.connector.source,
            "reason": entry.reason,
            "detail": entry.detail[:1000],
            "raw_sealed": sealed,
            "key_id": sealed.partition(":")[0],
            "row_identity": entry.row.identity,
            "format_version": FORMAT_VERSION,
        }
        if entry.row.at_ms is not None:
            body["row_at"] = iso_ms(entry.row.at_ms)
        if entry.target_index:
            body["target_index"] = entry.target_index
        return {
            "@timestamp": iso_ms(self._clock()),
            "event": {"id": entry_id},
            "atlassian": {"site": entry.connector.site},
            "quarantine": body,
        }

    async def _known(self, ids: list[str]) -> set[str]:
        """Which ids are kept in any month; a document's ``_id`` is unique within its own month only."""
        if not ids:
            return set()
        with store_errors("read the quarantine"):
            await self._client.indices.refresh(index=PATTERN, params={"allow_no_indices": "true"})
            found = await self._client.search(
                index=PATTERN,
                body={"query": {"ids": {"values": ids}}, "_source": False, "size": len(ids)},
                params={"allow_no_indices": "true", "ignore_unavailable": "true"},
            )
        return {hit["_id"] for hit in found["hits"]["hits"]}

    async def _documents(self, *, replays: bool) -> AsyncIterator[dict[str, Any]]:
        exists = {"exists": {"field": "quarantine.replay_of"}}
        query = {"bool": {"filter" if replays else "must_not": [exists]}}
        after: list[object] | None = None
        with store_errors("read the quarantine"):
            await self._client.indices.refresh(index=PATTERN, params={"allow_no_indices": "true"})
        while True:
            body: dict[str, object] = {
                "query": query,
                "size": PAGE_DOCS,
                "sort": [{"@timestamp": "asc"}, {"event.id": "asc"}],
            }
            if after is not None:
                body["search_after"] = after
            with store_errors("read the quarantine"):
                answer = await self._client.search(
                    index=PATTERN, body=body, params={"allow_no_indices": "true"}
                )
            hits = answer["hits"]["hits"]
            for hit in hits:
                yield hit["_source"]
            if len(hits) < PAGE_DOCS:
                return
            after = hits[-1]["sort"]
