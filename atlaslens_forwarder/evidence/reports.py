"""The reports for people as exact bytes, made from the events and the stamp. Pure.

Writer and verifier use the same functions: a report is right when it is what these give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.evidence.columns import COLUMNS, cells_of
from atlaslens_forwarder.evidence.csv_text import BOM, encode_record
from atlaslens_forwarder.evidence.layout import ReportFormat
from atlaslens_forwarder.model.canonical import canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.evidence.stamp import Stamp
    from atlaslens_forwarder.model.json import JsonObject

STAMP_KEY: Final = "atlaslens_evidence_stamp"
STAMP_MARK: Final = "# "
"""No time of an event begins so: what follows the first such record of a CSV is its stamp."""


class CsvReport:
    """A table with fixed columns. The stamp stands below it, in records of the same number of cells."""

    name: Final = "report.csv"

    def __init__(self, stamp: Stamp) -> None:
        self.head = BOM + encode_record(tuple(COLUMNS))
        empty = ("",) * (len(COLUMNS) - 2)
        self.foot = b"".join(encode_record((f"{STAMP_MARK}{name}", value, *empty)) for name, value in stamp)

    def row(self, event: JsonObject, _line: bytes) -> bytes:
        """The record of an event.

        Raises:
            ValueError: a value has no canonical form.
        """
        return encode_record(cells_of(event))


class JsonlReport:
    """The stamp as first line, then the canonical line of every event."""

    name: Final = "report.jsonl"

    def __init__(self, stamp: Stamp) -> None:
        self.head = canonical_bytes({STAMP_KEY: dict(stamp)}) + b"\n"
        self.foot = b""

    def row(self, _event: JsonObject, line: bytes) -> bytes:
        """The line of an event."""
        return line


RowReport = CsvReport | JsonlReport

ROW_REPORTS: Final[Mapping[ReportFormat, type[RowReport]]] = {
    ReportFormat.CSV: CsvReport,
    ReportFormat.JSONL: JsonlReport,
}
"""The reports that are written row by row."""
