"""Holds a report against the events it was made from, and names the first row and field that differ. Pure."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

import orjson

from atlaslens_forwarder.evidence.columns import COLUMNS, cells_of
from atlaslens_forwarder.evidence.csv_text import RECORD_END, decode_record
from atlaslens_forwarder.evidence.fields import first_difference
from atlaslens_forwarder.evidence.reports import STAMP_MARK, CsvReport

if TYPE_CHECKING:
    from atlaslens_forwarder.evidence.reports import RowReport
    from atlaslens_forwarder.model.json import JsonObject

_LOOK_BYTES: Final = 1 << 20
"""How far the row that differs is read for its fields."""


class ReportAudit:
    """Feed it every event in order; what the report should hold is compared with what it holds."""

    def __init__(self, report: RowReport, file: IO[bytes]) -> None:
        self.report = report
        self._file = file
        self.fault = ""
        self._head_fault = not self._goes_on_with(report.head)
        if self._head_fault:
            self.fault = f"{report.name} does not begin as it must: its header or stamp was changed"

    def take(self, number: int, event: JsonObject | None, line: bytes) -> None:
        """The next event; None where the line is no event."""
        if self.fault:
            return
        if event is None:
            self.fault = (
                f"row {number} of events.jsonl cannot be read, so {self.report.name} cannot be compared"
            )
            return
        try:
            expected = self.report.row(event, line)
        except ValueError:
            self.fault = f"row {number} has no form in {self.report.name}"
            return
        found = self._file.read(len(expected))
        if found != expected:
            what = _difference(self.report, event, found + self._file.read(_LOOK_BYTES))
            self.fault = f"{self.report.name} row {number} {what}"

    def finish(self) -> None:
        """There are no more events."""
        if not self.fault and not self._goes_on_with(self.report.foot):
            self.fault = f"{self.report.name} has another stamp or more rows than events.jsonl"
        if not self.fault and self._file.read(1):
            self.fault = f"{self.report.name} goes on after its end"

    def _goes_on_with(self, expected: bytes) -> bool:
        return self._file.read(len(expected)) == expected


def _difference(report: RowReport, event: JsonObject, found: bytes) -> str:
    return _in_csv(event, found) if isinstance(report, CsvReport) else _in_jsonl(event, found)


def _in_csv(event: JsonObject, found: bytes) -> str:
    record = _first_record(found)
    if not record or record.removeprefix(b'"').startswith(STAMP_MARK.encode()):
        return "is missing"
    try:
        cells = decode_record(record)
    except ValueError as error:
        return f"is broken: {error}"
    if len(cells) != len(COLUMNS):
        return f"has {len(cells)} cells instead of {len(COLUMNS)}"
    differing = [
        name for name, cell, wanted in zip(COLUMNS, cells, cells_of(event), strict=True) if cell != wanted
    ]
    return f"differs from events.jsonl in {', '.join(differing)}"


def _first_record(found: bytes) -> bytes:
    end = found.find(RECORD_END)
    while end >= 0 and found.count(b'"', 0, end) % 2:
        end = found.find(RECORD_END, end + 1)
    return found if end < 0 else found[: end + len(RECORD_END)]


def _in_jsonl(event: JsonObject, found: bytes) -> str:
    line = found.partition(b"\n")[0]
    if not line:
        return "is missing"
    try:
        there = orjson.loads(line)
    except ValueError:
        return "is broken: not UTF-8 JSON"
    path = first_difference(there, event)
    return f"differs from events.jsonl in {path}" if path else "is not in canonical form"
