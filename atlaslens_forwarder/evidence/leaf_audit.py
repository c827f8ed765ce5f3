"""Holds rows against their leaves, and the leaves against the Merkle root. Pure.

Each row has its own salt, so one line of ``rows.txt`` fits one event alone. Where a row does not fit, the
next one tells what happened: a row changed, left out, put in, or two of them exchanged.
"""

from __future__ import annotations

import orjson

from atlaslens_forwarder.evidence.fields import shown_id
from atlaslens_forwarder.evidence.layout import RowLine
from atlaslens_forwarder.proof.merkle import MerkleTree

_Pair = tuple[int, bytes | None, RowLine | None]


class LeafAudit:
    """Feed it every row with its line of ``rows.txt`` in order, then read ``fault``, ``line_fault``, root."""

    def __init__(self) -> None:
        self._tree = MerkleTree()
        self._wrong: _Pair | None = None
        self.fault = ""
        self.line_fault = ""

    @property
    def merkle_root(self) -> str:
        """The root over the leaves of ``rows.txt``, in hex."""
        return self._tree.root().hex()

    def take(self, number: int, row: bytes | None, line: RowLine | None, *, withheld: bool = False) -> None:
        """The next row.

        Args:
            number: counted from 1.
            row: its bytes without line end; None when there is none.
            line: its line of ``rows.txt``; None when there is none, or it is broken.
            withheld: whether the row is stated as withheld.
        """
        if line is not None:
            self._tree.add(line.leaf)
            if (line.salt is None) != withheld and not self.line_fault:
                self.line_fault = (
                    f"row {number} is stated as withheld, but its salt is in rows.txt"
                    if withheld
                    else f"row {number} has no salt in rows.txt"
                )
        if withheld or self.fault:
            return
        if self._wrong is not None:
            self.fault = _what_happened(self._wrong, (number, row, line))
        elif not _fits(row, line):
            self._wrong = number, row, line

    def finish(self) -> None:
        """There are no more rows."""
        if self._wrong is not None and not self.fault:
            self.fault = _what_happened(self._wrong, (self._wrong[0] + 1, None, None))


def _fits(row: bytes | None, line: RowLine | None) -> bool:
    return row is not None and line is not None and line.fits(row)


def _what_happened(wrong: _Pair, after: _Pair) -> str:
    number, row, line = wrong
    _, next_row, next_line = after
    here = f"row {number}"
    if row is None:
        return f"{here} is missing"
    named = f"{here} ({_id(row)})"
    if line is None:
        return f"{named} has no leaf in rows.txt: it was added, or rows.txt was changed"
    if _fits(row, next_line):
        if _fits(next_row, line):
            return f"{here} and row {number + 1} were exchanged"
        return f"{here} is missing: {_id(row)} was the row after it"
    if _fits(next_row, line):
        return f"{named} was added: what was exported here is the row after it"
    return f"{named} is not what was exported"


def _id(row: bytes) -> str:
    try:
        event = orjson.loads(row)
    except ValueError:
        return "unreadable"
    return shown_id(event) if isinstance(event, dict) else "unreadable"
