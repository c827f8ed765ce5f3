"""An index of updatable documents, each changed only by who saw its last version.

Each document repeats its ``_id`` in ``key``, by which the whole index can be walked in order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.errors import FencedError, StoreError
from atlaslens_forwarder.storage.errors import store_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.storage.names import Family

_PAGE: Final = 1000
_PER_REQUEST: Final = 500
_CONFLICT: Final = 409


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read."""

    id: str
    value: JsonObject
    seq_no: int
    primary_term: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a document is to become; ``expected`` is what it was, None where it must not be there yet."""

    id: str
    value: JsonObject
    expected: Document | None = None


class Documents:
    """The documents of one family, such as ``atlaslens-people``."""

    def __init__(self, client: AsyncOpenSearch, family: Family) -> None:
        self._client = client
        self._index = family.single_index

    async def all(self) -> list[Document]:
        """Every document, ordered by id, after a refresh.

        Raises:
            StoreError: the index is missing or cannot be searched.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        found: list[Document] = []
        body: dict[str, Any] = {
            "size": _PAGE,
            "seq_no_primary_term": True,
            "sort": [{"key": "asc"}],
            "query": {"match_all": {}},
        }
        with store_errors(f"read {self._index}"):
            await self._client.indices.refresh(index=self._index)
            while True:
                answer = await self._client.search(index=self._index, body=body)
                if answer["timed_out"] or answer["_shards"]["failed"]:
                    raise StoreError(f"OpenSearch did not return all of {self._index}", hint="see its log")
                hits = answer["hits"]["hits"]
                found += [
                    Document(hit["_id"], hit["_source"], hit["_seq_no"], hit["_primary_term"]) for hit in hits
                ]
                if len(hits) < _PAGE:
                    return found
                body["search_after"] = hits[-1]["sort"]

    async def save(self, changes: Sequence[Change]) -> None:
        """Write what has changed; visible to searches when it returns.

        Raises:
            FencedError: somebody else changed one of them; others may be written.
            StoreError: the index is missing or refused a document.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        for begin in range(0, len(changes), _PER_REQUEST):
            lines: list[str] = []
            for change in changes[begin : begin + _PER_REQUEST]:
                lines += [
                    json.dumps(_action(change)),
                    json.dumps({**change.value, "key": change.id}, ensure_ascii=False),
                ]
            with store_errors(f"write {self._index}"):
                answer = await self._client.bulk(
                    index=self._index, body="\n".join(lines) + "\n", params={"refresh": "true"}
                )
            self._check(answer)

    async def purge(self) -> None:
        """Have old versions of changed documents leave the disk: one segment, without what was replaced.

        Raises:
            StoreError: OpenSearch failed to do it.
        """
        with store_errors(f"clean {self._index}"):
            await self._client.indices.flush(index=self._index, params={"force": "true"})
            await self._client.indices.forcemerge(index=self._index, params={"max_num_segments": "1"})

    def _check(self, answer: dict[str, Any]) -> None:
        failed = [next(iter(item.values())) for item in answer["items"] if answer["errors"]]
        failed = [item for item in failed if "error" in item]
        if any(item["status"] == _CONFLICT for item in failed):
            raise FencedError(
                f"{self._index} was changed by another forwarder", hint="the next round sees what it wrote"
            )
        if failed:
            kind = failed[0]["error"].get("type", "")
            raise StoreError(f"OpenSearch refused to write {self._index} ({kind})", hint="run: setup")


def _action(change: Change) -> JsonObject:
    if change.expected is None:
        return {"create": {"_id": change.id}}
    return {
        "index": {
            "_id": change.id,
            "if_seq_no": change.expected.seq_no,
            "if_primary_term": change.expected.primary_term,
        }
    }
