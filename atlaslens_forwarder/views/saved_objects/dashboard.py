"""A view as a dashboard: its panels on the grid of 48 columns. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.views.model import (
    FULL,
    Index,
    ListPanel,
    MetricPanel,
    TablePanel,
    TextPanel,
    Told,
    ToldPanel,
)
from atlaslens_forwarder.views.saved_objects.controls import controls, lookup_filters
from atlaslens_forwarder.views.saved_objects.objects import (
    reference,
    saved_object,
    text_of,
    visualization,
)
from atlaslens_forwarder.views.saved_objects.panels import object_id, panel_object
from atlaslens_forwarder.views.saved_objects.pictures import text_params

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.views.model import AnyPanel, View

_PANEL_VERSION: Final = "3.3.0"
"""Of the Dashboards that the form of ``panelsJSON`` was taken from."""
_CONTROLS_HEIGHT: Final = 8
_GUIDE_WIDTH: Final = 18
_TEXT_HEIGHT: Final = 4


def view_objects(view: View) -> list[JsonObject]:
    """The dashboard of a view and all that stands only in it, the dashboard last."""
    index = main_index(view)
    pick = controls(object_id(f"{view.id}-controls"), f"AtlasLens {view.title}: Filters", index)
    guide = visualization(
        object_id(f"{view.id}-guide"),
        f"AtlasLens {view.title}: About",
        view.description,
        kind="markdown",
        aggregations=[],
        params=text_params(_guide(view, index), font_size=10),
    )
    inner = [panel_object(view, panel) for panel in view.panels]
    placed = [
        _Placed(pick, "", 0, 0, FULL - _GUIDE_WIDTH, _CONTROLS_HEIGHT),
        _Placed(guide, "", FULL - _GUIDE_WIDTH, 0, _GUIDE_WIDTH, _CONTROLS_HEIGHT),
        *_grid(view.panels, inner, _CONTROLS_HEIGHT),
    ]
    return [pick, guide, *inner, _dashboard(view, index, placed)]


def main_index(view: View) -> Index:
    """What the lists to pick from are about: where most panels look."""
    asked = [panel.index for panel in view.panels if not isinstance(panel, TextPanel | ToldPanel)]
    return Index.WINDOWS if asked.count(Index.WINDOWS) > asked.count(Index.EVENTS) else Index.EVENTS


@dataclass(slots=True)
class _Placed:
    """A saved object at its place on the grid; an empty title hides it."""

    saved: JsonObject
    title: str
    x: int
    y: int
    width: int
    height: int


def _grid(panels: Sequence[AnyPanel], objects: Sequence[JsonObject], top: int) -> list[_Placed]:
    """Panels from left to right in their order; a row is as high as its highest panel."""
    placed: list[_Placed] = []
    row: list[_Placed] = []
    x, y = 0, top
    for panel, saved in zip(panels, objects, strict=True):
        if x + panel.width > FULL:
            y += _level(row)
            placed += row
            x, row = 0, []
        row.append(_Placed(saved, panel.title, x, y, panel.width, _height(panel)))
        x += panel.width
    _level(row)
    return placed + row


def _level(row: list[_Placed]) -> int:
    """Make all panels of a row as high as the highest of them, which is returned."""
    height = max((one.height for one in row), default=0)
    for one in row:
        one.height = height
    return height


def _height(panel: AnyPanel) -> int:
    match panel:
        case MetricPanel():
            return 7
        case TablePanel():
            return 18
        case ListPanel():
            return 20
        case ToldPanel(told=Told.NOT_COLLECTED):
            return 30
        case TextPanel() | ToldPanel():
            return _TEXT_HEIGHT + len(panel.text) // 200
        case _:
            return 14


def _dashboard(view: View, index: Index, placed: Sequence[_Placed]) -> JsonObject:
    panels: list[JsonValue] = []
    references = []
    for number, one in enumerate(placed):
        name = f"panel_{number}"
        panels.append(_panel(one, str(number), name))
        references.append(reference(name, str(one.saved["type"]), str(one.saved["id"])))
    filters, filter_references = lookup_filters(index)
    source: JsonObject = {"query": {"query": "", "language": "kuery"}, "filter": filters}
    attributes: JsonObject = {
        "title": f"AtlasLens {view.title}",
        "description": view.description,
        "hits": 0,
        "panelsJSON": text_of(panels),
        "optionsJSON": text_of({"hidePanelTitles": False, "useMargins": True}),
        "version": 1,
        "timeRestore": True,
        "timeFrom": "now-30d",
        "timeTo": "now",
        "refreshInterval": {"pause": True, "value": 0},
        "kibanaSavedObjectMeta": {"searchSourceJSON": text_of(source)},
    }
    return saved_object("dashboard", object_id(view.id), attributes, [*references, *filter_references])


def _panel(one: _Placed, index: str, name: str) -> JsonObject:
    panel: JsonObject = {
        "version": _PANEL_VERSION,
        "gridData": {"x": one.x, "y": one.y, "w": one.width, "h": one.height, "i": index},
        "panelIndex": index,
        "embeddableConfig": {} if one.title else {"hidePanelTitles": True},
        "panelRefName": name,
    }
    return panel | ({"title": one.title} if one.title else {})


def _guide(view: View, index: Index) -> str:
    lines = [view.description, "An empty panel explains itself: see the *i* beside its title."]
    if view.one_person:
        lines.insert(0, "**Pick one person at the left**: without that it mixes everybody.")
    if index is Index.EVENTS:
        lines.append(
            "Members of a group as of now: a *saved query* (the disk beside the search bar), or one of the "
            "two filters above: edit its key of `atlaslens-lookup` and switch it on."
        )
    return "\n\n".join(lines)
