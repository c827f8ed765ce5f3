"""Reads ``events.jsonl`` back row by row; what is no row becomes a fault, not an exception. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

import orjson

from atlaslens_forwarder.evidence.fields import event_at_ms, event_id
from atlaslens_forwarder.model.canonical import canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

MAX_ROW_BYTES: Final = 128 * 1024 * 1024
"""Above what OpenSearch takes as one document (``http.max_content_length``, 100 MB by default)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event as the file holds it."""

    at_ms: int
    event_id: str
    event: JsonObject


@dataclass(frozen=True, slots=True)
class Fault:
    """Bytes that are not a row, and why; never their content."""

    reason: str


def event_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines with their ends; one that is longer than any event comes in parts, which are no rows."""
    while line := file.readline(MAX_ROW_BYTES):
        yield line


def read_row(line: bytes) -> Row | Fault:
    """The row that a line with its end stands for."""
    try:
        event: JsonValue = orjson.loads(line)
    except ValueError:
        return Fault("is not UTF-8 JSON")
    if not isinstance(event, dict):
        return Fault("is not a JSON object")
    try:
        if canonical_bytes(event) + b"\n" != line:
            return Fault("is not in canonical form")
    except ValueError as error:
        return Fault(f"has no canonical form ({error})")
    try:
        return Row(event_at_ms(event), event_id(event), event)
    except ValueError:
        return Fault("has a @timestamp that is not a time")


def parsed_events(lines: Iterable[bytes]) -> Iterator[tuple[bytes, JsonObject]]:
    """Lines that this product has written itself, each with its event."""
    for line in lines:
        yield line, orjson.loads(line)
