"""Which time rows of the window ledger prove to be read. Pure.

A row proves the time in ``window.read`` if it is ours and unaltered, access was proven before it was read,
and its sums add up: rows = events + rows without event, events = stored + repeat + conflict + quarantined
+ skipped. Any other row proves nothing, and is named.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.cursor.intervals import Interval
    from atlaslens_forwarder.model.json import JsonObject

_OUTCOMES = ("stored", "repeat", "conflict", "quarantined", "skipped_retention")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row of the ledger: what it claims to be read, and why it proves nothing (empty: it does prove it)."""

    id: str
    number: int
    read: tuple[Interval, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ProvenSpan:
    """Time without a hole, proven by ``rows`` rows of the ledger with numbers from ``first`` to ``last``.

    A row that read two stretches apart counts once for each.
    """

    from_ms: int
    to_ms: int
    rows: int
    first: int
    last: int


def ledger_row(doc_id: str, doc: JsonObject, *, ours: bool | None) -> LedgerRow:
    """The row in a document of the ledger.

    Args:
        doc_id: the document's id, by which a row without a form is named.
        doc: the document.
        ours: whether its origin hash is right; None when its key is not at hand.
    """
    match doc:
        case {"window": {"number": int(number), "read": list(read), **window}}:
            spans = [(span.get("from_ms"), span.get("to_ms")) for span in read if isinstance(span, dict)]
            whole = tuple(
                (start, end) for start, end in spans if isinstance(start, int) and isinstance(end, int)
            )
            return LedgerRow(doc_id, number, whole, _fault(window, ours))
    return LedgerRow(doc_id, 0, (), "it has not the form of a row")


def _fault(window: Mapping[Any, Any], ours: bool | None) -> str:  # noqa: FBT001  a finding, not a switch
    if ours is None:
        return "the key of its origin hash is not in the key file"
    if not ours:
        return "its origin hash is wrong: it was not written by us, or was altered"
    if window.get("access_proven") is not True:
        return "access was not proven"
    if window.get("covered") is True and not _adds_up(window):
        return "its sums do not add up"
    return ""


def _adds_up(window: Any) -> bool:
    """Conservation of a window that was read to its end; one that broke off keeps whole pages only."""
    outcomes = sum(window.get(name, 0) for name in _OUTCOMES)
    return bool(
        window.get("end_reached") is True
        and window["events"] == outcomes
        and window["rows"] == window["events"] + window["without_event"]
    )


class Chain:
    """Joins rows, given in ascending order of the time they begin with, to spans; holds no row.

    Args:
        from_ms: begin of the time in question.
        to_ms: its end, inclusive.
    """

    def __init__(self, from_ms: int, to_ms: int) -> None:
        self._from_ms = from_ms
        self._to_ms = to_ms
        self._ahead: list[tuple[int, int, int]] = []
        self._done: list[ProvenSpan] = []
        self.until_ms = from_ms - 1
        """The newest millisecond joined so far: a row that does not reach beyond adds nothing."""

    def add(self, row: LedgerRow) -> None:
        """Take in what a row proves."""
        if not row.read or row.fault:
            return
        first_ms = min(start for start, _ in row.read)
        while self._ahead and self._ahead[0][0] < first_ms:
            self._join(*heapq.heappop(self._ahead))
        for start, end in row.read:
            heapq.heappush(self._ahead, (start, end, row.number))

    def spans(self) -> tuple[ProvenSpan, ...]:
        """All that was proven, once every row was given."""
        while self._ahead:
            self._join(*heapq.heappop(self._ahead))
        return tuple(self._done)

    def _join(self, start: int, end: int, number: int) -> None:
        start, end = max(start, self._from_ms), min(end, self._to_ms)
        if end <= self.until_ms or start > end:
            return
        if self._done and start <= self.until_ms + 1:
            last = self._done[-1]
            self._done[-1] = ProvenSpan(
                last.from_ms, end, last.rows + 1, min(last.first, number), max(last.last, number)
            )
        else:
            self._done.append(ProvenSpan(start, end, 1, number, number))
        self.until_ms = end
