"""The files of a bundle: their names, their order, and the lines of ``rows.txt``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.proof.merkle import SALT_BYTES, salted_leaf

if TYPE_CHECKING:
    from collections.abc import Iterable

EVENTS: Final = "events.jsonl"
ROWS: Final = "rows.txt"
MANIFEST: Final = "manifest.json"
ENVELOPE: Final = "manifest.dsse.json"
REDACTABLE: Final = "redactable.dsse.json"
"""The manifest without what tells of single rows, signed too: what redactions and proofs of rows rest on."""
HISTORY: Final = "signing-keys.json"
REDACTION: Final = "redaction.json"
REDACTION_ENVELOPE: Final = "redaction.dsse.json"
REDACTION_HISTORY: Final = "redaction-keys.json"
CHECKSUMS: Final = "SHA256SUMS"
HOW_TO: Final = "VERIFY.txt"
KEYS_FOLDER: Final = "keys"

ENVELOPE_TYPE: Final = "application/vnd.atlaslens.evidence+json"
REDACTION_TYPE: Final = "application/vnd.atlaslens.redaction+json"

_ORDER: Final = (
    HOW_TO, MANIFEST, ENVELOPE, REDACTABLE, HISTORY, REDACTION, REDACTION_ENVELOPE, REDACTION_HISTORY,
)  # fmt: skip
_WITHHELD: Final = b"-" * (2 * SALT_BYTES)
_LINE: Final = re.compile(rb"([0-9a-f]{32}|-{32}) ([0-9a-f]{64})\n")
ROW_LINE_BYTES: Final = 98


class ReportFormat(StrEnum):
    """The forms of ``--format``."""

    CSV = "csv"
    """A table for people, with fixed columns."""
    JSONL = "jsonl"
    """The stamp, then whole events, one canonical JSON document per line."""
    PDF = "pdf"
    """A document for people, with all stamps on its cover."""


def key_name(key_id: str) -> str:
    """Where the public key with this id is."""
    return f"{KEYS_FOLDER}/{key_id}.pem"


def in_order(names: Iterable[str]) -> list[str]:
    """The files of a bundle in the order of a zip: for people first, then by name, the check sums last."""

    def place(name: str) -> tuple[int, str]:
        if name == CHECKSUMS:
            return len(_ORDER) + 1, name
        return _ORDER.index(name) if name in _ORDER else len(_ORDER), name

    return sorted(names, key=place)


@dataclass(frozen=True, slots=True)
class RowLine:
    """What ``rows.txt`` says of a row: its leaf in the tree, and its salt unless the row is withheld."""

    salt: bytes | None
    leaf: bytes

    def to_bytes(self) -> bytes:
        """The line, always of the same length."""
        salt = _WITHHELD if self.salt is None else self.salt.hex().encode()
        return b"%b %b\n" % (salt, self.leaf.hex().encode())

    def fits(self, row: bytes) -> bool:
        """Whether this is the line of a row, given as canonical bytes without line end."""
        return self.salt is not None and salted_leaf(self.salt, row) == self.leaf


def parse_row_line(line: bytes) -> RowLine | None:
    """Read a line back; None when it is none."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    salt = None if match[1] == _WITHHELD else bytes.fromhex(match[1].decode())
    return RowLine(salt, bytes.fromhex(match[2].decode()))
