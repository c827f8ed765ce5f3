"""Charts as SVG text: columns, bars, donut, heatmap. Every word in them is escaped. Pure."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.views.render.style import colours
from atlaslens_forwarder.views.wording import day, label, number, when

if TYPE_CHECKING:
    from atlaslens_forwarder.views.shown import Columns, Grid

_INK: Final = "#5b6675"
_LINE: Final = "#e3e7ee"
_HEIGHT: Final = 210
_LEFT: Final = 44
_BOTTOM: Final = 22
_TOP: Final = 8
_LABEL: Final = 92
"""Room for a date."""
_TEXT: Final = f'font-size="11" fill="{_INK}"'


def columns(chart: Columns, title: str, width: int) -> str:
    """Stacked columns over time; ``width`` in pixels at which letters have their natural size."""
    totals = [sum(values[at] for values in chart.values) for at in range(len(chart.times))]
    top = _round_up(max([*totals, 1]))
    inner, height = width - _LEFT - 4, _HEIGHT - _TOP - _BOTTOM
    step = inner / max(1, len(chart.times))
    wide = max(1.0, min(step * 0.78, 46.0))
    parts = [_grid_line(share, top, inner, height) for share in (0, 0.5, 1)]
    chosen = colours(chart.names)
    for at, time in enumerate(chart.times):
        left, bottom = _LEFT + at * step + (step - wide) / 2, float(_TOP + height)
        for name, values in zip(chart.names, chart.values, strict=True):
            tall = values[at] / top * height
            if tall <= 0:
                continue
            bottom -= tall
            told = f"{_time(time, chart.interval_ms)} · {label(name)}: {number(values[at])}"
            parts.append(
                f'<rect x="{left:.1f}" y="{bottom:.1f}" width="{wide:.1f}" height="{tall:.2f}" '
                f'fill="{chosen[name]}"><title>{escape(told)}</title></rect>'
            )
    most = max(2, int(inner // _LABEL))
    every = max(1, math.ceil(len(chart.times) / most))
    for at in range(0, len(chart.times), every):
        middle = _LEFT + at * step + step / 2
        anchor = "start" if middle < _LEFT + 32 else "end" if middle > width - 34 else "middle"
        middle = {"start": float(_LEFT), "end": width - 2.0}.get(anchor, middle)
        shown = _time(chart.times[at], chart.interval_ms)
        parts.append(
            f'<text x="{middle:.1f}" y="{_HEIGHT - 6}" text-anchor="{anchor}" {_TEXT}>{escape(shown)}</text>'
        )
    return _svg(width, _HEIGHT, title, parts)


def _grid_line(share: float, top: float, inner: float, height: float) -> str:
    y = _TOP + height * (1 - share)
    return (
        f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + inner:.1f}" y2="{y:.1f}" stroke="{_LINE}"/>'
        f'<text x="{_LEFT - 7}" y="{y + 4:.1f}" text-anchor="end" {_TEXT}>{number(top * share)}</text>'
    )


def _time(at_ms: int, interval_ms: int) -> str:
    return when(at_ms)[5:16] if interval_ms < DAY_MS else day(at_ms)


def _round_up(value: float) -> float:
    """The next of 2, 4, 6, 8, 10, 20, 40 …, so that half of it is a whole number."""
    size = 10.0 ** math.floor(math.log10(value))
    return max(2.0, next(step * size for step in (1, 2, 4, 6, 8, 10) if step * size >= value))


def bar(share: float, colour: str) -> str:
    """One horizontal bar; its value stands beside it in words."""
    return (
        '<svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="12" fill="#eef1f6"/>'
        f'<rect width="{max(0.6, 100 * share):.2f}" height="12" fill="{colour}"/></svg>'
    )


def donut(names: tuple[str, ...], values: tuple[float, ...], title: str) -> str:
    """Shares as a ring; names and values stand beside it in words."""
    whole, chosen, parts, start = sum(values) or 1.0, colours(names), [], 0.0
    around = 2 * math.pi * 54
    for name, value in zip(names, values, strict=True):
        length = value / whole * around
        told = f"{label(name)}: {number(value)} ({value / whole:.0%})"
        parts.append(
            f'<circle cx="75" cy="75" r="54" fill="none" stroke="{chosen[name]}" stroke-width="26" '
            f'stroke-dasharray="{max(0.0, length - 1):.2f} {around - max(0.0, length - 1):.2f}" '
            f'stroke-dashoffset="{-start:.2f}" transform="rotate(-90 75 75)">'
            f"<title>{escape(told)}</title></circle>"
        )
        start += length
    parts.append(
        f'<text x="75" y="80" text-anchor="middle" font-size="17" font-weight="700" fill="#1c2430">'
        f"{number(sum(values))}</text>"
    )
    return _svg(150, 150, title, parts)


def heatmap(grid: Grid, title: str, width: int) -> str:
    """A square per pair; the darker, the more."""
    left = 8 + 7 * max((len(name) for name in grid.ys), default=1)
    step, tall = (width - left) / max(1, len(grid.xs)), 24
    top = max((value for row in grid.values for value in row), default=0) or 1
    parts = []
    for row, (name, values) in enumerate(zip(grid.ys, grid.values, strict=True)):
        y = row * tall
        parts.append(f'<text x="0" y="{y + 16}" {_TEXT}>{escape(name)}</text>')
        for at, (x, value) in enumerate(zip(grid.xs, values, strict=True)):
            shade = 0.0 if not value else 0.14 + 0.86 * value / top
            told = f"{name} {x}: {number(value)}"
            parts.append(
                f'<rect x="{left + at * step:.1f}" y="{y + 1}" width="{step - 2:.1f}" height="{tall - 2}" '
                f'rx="3" fill="{"#eef1f6" if not value else "#2f5fd0"}"'
                f"{f' fill-opacity={chr(34)}{shade:.2f}{chr(34)}' if value else ''}>"
                f"<title>{escape(told)}</title></rect>"
            )
    bottom = len(grid.ys) * tall + 14
    every = max(1, math.ceil(len(grid.xs) * 22 / max(1.0, width - left)))
    parts += [
        f'<text x="{left + at * step + (step - 2) / 2:.1f}" y="{bottom}" text-anchor="middle" {_TEXT}>'
        f"{escape(grid.xs[at])}</text>"
        for at in range(0, len(grid.xs), every)
    ]
    return _svg(width, bottom + 4, title, parts)


def _svg(width: int, height: int, title: str, parts: list[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
