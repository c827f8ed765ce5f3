"""Views as tables in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.views.model import MetricPanel
from atlaslens_forwarder.views.shown import Columns, Figure, Grid, Shares, Table, Words
from atlaslens_forwarder.views.wording import label, number, when

if TYPE_CHECKING:
    from atlaslens_forwarder.views.shown import Cell, Content, Facts, ShownPanel, ShownView

BAR: int = 24
"""Letters of the longest bar."""


def print_facts(facts: Facts) -> None:
    """What the figures below stand for."""
    asked = "; ".join(f"{name}: {value}" for name, value in facts.asked) or "none"
    click.echo(f"{when(facts.filters.from_ms)} to {when(facts.filters.to_ms)} UTC, filter: {asked}")
    click.echo(f"{facts.store}{'' if facts.append_only else ', NOT append-only'}")
    click.echo(f"read of this time: {facts.coverage['verdict']}; gaps: {len(facts.gaps)} (see sync-health)")
    if facts.unheeded:
        click.echo(f"windows and quarantine have no {', '.join(facts.unheeded)}: shown for all")


def print_view(shown: ShownView) -> None:
    """One view: its numbers, then panel by panel."""
    click.echo(f"\n{shown.view.title}\n{'=' * len(shown.view.title)}\n{shown.view.description}\n")
    numbers = [each for each in shown.panels if isinstance(each.panel, MetricPanel)]
    print_table("", ("", "value", ""), [_number(each) for each in numbers])
    for each in shown.panels:
        if isinstance(each.panel, MetricPanel):
            continue
        if each.content is None:
            click.echo(f"{each.panel.title}: {each.missing}\n")
        else:
            _print(each, each.content)


def _number(shown: ShownPanel) -> tuple[str, str, str]:
    figure = shown.content
    value = number(figure.value, figure.unit) if isinstance(figure, Figure) else "–"
    return shown.panel.title, value, shown.missing


def _print(shown: ShownPanel, content: Content) -> None:
    title = shown.panel.title
    match content:
        case Table():
            print_table(title, content.columns, [[_words(cell) for cell in row] for row in content.rows])
            if content.left_out:
                click.echo(f"{number(content.left_out)} more are not listed")
        case Shares():
            most = max((value for _, value in content.rows), default=0) or 1
            rows = [
                (plain(cell.text), number(value, content.unit), "█" * round(BAR * value / most))
                for cell, value in content.rows
            ]
            if content.others:
                rows.append(("others", number(content.others), ""))
            print_table(title, ("", "", ""), rows)
        case Columns():
            filled = [at for at in range(len(content.times)) if any(each[at] for each in content.values)]
            print_table(
                title,
                ("from (UTC)", *(plain(label(name)) for name in content.names)),
                [
                    (when(content.times[at])[:16], *(number(each[at]) for each in content.values))
                    for at in filled
                ],
            )
        case Grid():
            rows_of = zip(content.ys, content.values, strict=True)
            print_table(
                title,
                ("", *map(plain, content.xs)),
                [(plain(y), *(number(value) if value else "" for value in row)) for y, row in rows_of],
            )
        case Words():
            click.echo(f"{title}: {content.text}\n")
        case Figure():
            click.echo(f"{title}: {number(content.value, content.unit)}\n")


def _words(cell: Cell) -> str | int:
    """The cell for ``print_table``, which sets whole numbers right."""
    if cell.number is not None and cell.text == f"{cell.number:,.0f}":
        return int(cell.number)
    return plain(cell.link or cell.text)


def plain(text: str) -> str:
    """Text that cannot steer a terminal: names come from whoever writes at Atlassian."""
    return "".join(
        each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text
    )
