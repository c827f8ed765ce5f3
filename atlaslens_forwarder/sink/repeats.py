"""Tells a repeat from a conflict: reads the hash of the documents that a ``create`` found in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.sink.encode import BulkItem

_FIELDS = "event.hash,event.ingested"
_FILTER = "docs._id,docs.found,docs._source.event.hash,docs._source.event.ingested,docs.error.type"


class Stored(NamedTuple):
    """What the store holds under an id; both are empty where the document has no such field."""

    hash: str
    ingested: str


async def read_stored(client: AsyncOpenSearch, items: Sequence[BulkItem]) -> list[Stored | None]:
    """What is stored under each item's index and id as of now; None where nothing is, or it cannot be read.

    Raises whatever the client raises.
    """
    wanted = [{"_index": item.index, "_id": item.id} for item in items]
    answer = await client.mget(
        body={"docs": wanted}, params={"_source_includes": _FIELDS, "filter_path": _FILTER}
    )
    found: list[Stored | None] = [_stored(doc) for doc in answer.get("docs", ())]
    if len(found) != len(items):
        return [None] * len(items)
    return found


def _stored(doc: dict[str, Any]) -> Stored | None:
    if not doc.get("found"):
        return None
    event = doc.get("_source", {}).get("event", {})
    return Stored(str(event.get("hash", "")), str(event.get("ingested", "")))
