"""Typed access to ``atlaslens-state``: small documents, each changed only by who saw its last version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opensearchpy.exceptions import ConflictError, NotFoundError

from atlaslens_forwarder.errors import FencedError, StoreError
from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms
from atlaslens_forwarder.storage.errors import error_type, store_errors
from atlaslens_forwarder.storage.names import Family

if TYPE_CHECKING:
    from collections.abc import Callable

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject

_INDEX = Family.STATE.single_index
FORMAT = 1
"""Of the documents, raised when an older forwarder would misread what a newer one writes."""
_LIST_LIMIT = 10_000
"""OpenSearch's ``max_result_window``; one kind has a document per connector or request, so a few dozen."""


@dataclass(frozen=True, slots=True)
class StateDoc:
    """A state document as it was read or written; pass it back to change it."""

    id: str
    kind: str
    value: JsonObject
    seq_no: int
    primary_term: int
    connector: str = ""
    holder: str = ""
    updated_ms: int = 0


class StateStore:
    """State documents, fenced by ``if_seq_no`` and ``if_primary_term``."""

    def __init__(self, client: AsyncOpenSearch, *, clock: Callable[[], int]) -> None:
        self._client = client
        self._clock = clock

    async def load(self, doc_id: str) -> StateDoc | None:
        """The document as of now (a realtime get), None when there is none.

        Raises:
            StoreError: the state index is missing, or failed, or a newer forwarder wrote the document.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        with store_errors("read a state document"):
            try:
                found = await self._client.get(index=_INDEX, id=doc_id)
            except NotFoundError as error:
                if error_type(error):  # a missing document has no error, a missing index has
                    raise
                return None
        return _parse(found)

    async def save(
        self,
        doc_id: str,
        kind: str,
        value: JsonObject,
        expected: StateDoc | None,
        *,
        connector: str = "",
        holder: str = "",
    ) -> StateDoc:
        """Write the document if it is still ``expected`` (None: if there is none yet).

        Returns the new version. A connection that breaks in between may leave the write done: ``load``
        before trying again. Where the client itself tried again on another node, its first try is recognised.

        Raises:
            FencedError: somebody else changed or created it.
            StoreError: the state index is missing, or failed.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        updated_ms = self._clock()
        body: JsonObject = {
            "kind": kind,
            "format": FORMAT,
            "updated": iso_ms(updated_ms),
            "state": value,
        }
        if connector:
            body["connector"] = connector
        if holder:
            body["holder"] = holder
        params: dict[str, Any] = {"op_type": "create"}
        if expected is not None:
            params = {"if_seq_no": expected.seq_no, "if_primary_term": expected.primary_term}
        with store_errors("write a state document"):
            try:
                written = await self._client.index(index=_INDEX, id=doc_id, body=body, params=params)
            except ConflictError:
                written = None
        if written is None:
            found = await self.load(doc_id)
            if found is not None and (found.value, found.holder, found.updated_ms) == (
                value,
                holder,
                updated_ms,
            ):
                return found
            raise FencedError(
                f"the state {doc_id} was changed by another forwarder",
                hint="its work goes on; ours is dropped",
            )
        return StateDoc(
            doc_id, kind, value, written["_seq_no"], written["_primary_term"], connector, holder, updated_ms
        )

    async def list(self, *kinds: str) -> list[StateDoc]:
        """All documents of these kinds, ordered by id, after a refresh.

        Raises:
            StoreError: the state index is missing or failed, has more documents than one answer can hold, or
                one that a newer forwarder wrote.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        query = {"query": {"terms": {"kind": kinds}}, "size": _LIST_LIMIT, "seq_no_primary_term": True}
        with store_errors("list state documents"):
            await self._client.indices.refresh(index=_INDEX)
            answer = await self._client.search(index=_INDEX, body=query)
        hits = answer["hits"]
        if answer["timed_out"] or answer["_shards"]["failed"] or hits["total"]["value"] > len(hits["hits"]):
            raise StoreError(
                f"OpenSearch did not return all state documents of kind {', '.join(kinds)}",
                hint="see its log",
            )
        return sorted((_parse(hit) for hit in hits["hits"]), key=lambda doc: doc.id)


def _parse(hit: dict[str, Any]) -> StateDoc:
    source = hit["_source"]
    found = source.get("format", FORMAT)
    if found > FORMAT:
        raise StoreError(
            f"the state {hit['_id']} has format {found}, and this forwarder knows {FORMAT}",
            hint="a newer forwarder works on this store: upgrade this one too",
        )
    return StateDoc(
        id=hit["_id"],
        kind=source["kind"],
        value=source["state"],
        seq_no=hit["_seq_no"],
        primary_term=hit["_primary_term"],
        connector=source.get("connector", ""),
        holder=source.get("holder", ""),
        updated_ms=parse_iso_ms(source["updated"]),
    )
