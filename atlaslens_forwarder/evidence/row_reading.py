"""Reads an evidence file back row by row; what is no row becomes a fault, not an exception. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.columns import COLUMNS, texts_in
from atlaslens_forwarder.evidence.csv_text import RECORD_END, decode_record
from atlaslens_forwarder.evidence.fields import ID_PATH, TIME_PATH, event_at_ms, event_id, texts_at
from atlaslens_forwarder.evidence.row_formats import CSV_HEADER
from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.model.time import parse_iso_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from atlaslens_forwarder.evidence.filters import Texts
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

MAX_ROW_BYTES = 128 * 1024 * 1024
"""Above what OpenSearch takes as one document (``http.max_content_length``, 100 MB by default)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event as the file holds it; ``event`` is the whole document where the format carries it."""

    at_ms: int
    event_id: str
    texts: Texts
    event: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Bytes that are not a row, and why; never their content."""

    reason: str


@dataclass(frozen=True, slots=True)
class HeaderFault:
    """The file does not begin as its format does; this is not counted as a row."""

    reason: str


def jsonl_rows(lines: Iterable[bytes]) -> Iterator[Row | Fault]:
    """Rows of a JSONL file, given its lines with their ends."""
    for line in lines:
        yield _jsonl_row(line)


def _jsonl_row(line: bytes) -> Row | Fault:
    try:
        event: JsonValue = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return Fault("is not UTF-8 JSON")
    if not isinstance(event, dict):
        return Fault("is not a JSON object")
    try:
        if canonical_bytes(event) + b"\n" != line:
            return Fault("is not in canonical form")
    except ValueError as error:
        return Fault(f"has no canonical form ({error})")
    try:
        return Row(event_at_ms(event), event_id(event), partial(texts_at, event), event)
    except ValueError:
        return Fault("has a @timestamp that is not a time")


def csv_rows(lines: Iterable[bytes]) -> Iterator[Row | Fault | HeaderFault]:
    """Rows of a CSV file, given its lines with their ends (the header first, which must be ours)."""
    records = _records(lines)
    header = next(records, b"")
    if header != CSV_HEADER:
        yield HeaderFault("is not that of this format")
    for record in records:
        yield _csv_row(record)


def _records(lines: Iterable[bytes]) -> Iterator[bytes]:
    """A record ends at CRLF outside quotes, that is after an even number of quotes."""
    parts: list[bytes] = []
    quotes = 0
    size_bytes = 0
    for line in lines:
        parts.append(line)
        quotes += line.count(b'"')
        size_bytes += len(line)
        if (quotes % 2 == 0 and line.endswith(RECORD_END)) or size_bytes > MAX_ROW_BYTES:
            yield b"".join(parts)
            parts, quotes, size_bytes = [], 0, 0
    if parts:
        yield b"".join(parts)


def _csv_row(record: bytes) -> Row | Fault:
    try:
        cells = decode_record(record)
    except ValueError as error:
        return Fault(f"is broken: {error}")
    if len(cells) != len(COLUMNS):
        return Fault(f"has {len(cells)} cells instead of {len(COLUMNS)}")
    by_path = dict(zip(COLUMNS.values(), cells, strict=True))
    try:
        at_ms = parse_iso_ms(by_path[TIME_PATH])
    except (ValueError, OverflowError):
        return Fault("has a time that is not a time")
    return Row(at_ms, by_path[ID_PATH], partial(texts_in, by_path))
