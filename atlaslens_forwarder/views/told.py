"""Sources, holes and gaps as tables, from what status and exports state about them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.views.queries import SOURCES_OF_PRODUCT
from atlaslens_forwarder.views.shown import Cell, Table
from atlaslens_forwarder.views.wording import duration, number, when, when_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

EVERY_PRODUCT: Final = "all"


def of_products(connector: str, products: Sequence[str]) -> bool:
    """Whether a connector (``site:source``) brings something of these products; all do without any."""
    source = connector.partition(":")[2]
    return not products or any(source in SOURCES_OF_PRODUCT.get(each, ()) for each in products)


def sources(
    overview: Mapping[str, Any], coverage: Mapping[str, Any], products: Sequence[str]
) -> Table | None:
    """Each source with its state; ``coverage`` is that of the chosen time."""
    rows = []
    for name in sorted({*coverage["connectors"], *overview["sources"]}):
        if not of_products(name, products):
            continue
        health = overview["sources"].get(name, {})
        covered = coverage["connectors"].get(name)
        success = health.get("last_success_ms")
        rows.append(
            (
                Cell(name),
                Cell(str(health.get("status", "never-run"))),
                Cell(when(success)),
                Cell("–" if success is None else duration(max(0, overview["now_ms"] - success))),
                Cell("–" if covered is None else f"{covered['covered_share']:.1%}"),
                Cell("–") if covered is None else _number(covered["holes_total"]),
                _number(overview["ledger"].get(name, {}).get("stored", 0)),
                _number(overview["ledger"].get(name, {}).get("quarantined", 0)),
                Cell(". ".join(filter(None, (health.get("message"), health.get("hint"))))),
            )
        )
    heads = (
        "Source", "State", "Last success (UTC)", "Lag", "Read of this time", "Holes", "Stored ever",
        "Quarantined ever", "Message",
    )  # fmt: skip
    return _table(heads, rows)


def holes(coverage: Mapping[str, Any], products: Sequence[str]) -> Table | None:
    """Each hole of the chosen time."""
    rows = [
        (Cell(name), Cell(when_text(hole["from"])), Cell(when_text(hole["to"])), Cell(str(hole["reason"])))
        for name, each in sorted(coverage["connectors"].items())
        if of_products(name, products)
        for hole in each["holes"]
    ]
    return _table(("Source", "From (UTC)", "To (UTC)", "Why"), rows)


def gaps(live: Iterable[Mapping[str, Any]], products: Sequence[str]) -> Table | None:
    """The periods of our sources' gaps."""
    rows = [
        (
            Cell(str(gap["connector"])),
            Cell(str(gap["what"])),
            Cell(str(gap["why"])),
            Cell("ever" if gap["from"] is None else when_text(str(gap["from"]))),
            Cell("now" if gap["to"] is None else when_text(str(gap["to"]))),
            Cell("open" if gap["closed_at"] is None else "closed, read since" if gap["filled"] else "closed"),
            Cell(str(gap["closes"])),
        )
        for gap in live
        if of_products(str(gap["connector"]), products)
    ]
    heads = ("Source", "What is missing", "Why", "From (UTC)", "To (UTC)", "State", "What would close it")
    return _table(heads, rows)


def not_collected(static: Iterable[Mapping[str, Any]], products: Sequence[str]) -> Table | None:
    """What no account can read, of these products; those that concern all products always."""
    rows = [
        (
            Cell(str(gap["product"])),
            Cell(str(gap["what"])),
            Cell(str(gap["why"])),
            Cell(str(gap["closes"])),
            Cell(str(gap.get("state", "open"))),
        )
        for gap in static
        if gap["product"] == EVERY_PRODUCT or not products or gap["product"] in products
    ]
    return _table(("Product", "Not collected", "Why", "What would close it", "State"), rows)


def _number(value: int) -> Cell:
    return Cell(number(value), number=value)


def _table(heads: tuple[str, ...], rows: Sequence[tuple[Cell, ...]]) -> Table | None:
    return Table(heads, tuple(rows)) if rows else None
