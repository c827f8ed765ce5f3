"""Panels as HTML. Every word is escaped here, and nowhere else is one written into the page. Pure."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.views.model import DonutPanel, MetricPanel, Unit
from atlaslens_forwarder.views.render import svg
from atlaslens_forwarder.views.render.style import FIXED, PALETTE, colours
from atlaslens_forwarder.views.shown import Cell, Columns, Figure, Grid, Shares, Table, Words
from atlaslens_forwarder.views.wording import label, number, when

if TYPE_CHECKING:
    from atlaslens_forwarder.views.shown import Content, ShownPanel

_PIXELS_PER_COLUMN: Final = 27
_LONG: Final = 12
"""Rows from which a panel may be broken over two pages of paper."""
_LONG_WORD: Final = 26
"""Longer words are broken rather than push other columns aside."""
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def panel(shown: ShownPanel) -> str:
    """One card."""
    one, content = shown.panel, shown.content
    small = " small" if isinstance(one, MetricPanel) else ""
    long = " long" if isinstance(content, Table) and len(content.rows) > _LONG else ""
    body = "" if content is None else _content(shown, content)
    helped = f'<p class="help">{escape(one.help)}</p>'
    body = body + helped if small else helped + body
    if shown.missing:
        gap = " gap" if shown.not_read else ""
        body += f'<p class="empty{gap}">{escape(shown.missing)}</p>'
    return (
        f'<article class="panel{small}{long}" id="{escape(one.id)}" style="grid-column:span {one.width}">'
        f"<h3>{escape(one.title)}</h3>{body}</article>"
    )


def _content(shown: ShownPanel, content: Content) -> str:
    one = shown.panel
    pixels = one.width * _PIXELS_PER_COLUMN - 40
    match content:
        case Figure():
            return f'<div class="figure">{escape(number(content.value, content.unit))}</div>'
        case Columns():
            return f"{svg.columns(content, one.title, pixels)}{_legend(content.names)}{_figures(content)}"
        case Shares():
            return _donut(content, one.title) if isinstance(one, DonutPanel) else _bars(content)
        case Grid():
            return svg.heatmap(content, one.title, pixels)
        case Table():
            return table(content)
        case Words():
            return f'<p class="empty">{escape(content.text)}</p>'


def table(content: Table) -> str:
    """A table whose long words wrap."""
    numeric = [
        all(row[at].number is not None or row[at].text == "–" for row in content.rows)
        for at in range(len(content.columns))
    ]
    heads = "".join(
        f'<th scope="col"{" class=n" if right else ""}>{escape(name)}</th>'.replace("class=n", 'class="n"')
        for name, right in zip(content.columns, numeric, strict=True)
    )
    rows = "".join(
        f"<tr>{''.join(_cell(cell, right=right) for cell, right in zip(row, numeric, strict=True))}</tr>"
        for row in content.rows
    )
    more = (
        f'<p class="more">{number(content.left_out)} more are not listed: narrow the time or the filters.</p>'
        if content.left_out
        else ""
    )
    return (
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{more}'
    )


def _cell(cell: Cell, *, right: bool) -> str:
    wide = any(len(word) > _LONG_WORD for word in cell.text.split())
    kind = "n" if right else "t" if _TIME.fullmatch(cell.text) else "w" if wide else ""
    return f'<td class="{kind}">{_words(cell)}</td>' if kind else f"<td>{_words(cell)}</td>"


def _words(cell: Cell) -> str:
    if cell.link:
        return f'<a href="{escape(cell.link)}" rel="noopener noreferrer">{escape(cell.text)}</a>'
    if cell.id:
        return f'<span title="{escape(cell.id)}">{escape(cell.text)}</span>'
    return escape(cell.text)


def _legend(names: tuple[str, ...]) -> str:
    if names == ("(all)",):
        return ""
    items = "".join(
        f'<li><i style="background:{colour}"></i>{escape(label(name))}</li>'
        for name, colour in colours(names).items()
    )
    return f'<ul class="legend">{items}</ul>'


def _figures(content: Columns) -> str:
    """The chart's figures as a table, for those who do not see it."""
    rows = tuple(
        (Cell(when(at)[:16]), *(Cell(number(each[place]), number=each[place]) for each in content.values))
        for place, at in enumerate(content.times)
        if any(each[place] for each in content.values)
    )
    made = table(Table(("From (UTC)", *(label(name) for name in content.names)), rows))
    return f'<details class="figures"><summary>Figures</summary>{made}</details>'


def _bars(content: Shares) -> str:
    most = max((value for _, value in content.rows), default=0) or 1
    rows = "".join(
        f'<tr><td class="l">{_words(cell)}</td>'
        f'<td class="b">{svg.bar(value / most, FIXED.get(cell.text, PALETTE[0]))}</td>'
        f'<td class="n">{escape(number(value, content.unit))}</td></tr>'
        for cell, value in content.rows
    )
    more = f'<p class="more">and {number(content.others)} in others</p>' if content.others else ""
    return f'<table class="bars"><tbody>{rows}</tbody></table>{more}'


def _donut(content: Shares, title: str) -> str:
    named = [(cell.text, value) for cell, value in content.rows]
    if content.others and content.unit is Unit.NUMBER:
        named.append(("others", content.others))
    names, values = tuple(name for name, _ in named), tuple(value for _, value in named)
    whole, chosen = sum(values) or 1, colours(names)
    rows = "".join(
        f'<tr><td><i class="dot" style="background:{chosen[name]}"></i>{escape(label(name))}</td>'
        f'<td class="n">{number(value)}</td><td class="n">{value / whole:.0%}</td></tr>'
        for name, value in named
    )
    ring = svg.donut(names, values, title)
    return f'<div class="donut">{ring}<table><tbody>{rows}</tbody></table></div>'
