"""Charts, drawn as lines and rectangles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from atlaslens_forwarder.evidence.pdf.buckets import start_ms, ticks
from atlaslens_forwarder.evidence.pdf.look import (
    ACCENT,
    AXIS,
    BODY,
    HAIR,
    HAIR_MM,
    NOTE,
    STRONG,
    TINT,
    UNKNOWN,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.evidence.pdf.buckets import Bars
    from atlaslens_forwarder.evidence.pdf.sheet import Sheet

_HEIGHT_MM: Final = 48.0
_AXIS_MM: Final = 14.0
_HATCH_MM: Final = 1.4
_ROW_MM: Final = 6.0
_NAME_PART: Final = 0.45
_COUNT_MM: Final = 16.0
_LEGEND_MM: Final = 4.0
_LABEL_LENGTH: Final = {"day": 10, "week": 10, "month": 7, "year": 4}


def draw_over_time(sheet: Sheet, bars: Bars, unknown: Sequence[tuple[int, int]]) -> None:
    """Bars over a time axis. Times of ``unknown`` (epoch milliseconds, end excluded) are hatched."""
    sheet.need(_HEIGHT_MM + AXIS.leading_mm + _LEGEND_MM + 6)
    left, width = sheet.left + _AXIS_MM, sheet.measure - _AXIS_MM
    foot = sheet.at + _HEIGHT_MM
    scale = ticks(max((bar.count for bar in bars.bars), default=0))
    begin, end = start_ms(bars.bars[0].start), start_ms(bars.bars[-1].end)

    def x_of(at_ms: int) -> float:
        return left + width * (min(max(at_ms, begin), end) - begin) / (end - begin)

    for from_ms, to_ms in unknown:
        hatch(sheet, x_of(from_ms), x_of(to_ms), foot - _HEIGHT_MM, foot)
    sheet.set_line_width(HAIR_MM)
    sheet.set_draw_color(*HAIR)
    for tick in scale:
        y = foot - _HEIGHT_MM * tick / scale[-1]
        sheet.line(left, y, left + width, y)
        label = f"{tick:,}"
        place = left - 1.5 - sheet.width(label, AXIS)
        sheet.place(place, y - AXIS.leading_mm / 2, label, AXIS)
    sheet.set_fill_color(*ACCENT)
    free = left - 1.0
    for bar in bars.bars:
        x, next_x = x_of(start_ms(bar.start)), x_of(start_ms(bar.end))
        gap = min(0.8, (next_x - x) * 0.2)
        height = _HEIGHT_MM * bar.count / scale[-1]
        if height:
            sheet.rect(x + gap / 2, foot - height, next_x - x - gap, height, style="F")
        label = bar.start.isoformat()[: _LABEL_LENGTH[bars.unit]]
        label_width = sheet.width(label, AXIS)
        if x >= free and x + label_width <= left + width + 1:
            sheet.place(x, foot + 1, label, AXIS)
            free = x + label_width + 4
    sheet.at = foot + AXIS.leading_mm + 3
    if unknown:
        hatch(sheet, left, left + 5, sheet.at + 0.4, sheet.at + NOTE.leading_mm - 0.4)
        sheet.place(left + 7, sheet.at, "not read in full by some source: unknown, not zero", NOTE)
        sheet.at += NOTE.leading_mm
    sheet.at += 4


class Entry(NamedTuple):
    """One bar of a ranking; the note stands below the name."""

    name: str
    events: int
    note: str = ""


def draw_ranking(sheet: Sheet, entries: Sequence[Entry]) -> None:
    """Names with horizontal bars and counts, in the order given; names wrap."""
    highest = max((entry.events for entry in entries), default=0) or 1
    name_mm = sheet.measure * _NAME_PART
    room = sheet.measure - name_mm - _COUNT_MM
    for name, events, note in entries:
        lines = [(line, BODY) for line in sheet.broken(name, BODY, name_mm - 4)]
        lines += [(line, NOTE) for line in sheet.broken(note, NOTE, name_mm - 4) if line]
        sheet.need(max(_ROW_MM, len(lines) * BODY.leading_mm))
        sheet.set_fill_color(*TINT)
        sheet.rect(sheet.left + name_mm, sheet.at + 0.8, room, 3.0, style="F")
        sheet.set_fill_color(*ACCENT)
        sheet.rect(sheet.left + name_mm, sheet.at + 0.8, room * events / highest, 3.0, style="F")
        label = f"{events:,}"
        sheet.place(sheet.left + sheet.measure - sheet.width(label, STRONG), sheet.at, label, STRONG)
        for line, style in lines:
            sheet.place(sheet.left, sheet.at, line, style)
            sheet.at += style.leading_mm
        sheet.at += _ROW_MM - BODY.leading_mm


def draw_spans(
    sheet: Sheet,
    interval: tuple[int, int],
    covered: Sequence[tuple[int, int]],
    holes: Sequence[tuple[int, int]],
) -> None:
    """One strip of time: filled where it was read in full, hatched in holes."""
    begin, end = interval
    height = 3.2

    def x_of(at_ms: int) -> float:
        return sheet.left + sheet.measure * (min(max(at_ms, begin), end) - begin) / max(end - begin, 1)

    sheet.set_fill_color(*ACCENT)
    for from_ms, to_ms in covered:
        if to_ms > begin and from_ms < end:
            sheet.rect(x_of(from_ms), sheet.at, max(x_of(to_ms) - x_of(from_ms), HAIR_MM), height, style="F")
    for from_ms, to_ms in holes:
        hatch(sheet, x_of(from_ms), max(x_of(to_ms), x_of(from_ms) + 0.6), sheet.at, sheet.at + height)
    sheet.set_draw_color(*HAIR)
    sheet.set_line_width(HAIR_MM)
    sheet.rect(sheet.left, sheet.at, sheet.measure, height)
    sheet.at += height + 2


def hatch(sheet: Sheet, left: float, right: float, top: float, bottom: float) -> None:
    """Slanted lines over white, cut at the edges of the rectangle."""
    if right <= left:
        return
    sheet.set_fill_color(255, 255, 255)
    sheet.rect(left, top, right - left, bottom - top, style="F")
    sheet.set_draw_color(*UNKNOWN)
    sheet.set_line_width(HAIR_MM)
    height = bottom - top
    for step in range(int((right - left + height) / _HATCH_MM) + 1):
        x = left + step * _HATCH_MM
        from_x, to_x = max(x - height, left), min(x, right)
        if from_x < to_x:
            sheet.line(from_x, top + (x - from_x), to_x, top + (x - to_x))
    sheet.rect(left, top, right - left, height)
