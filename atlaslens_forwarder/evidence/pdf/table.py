"""The table of events: wraps, repeats its head, and breaks rows that are taller than a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from atlaslens_forwarder.evidence.pdf.look import (
    ACCENT,
    CELL,
    CELL_DIM,
    HAIR,
    HAIR_MM,
    HEAD,
    LANDSCAPE,
    RULE_MM,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from atlaslens_forwarder.evidence.pdf.rows import Cell
    from atlaslens_forwarder.evidence.pdf.sheet import Sheet

_GUTTER_MM: Final = 2.4
_PADDING_MM: Final = 1.0
_HEAD_MM: Final = HEAD.leading_mm + 1.2
_MOST_KEPT_LINES: Final = 16
"""Rows up to this height are never split; taller ones would leave too much of a page empty."""
_FEWEST_LINES: Final = 5
"""Lines of a row that is split which must fit below what is on the page already."""


class _Column(NamedTuple):
    title: str
    width_mm: float


_COLUMNS: Final = (
    _Column("Time (UTC)", 21),
    _Column("Product", 18),
    _Column("Action", 33),
    _Column("Who", 39),
    _Column("To whom or what", 44),
    _Column("Change", 48),
    _Column("IP address", 22),
    _Column("Message", 48),
)

_Line = tuple[str, bool]


def draw_table(sheet: Sheet, rows: Iterable[tuple[str, Sequence[Cell]]]) -> None:
    """Draw rows of (UTC day, cells) from the cursor on; the days go into the outline."""
    _draw_head(sheet)
    shown = ""
    for day, cells in rows:
        columns = [_lines(sheet, cell, column.width_mm) for cell, column in zip(cells, _COLUMNS, strict=True)]
        _make_room(sheet, max(map(len, columns)))
        if day != shown:
            sheet.start_section(day, level=1)
            shown = day
        _draw_row(sheet, columns)


def _lines(sheet: Sheet, cell: Cell, width_mm: float) -> list[_Line]:
    room = width_mm - _GUTTER_MM
    found: list[_Line] = []
    for text, dim in cell:
        style = CELL_DIM if dim else CELL
        found += [(line, dim) for line in sheet.type.lines(style.face, text, room / style.mm_per_unit)]
    return found


def _make_room(sheet: Sheet, lines: int) -> None:
    """Turn the page where the row would be split, unless it is tall and begins with more than a mere rest."""
    fit = _fitting(sheet)
    if fit < lines and (lines <= _MOST_KEPT_LINES or fit < _FEWEST_LINES):
        _next_page(sheet)


def _fitting(sheet: Sheet) -> int:
    return int((sheet.bottom - sheet.at - 2 * _PADDING_MM) / CELL.leading_mm)


def _draw_row(sheet: Sheet, columns: list[list[_Line]]) -> None:
    while True:
        fit = max(_fitting(sheet), 1)
        _draw_lines(sheet, [column[:fit] for column in columns])
        columns = [column[fit:] for column in columns]
        if not any(columns):
            return
        _next_page(sheet)
        columns[0] = columns[0] or [("continued", True)]


def _draw_lines(sheet: Sheet, columns: list[list[_Line]]) -> None:
    top = sheet.at + _PADDING_MM
    for dim, style in ((False, CELL), (True, CELL_DIM)):
        x = sheet.left
        for column, lines in zip(_COLUMNS, columns, strict=True):
            y = top
            for line, is_dim in lines:
                if line and is_dim is dim:
                    sheet.place(x, y, line, style)
                y += CELL.leading_mm
            x += column.width_mm
    sheet.at = top + max(map(len, columns)) * CELL.leading_mm + _PADDING_MM
    sheet.rule(sheet.at, HAIR, HAIR_MM)


def _next_page(sheet: Sheet) -> None:
    sheet.turn(LANDSCAPE)
    _draw_head(sheet)


def _draw_head(sheet: Sheet) -> None:
    x = sheet.left
    for title, width_mm in _COLUMNS:
        sheet.place(x, sheet.at, title, HEAD)
        x += width_mm
    sheet.at += _HEAD_MM
    sheet.rule(sheet.at, ACCENT, RULE_MM)
