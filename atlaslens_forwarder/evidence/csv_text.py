r"""CSV records as bytes: RFC 4180 in one canonical form, safe to open in a spreadsheet. Pure.

Canonical form: UTF-8, fields parted by commas, records ended by CRLF, a field quoted exactly when it contains
a comma, a quote, CR or LF. A byte order mark opens the file, because spreadsheets otherwise take UTF-8 for
the local code page and garble names.

Spreadsheet guard: a cell that starts with one of ``' = + - @ TAB CR LF`` could be run as a formula, so a
``'`` is put before it. Undoing strips one leading ``'`` from every cell that has one; nothing
is lost either way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BOM = b"\xef\xbb\xbf"
RECORD_END = b"\r\n"

_RISKY = ("'", "=", "+", "-", "@", "\t", "\r", "\n")
_QUOTED_WHEN = re.compile(r'[",\r\n]')
_FIELD = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n\Z)')


def guard(cell: str) -> str:
    """The cell as it is safe in a spreadsheet."""
    return f"'{cell}" if cell.startswith(_RISKY) else cell


def unguard(cell: str) -> str:
    """The cell as it was before ``guard``."""
    return cell.removeprefix("'")


def encode_record(cells: Sequence[str]) -> bytes:
    """One guarded record with its line end.

    Raises:
        UnicodeEncodeError: a cell holds a lone surrogate.
    """
    return (",".join(map(_field, cells)) + "\r\n").encode("utf-8")


def _field(cell: str) -> str:
    text = guard(cell)
    if _QUOTED_WHEN.search(text) is None:
        return text
    return '"' + text.replace('"', '""') + '"'


def decode_record(record: bytes) -> list[str]:
    """The unguarded cells of one record, which must be in the canonical form.

    Raises:
        ValueError: it is not; the message says how, without the content.
    """
    try:
        text = record.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("not valid UTF-8") from None
    cells: list[str] = []
    position = 0
    while True:
        match = _FIELD.match(text, position)
        if match is None:
            raise ValueError("not an RFC 4180 record")
        quoted, bare, end = match.groups()
        cells.append(unguard(bare if quoted is None else quoted.replace('""', '"')))
        position = match.end()
        if end != ",":
            break
    if encode_record(cells) != record:
        raise ValueError("a cell is quoted or guarded otherwise than the format demands")
    return cells
