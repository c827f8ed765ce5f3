"""``atlaslens-seals``: one document per seal, its number as ``_id``, made by ``create``.

So of two forwarders that seal at once one is refused, and seals what is left after the other's.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from opensearchpy.exceptions import ConflictError

from atlaslens_forwarder.errors import EvidenceError, FencedError
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.proof.dsse import parse_envelope
from atlaslens_forwarder.seals.chain import StoredSeal, seal_id
from atlaslens_forwarder.seals.seal import PAYLOAD_TYPE, read_seal
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import Family

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.proof.dsse import Envelope
    from atlaslens_forwarder.seals.seal import Head, SignedSeal

FORMAT_VERSION: Final = 1
_INDEX: Final = Family.SEALS.single_index
_PAGE: Final = 100


class SealWriter:
    """Writes seals.

    Args:
        client: the store, as the writer.
        clock: the present, epoch milliseconds.
    """

    def __init__(self, client: AsyncOpenSearch, clock: Callable[[], int]) -> None:
        self._client = client
        self._clock = clock

    async def create(self, signed: SignedSeal) -> None:
        """Add a seal.

        Raises:
            FencedError: another forwarder has made the seal of this number.
            StoreError: it is not stored.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        seal = signed.seal
        document: JsonObject = {
            "@timestamp": seal.created,
            "event": {"ingested": iso_ms(self._clock())},
            "seal": {
                "number": seal.number,
                "format_version": FORMAT_VERSION,
                "hash": signed.hash,
                "previous_hash": None if seal.previous is None else seal.previous.hash,
                "count": seal.documents,
                "strangers": seal.strangers,
                "body": signed.envelope.payload.decode(),
                "signatures": signed.envelope.to_json()["signatures"],
            },
        }
        with store_errors("write a seal"):
            try:
                await self._client.create(index=_INDEX, id=seal_id(seal.number), body=document)
            except ConflictError:
                raise FencedError(
                    f"seal {seal.number} was made by another forwarder meanwhile", hint="make the next one"
                ) from None


class SealStore:
    """Reads seals; ``client`` is the store, as the reader."""

    def __init__(self, client: AsyncOpenSearch) -> None:
        self._client = client

    async def last(self) -> StoredSeal | None:
        """The seal with the highest number.

        Raises:
            StoreError: the seals cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        found = await self._search({"size": 1, "sort": [{"seal.number": "desc"}]}, refresh=True)
        return _stored(found[0]) if found else None

    async def get(self, number: int) -> StoredSeal | None:
        """The document in the place of a seal.

        Raises:
            StoreError: the seals cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        return await self.at(seal_id(number))

    async def at(self, place: str) -> StoredSeal | None:
        """The document with this ``_id``.

        Raises:
            StoreError: the seals cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        found = await self._search({"query": {"ids": {"values": [place]}}})
        return _stored(found[0]) if found else None

    async def all(self) -> AsyncIterator[StoredSeal]:
        """Every document of the index, in the order in which they were stored.

        Raises:
            StoreError: the seals cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        body: dict[str, Any] = {"size": _PAGE, "sort": [{"_seq_no": "asc"}]}
        refresh = True
        while True:
            hits = await self._search(body, refresh=refresh)
            for hit in hits:
                yield _stored(hit)
            if len(hits) < _PAGE:
                return
            body["search_after"], refresh = hits[-1]["sort"], False

    async def _search(self, body: dict[str, Any], *, refresh: bool = False) -> list[dict[str, Any]]:
        with store_errors("read the seals"):
            if refresh:
                await self._client.indices.refresh(index=_INDEX)
            answer = await self._client.search(
                index=_INDEX, body=body, params={"allow_partial_search_results": "false"}
            )
        hits: list[dict[str, Any]] = answer["hits"]["hits"]
        return hits


async def current_head(client: AsyncOpenSearch) -> Head | None:
    """The newest seal of the store by number and hash, as exports name it; its signature is not checked.

    Raises:
        EvidenceError: what stands in its place is no seal.
        StoreError: the seals cannot be read.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    stored = await SealStore(client).last()
    if stored is None:
        return None
    if stored.envelope is None:
        raise EvidenceError("the newest seal of the store is damaged", hint="run: seals verify")
    return read_seal(stored.envelope).head


def _stored(hit: dict[str, Any]) -> StoredSeal:
    return StoredSeal(hit["_id"], _envelope(hit["_source"]))


def _envelope(source: dict[str, Any]) -> Envelope | None:
    """The envelope in a document; None when there is none."""
    seal = source.get("seal")
    if not isinstance(seal, dict) or not isinstance(body := seal.get("body"), str):
        return None
    try:
        payload = base64.b64encode(body.encode()).decode()
        told = {"payload": payload, "payloadType": PAYLOAD_TYPE, "signatures": seal.get("signatures")}
        return parse_envelope(told, PAYLOAD_TYPE)
    except (EvidenceError, ValueError):
        return None
