"""Writes documents as the NDJSON body of a ``_bulk`` request, in batches bounded by bytes and count. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from atlaslens_forwarder.model.json import JsonObject

ID_LIMIT_BYTES = 512
"""OpenSearch refuses a whole request for one longer ``_id``."""

_encode_strictly = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode


@dataclass(frozen=True, slots=True)
class BulkItem:
    """A document to create. ``doc`` is not changed; ``event.ingested`` is set on a copy at each attempt."""

    index: str
    id: str
    doc: JsonObject


@dataclass(frozen=True, slots=True)
class Batch:
    """One request: its body, and which items it holds, in the order of the answer."""

    positions: list[int]
    body: bytes
    ingested: str
    """``event.ingested`` of every document in it: with the hash, the mark of this attempt."""


def encode_item(item: BulkItem, ingested: str) -> bytes:
    """The action line and the document line of one item, with ``event.ingested`` set to this ISO time.

    Raises:
        ValueError: the document cannot be written as JSON in UTF-8, or its id cannot be used.
    """
    doc = item.doc
    event = doc.get("event")
    if isinstance(event, dict):
        doc = {**doc, "event": {**event, "ingested": ingested}}
    action = f'{{"create":{{"_index":{encode_basestring(item.index)},"_id":{encode_basestring(item.id)}}}}}\n'
    try:
        # Strict: a lone surrogate written as "?" would be stored under the hash of something else.
        line = b"%b%b\n" % (action.encode(), _encode(doc))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not item.id or (len(item.id) > ID_LIMIT_BYTES // 4 and len(item.id.encode()) > ID_LIMIT_BYTES):
        raise ValueError(f"its id is empty or longer than {ID_LIMIT_BYTES} bytes")
    return line


def batches(
    items: Sequence[BulkItem],
    positions: Iterable[int],
    *,
    ingested: Callable[[], str],
    max_bytes: int,
    max_docs: int,
    unencodable: Callable[[int, ValueError], None],
) -> Iterator[Batch]:
    """Request bodies for the items at these positions, each within both limits.

    A document that alone exceeds ``max_bytes`` gets a batch of its own. Items are encoded as batches are
    taken, so that ``ingested`` is called once a batch and memory is bounded by one. One that cannot be
    encoded is told to ``unencodable`` and left out.
    """
    taken: list[int] = []
    lines: list[bytes] = []
    size = 0
    stamp = ingested()
    for position in positions:
        try:
            line = encode_item(items[position], stamp)
        except ValueError as error:
            unencodable(position, error)
            continue
        if taken and (size + len(line) > max_bytes or len(taken) >= max_docs):
            yield Batch(taken, b"".join(lines), stamp)
            taken, lines, size = [], [], 0
            stamp = ingested()
            line = encode_item(items[position], stamp)
        taken.append(position)
        lines.append(line)
        size += len(line)
    if taken:
        yield Batch(taken, b"".join(lines), stamp)


def _encode(doc: JsonObject) -> bytes:
    """Compact UTF-8 JSON; several times faster where orjson may write it."""
    try:
        body = orjson.dumps(doc)
    except orjson.JSONEncodeError:
        return _encode_strictly(doc).encode()  # it decides, and tells what is wrong
    # orjson writes a number that is not finite as null, silently; so nulls are left to the other.
    return _encode_strictly(doc).encode() if b"null" in body else body
