"""The two forms of an evidence file: how it begins, and how a row is written. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.columns import COLUMNS, cells_of
from atlaslens_forwarder.evidence.csv_text import BOM, encode_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject


class ExportFormat(StrEnum):
    """The forms of ``--format``."""

    JSONL = "jsonl"
    """Whole events, one canonical JSON document per line."""
    CSV = "csv"
    """A table for people, with fixed columns."""


@dataclass(frozen=True, slots=True)
class RowForm:
    """How a file of one format begins, and the bytes of one row given the event and its canonical line."""

    header: bytes
    row: Callable[[JsonObject, bytes], bytes]
    columns: tuple[str, ...] | None = None


CSV_HEADER = BOM + encode_record(tuple(COLUMNS))


def _csv_row(event: JsonObject, _line: bytes) -> bytes:
    return encode_record(cells_of(event))


def _jsonl_row(_event: JsonObject, line: bytes) -> bytes:
    return line


ROW_FORMS = {
    ExportFormat.JSONL: RowForm(b"", _jsonl_row),
    ExportFormat.CSV: RowForm(CSV_HEADER, _csv_row, tuple(COLUMNS)),
}
