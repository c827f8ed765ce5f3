"""Views filled by hand, with names as nasty as people can choose them."""

from __future__ import annotations

from atlaslens_forwarder.views.definitions import VIEWS
from atlaslens_forwarder.views.model import (
    BarsPanel,
    ColumnsPanel,
    DonutPanel,
    HeatmapPanel,
    MetricPanel,
)
from atlaslens_forwarder.views.queries import Filters
from atlaslens_forwarder.views.shown import (
    Cell,
    Columns,
    Facts,
    Figure,
    Grid,
    Shares,
    ShownPanel,
    ShownView,
    Table,
)

NASTY = "</title><script>alert(1)</script>\"'&<b onload=x>"


def facts(**changes):
    """Facts with nasty words wherever words come from outside."""
    hole = {"from": "2026-01-01T00:00:00.000Z", "to": "2026-01-02T00:00:00.000Z", "reason": NASTY}
    connector = {"verdict": "holes", "covered_share": 0.5, "holes": [hole], "holes_total": 1}
    gap = {"connector": NASTY, "what": NASTY, "from": None, "to": None}
    options = {
        "filters": Filters(0, 86_400_000),
        "asked": (("person", NASTY),),
        "made_ms": 86_400_000,
        "tool_version": "1",
        "store": NASTY,
        "append_only": False,
        "coverage": {"verdict": "holes", "connectors": {NASTY: connector}},
        "gaps": (gap,),
        "unheeded": ("person",),
    } | changes
    return Facts(**options)


def content_for(panel):
    """Content of the kind that a panel shows."""
    cell = Cell(NASTY, id=NASTY)
    match panel:
        case MetricPanel():
            return Figure(3, panel.metric.unit)
        case ColumnsPanel():
            return Columns((0, 3_600_000), 3_600_000, (NASTY, "others"), ((1, 0), (2, 3)))
        case BarsPanel() | DonutPanel():
            return Shares(((cell, 2.0), (Cell("high"), 1.0)), panel.metric.unit, 4)
        case HeatmapPanel():
            return Grid((NASTY, "b"), (NASTY,), ((0.0, 2.0),))
        case _:
            link = Cell("open", link="https://acme.example/?a=1&b='\"")
            return Table((NASTY, "n", "link"), ((cell, Cell("5", number=5), link),), 7)


def shown(fill=content_for):
    """All views with such content."""
    return tuple(
        ShownView(view, tuple(ShownPanel(panel, fill(panel)) for panel in view.panels)) for view in VIEWS
    )
