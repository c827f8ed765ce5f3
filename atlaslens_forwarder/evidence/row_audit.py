"""All that verification asks of the rows, in one pass; it keeps the first difference of each kind. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.row_reading import Fault, HeaderFault
from atlaslens_forwarder.evidence.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.evidence.filters import ExportFilter
    from atlaslens_forwarder.evidence.row_reading import Row
    from atlaslens_forwarder.model.json import JsonObject

    OriginCheck = Callable[[JsonObject], bool | None]
    """Whether an event carries a valid ``event.hash``; None when the key it names is not known here."""


@dataclass(slots=True)
class RowAudit:
    """Feed it every row of a file in order, then read what it found; texts name the row, counted from 1."""

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

    def take(self, row: Row | Fault | HeaderFault) -> None:
        """Look at the next row."""
        if isinstance(row, HeaderFault):
            self.form_fault = f"the header {row.reason}"
            return
        self.rows += 1
        if isinstance(row, Fault):
            self.unreadable += 1
            self.form_fault = self.form_fault or f"row {self.rows} {row.reason}"
            return
        if not self.tally.add(row.at_ms, row.event_id):
            self.order_fault = self.order_fault or f"row {self.rows} belongs before the row above it"
        outside = self.export_filter.first_mismatch(row.at_ms, row.texts)
        if outside:
            self.filter_fault = self.filter_fault or f"row {self.rows} is outside the filter by {outside}"
        if self.origin is not None and row.event is not None:
            self._take_origin(self.origin(row.event))

    def _take_origin(self, verdict: bool | None) -> None:  # noqa: FBT001  three answers of one question
        if verdict is None:
            self.origin_unknown += 1
        elif verdict:
            self.origin_proven += 1
        else:
            self.origin_fault = self.origin_fault or f"row {self.rows} does not match its event.hash"
