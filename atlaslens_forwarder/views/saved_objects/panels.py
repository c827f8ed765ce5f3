"""Panels as saved objects: visualizations, and saved searches for lists. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from atlaslens_forwarder.gaps.static import STATIC_GAPS
from atlaslens_forwarder.views.conditions import dql
from atlaslens_forwarder.views.model import (
    BarsPanel,
    By,
    ByPart,
    Calc,
    Column,
    ColumnsPanel,
    DonutPanel,
    HeatmapPanel,
    ListPanel,
    Metric,
    MetricPanel,
    Part,
    TablePanel,
    TextPanel,
    Told,
    ToldPanel,
)
from atlaslens_forwarder.views.saved_objects.aggregations import (
    date_histogram,
    each_number,
    metric,
    newest_value,
    numbered,
    terms,
)
from atlaslens_forwarder.views.saved_objects.objects import saved_search, visualization
from atlaslens_forwarder.views.saved_objects.patterns import PEOPLE_FIELDS, pattern_id
from atlaslens_forwarder.views.saved_objects.pictures import (
    bar_params,
    donut_params,
    heatmap_params,
    number_params,
    table_params,
    text_params,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.views.model import AnyPanel, SavedSearch, View

PREFIX: Final = "atlaslens"
TABLE_ROWS: Final = 10
_TEXT_SIZE: Final = 10
_TIME: Final = "@timestamp"
_CALCULATIONS: Final = {
    Calc.COUNT: "count",
    Calc.DISTINCT: "cardinality",
    Calc.SUM: "sum",
    Calc.AVERAGE: "avg",
    Calc.MEDIAN: "median",
    Calc.P90: "percentiles",
    Calc.EARLIEST: "min",
    Calc.LATEST: "max",
}
_PERCENTS: Final = {Calc.MEDIAN: 50, Calc.P90: 90}
_PART_BOUNDS: Final = {Part.HOUR: (0, 23), Part.WEEKDAY: (1, 7)}


def object_id(panel_id: str) -> str:
    """The lasting id of the saved object of a panel, view or search."""
    return f"{PREFIX}-{panel_id}"


def panel_object(view: View, panel: AnyPanel) -> JsonObject:
    """The saved object of a panel; its title names the view too, since all stand in one list."""
    title = f"AtlasLens {view.title}: {panel.title}"
    if isinstance(panel, ListPanel):
        return saved_search(
            object_id(panel.id),
            title,
            _description(panel),
            columns=columns_of(panel.columns),
            query=dql(panel.where),
            pattern=pattern_id(panel.index),
            newest_first=panel.newest_first,
        )
    if isinstance(panel, TextPanel | ToldPanel):
        return visualization(
            object_id(panel.id),
            title,
            panel.help,
            kind="markdown",
            aggregations=[],
            params=text_params(_text(panel), font_size=_TEXT_SIZE),
        )
    kind, aggregations, params = _picture(panel)
    return visualization(
        object_id(panel.id),
        title,
        _description(panel),
        kind=kind,
        aggregations=numbered(aggregations),
        params=params,
        query=dql(panel.where),
        pattern=pattern_id(panel.index),
    )


def search_object(search: SavedSearch) -> JsonObject:
    """The saved object of an auditor's question."""
    return saved_search(
        object_id(search.id),
        f"AtlasLens: {search.title}",
        search.question,
        columns=columns_of(search.columns),
        query=dql(search.where),
        pattern=pattern_id(search.index),
    )


def columns_of(columns: Sequence[Column]) -> list[str]:
    """Fields of the columns; time stands in front by itself.

    Ids of people stay ids, which every record has: the index pattern shows them as names where it knows them.
    """
    return [column.field for column in columns if column.field != _TIME]


def _description(panel: AnyPanel) -> str:
    return f"{panel.help} If there is nothing: {panel.empty}"


def _text(panel: TextPanel | ToldPanel) -> str:
    if isinstance(panel, TextPanel):
        return panel.text
    return not_collected(panel.products) if panel.told is Told.NOT_COLLECTED else panel.text


def not_collected(products: Sequence[str]) -> str:
    """What no account can read of these products, in Markdown; of all when none is named."""
    listed = [gap for gap in STATIC_GAPS if not products or gap.product == "all" or gap.product in products]
    rows = [f"| {gap.product} | {gap.what} | {gap.why} | {gap.closes} |" for gap in listed]
    head = [
        "**Not collected**: no number in these views stands for the following.",
        "",
        "| Product | What | Why | What would close it |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *rows])


def _picture(
    panel: MetricPanel | ColumnsPanel | BarsPanel | DonutPanel | TablePanel | HeatmapPanel,
) -> tuple[str, list[JsonObject], JsonObject]:
    """Kind, aggregations and params."""
    match panel:
        case MetricPanel():
            return "metric", [_metric(panel.metric)], number_params()
        case ColumnsPanel():
            split = [_by("group", panel.split)] if panel.split else []
            over_time = date_histogram("segment", _TIME, "auto", "Time")
            params = bar_params(panel.metric.label, lying=False, legend=bool(split))
            return "histogram", [_metric(panel.metric), over_time, *split], params
        case BarsPanel():
            params = bar_params(panel.metric.label, lying=True, legend=False)
            return "horizontal_bar", [_metric(panel.metric), _by("segment", panel.by)], params
        case DonutPanel():
            return "pie", [_metric(panel.metric), _by("segment", panel.by)], donut_params()
        case TablePanel():
            order_by = _first_number(panel.metrics)
            buckets = [_by("bucket", row, order_by) for row in panel.rows]
            names = [newest_value(row.names, _last_word(row.names)) for row in panel.rows if _is_named(row)]
            return "table", [*_metrics(panel.metrics), *names, *buckets], table_params(TABLE_ROWS)
        case HeatmapPanel():
            pair = [_by("segment", panel.x), _by("group", panel.y)]
            return "heatmap", [_metric(panel.metric), *pair], heatmap_params()
    assert_never(panel)


def _first_number(metrics: Sequence[Metric]) -> int:
    """Position of the count, else of the first metric that is a number, counted from 1."""
    order = {one.calc: number for number, one in reversed([*enumerate(metrics, 1)])}
    numbers = (calc for calc in (Calc.COUNT, *_CALCULATIONS) if calc in order)
    return order[next(numbers)]


def _by(schema: str, by: By | ByPart, order_by: int = 1) -> JsonObject:
    if isinstance(by, ByPart):
        return each_number(schema, by.part.value, *_PART_BOUNDS[by.part], by.label)
    return terms(schema, by.field, by.size, by.label, order_by=order_by)


def _is_named(by: By) -> bool:
    """Whether a table needs a column with the words for an id; people are shown by name as they are."""
    return bool(by.names) and by.field not in PEOPLE_FIELDS


def _last_word(field: str) -> str:
    """``Key`` for ``atlassian.work_item.key``."""
    return field.rsplit(".", 1)[-1].capitalize()


def _metrics(metrics: Iterable[Metric]) -> list[JsonObject]:
    return [_metric(one) for one in metrics]


def _metric(one: Metric) -> JsonObject:
    if one.calc is Calc.NEWEST_VALUE:
        return newest_value(one.field, one.label)
    percent = _PERCENTS.get(one.calc)
    more: JsonObject = {"percents": [percent]} if percent else {}
    # Dashboards itself puts "90th percentile of" before the label.
    label = "time" if one.calc is Calc.P90 else one.label
    return metric(_CALCULATIONS[one.calc], one.field, label, **more)
