"""All that verification asks of the rows, in one pass; it keeps the first difference of each kind. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.fields import shown_id, texts_at
from atlaslens_forwarder.evidence.row_reading import Fault, Row
from atlaslens_forwarder.evidence.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.evidence.filters import ExportFilter
    from atlaslens_forwarder.model.json import JsonObject

    OriginCheck = Callable[[JsonObject], bool | None]
    """Whether an event carries a valid ``event.hash``; None when the key it names is not known here."""


@dataclass(slots=True)
class RowAudit:
    """Feed it every row in order, then read what it found; texts name the row, counted from 1."""

    export_filter: ExportFilter
    origin: OriginCheck | None = None
    rows: int = 0
    unreadable: int = 0
    tally: Tally = field(default_factory=Tally)
    form_fault: str = ""
    order_fault: str = ""
    filter_fault: str = ""
    origin_fault: str = ""
    origin_proven: int = 0
    origin_unknown: int = 0

    def take(self, number: int, row: Row | Fault) -> None:
        """Look at the next row."""
        self.rows += 1
        if isinstance(row, Fault):
            self.unreadable += 1
            self.form_fault = self.form_fault or f"row {number} {row.reason}"
            return
        if not self.tally.add(row.at_ms, row.event_id):
            self.order_fault = self.order_fault or f"{_named(number, row)} belongs before the row above it"
        outside = self.export_filter.first_mismatch(row.at_ms, partial(texts_at, row.event))
        if outside:
            self.filter_fault = self.filter_fault or (
                f"{_named(number, row)} is outside the filter by {outside}"
            )
        if self.origin is not None:
            self._take_origin(number, row, self.origin(row.event))

    def _take_origin(self, number: int, row: Row, verdict: bool | None) -> None:  # noqa: FBT001  three answers
        if verdict is None:
            self.origin_unknown += 1
        elif verdict:
            self.origin_proven += 1
        else:
            self.origin_fault = self.origin_fault or (f"{_named(number, row)} does not match its event.hash")


def _named(number: int, row: Row) -> str:
    return f"row {number} ({shown_id(row.event)})"
