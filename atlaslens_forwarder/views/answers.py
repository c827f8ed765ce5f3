"""OpenSearch's answers as what panels show. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.views.model import (
    BarsPanel,
    By,
    ByPart,
    Calc,
    ColumnsPanel,
    DonutPanel,
    HeatmapPanel,
    Kind,
    ListPanel,
    Metric,
    MetricPanel,
    Part,
    TablePanel,
    Unit,
)
from atlaslens_forwarder.views.shown import Cell, Columns, Figure, Grid, Shares, Table
from atlaslens_forwarder.views.wording import label, number, when, when_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from atlaslens_forwarder.views.model import Column
    from atlaslens_forwarder.views.queries import Filters
    from atlaslens_forwarder.views.shown import Content

    _Bucketed = BarsPanel | DonutPanel | TablePanel | HeatmapPanel
    Searched = MetricPanel | ColumnsPanel | ListPanel | _Bucketed
    Names = Mapping[str, str]
    """Display names by any id of a person."""

SEVERAL: Final = "(all)"
OTHERS: Final = "others"
_IN_WORDS: Final = {"event.action", "atlassian.object.type", "atlassian.work_item.type"}
"""Closed lists whose values are made of words."""
_ORDER: Final = ("high", "medium", "low")
"""What has an order of its own is stacked in it."""
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS: Final = tuple(f"{hour:02}" for hour in range(24))
_WEEK_OFFSET_MS: Final = 4 * DAY_MS
_MOST_COLUMNS: Final = 1000
_LINKS: Final = ("https://", "http://")


def content_of(panel: Searched, answer: Mapping[str, Any], filters: Filters, names: Names) -> Content | None:
    """What a panel shows of the answer to its search; None where nothing was found."""
    total = int(answer["hits"]["total"]["value"])
    if isinstance(panel, MetricPanel):
        value = total if panel.metric.calc is Calc.COUNT else _value(answer["aggregations"]["m0"])
        return Figure(value, panel.metric.unit)
    if not total:
        return None
    if isinstance(panel, ListPanel):
        return documents(panel.columns, answer, names)
    if isinstance(panel, ColumnsPanel):
        return _columns(panel, answer["aggregations"]["times"]["buckets"], filters, names)
    return _buckets(panel, answer["aggregations"]["by"], names)


def _buckets(panel: _Bucketed, by: Mapping[str, Any], names: Names) -> Content | None:
    match panel:
        case BarsPanel() | DonutPanel():
            return _shares(panel, by, names)
        case HeatmapPanel():
            return _grid(panel, by["buckets"], names)
        case TablePanel():
            return _table(panel, by, names)


def documents(columns: Sequence[Column], answer: Mapping[str, Any], names: Names) -> Table:
    """A list of documents as a table."""
    hits = answer["hits"]["hits"]
    rows = tuple(tuple(_cell(column, hit["_source"], names) for column in columns) for hit in hits)
    left_out = int(answer["hits"]["total"]["value"]) - len(rows)
    return Table(tuple(column.label for column in columns), rows, left_out)


def value_at(doc: Any, path: str) -> str:
    """The value of a field as text, several values one per line; empty for none."""
    for key in path.split("."):
        doc = doc.get(key) if isinstance(doc, dict) else None
    if doc is None:
        return ""
    if isinstance(doc, bool):
        return str(doc).lower()
    return "\n".join(str(each) for each in doc) if isinstance(doc, list) else str(doc)


def link_of(address: str) -> str:
    """The address if a browser may open it: data from outside must not bring other schemes."""
    return address if address.startswith(_LINKS) else ""


def _cell(column: Column, doc: Any, names: Names) -> Cell:
    value = value_at(doc, column.field)
    if column.kind is Kind.LINK:
        return Cell("open" if link_of(value) else value, link=link_of(value))
    if column.kind is Kind.TIME:
        return Cell(when_text(value))
    named = names.get(value) or (value_at(doc, column.names) if column.names else "")
    return _named(column.field, value, named)


def _named(field: str, value: str, name: str) -> Cell:
    """A value in words, with itself behind it where they differ."""
    words = label(value) if field in _IN_WORDS else name or value
    return Cell(words, id=value) if words != value else Cell(value)


def _value(answer: Mapping[str, Any]) -> float | None:
    """The number in the answer of a metric."""
    if "values" in answer:
        found = next(iter(answer["values"].values()))
        return None if found in {None, "NaN"} else float(found)
    found = answer.get("value")
    return None if found is None else float(found)


def _metric_value(metric: Metric, position: int, bucket: Mapping[str, Any]) -> float:
    if metric.calc is Calc.COUNT:
        return float(bucket["doc_count"])
    return _value(bucket[f"m{position}"]) or 0.0


def _newest(bucket: Mapping[str, Any], name: str, field: str) -> str:
    hits = bucket[name]["newest"]["hits"]["hits"] if name in bucket else []
    return value_at(hits[0]["_source"], field) if hits else ""


def _metric_cell(metric: Metric, position: int, bucket: Mapping[str, Any]) -> Cell:
    if metric.calc is Calc.NEWEST_VALUE:
        text = _newest(bucket, f"m{position}", metric.field)
        if metric.unit is Unit.LINK:
            return Cell("open" if link_of(text) else text, link=link_of(text))
        return Cell(text)
    if metric.calc in {Calc.EARLIEST, Calc.LATEST}:
        return Cell(when(_value(bucket[f"m{position}"])))
    if metric.calc is Calc.COUNT:
        return Cell(number(bucket["doc_count"]), number=bucket["doc_count"])
    value = _value(bucket[f"m{position}"])
    return Cell(number(value, metric.unit), number=value)


def _key(by: By, bucket: Mapping[str, Any], names: Names) -> Cell:
    key = str(bucket.get("key_as_string", bucket["key"]))
    named = names.get(key) or (_newest(bucket, "names", by.names) if by.names else "")
    return _named(by.field, key, named)


def _columns(
    panel: ColumnsPanel, buckets: Sequence[Mapping[str, Any]], filters: Filters, names: Names
) -> Columns:
    step = filters.interval_ms
    offset = _WEEK_OFFSET_MS if step > DAY_MS else 0
    first = (filters.from_ms - offset) // step * step + offset
    if filters.from_ms <= 0 or (filters.to_ms - first) // step > _MOST_COLUMNS:  # nobody asked for a time
        first = int(buckets[0]["key"])
    last = min(filters.to_ms - 1, max(int(buckets[-1]["key"]), first + (_MOST_COLUMNS - 1) * step))
    times = tuple(range(first, last + 1, step))
    place = {at: position for position, at in enumerate(times)}
    series: dict[str, list[float]] = {}
    for bucket in buckets:
        position = place[int(bucket["key"])]
        whole = _metric_value(panel.metric, 0, bucket)
        parts = 0.0
        if panel.split is not None:
            for inner in bucket["by"]["buckets"]:
                value = _metric_value(panel.metric, 0, inner)
                parts += value
                name = _key(panel.split, inner, names).text
                series.setdefault(name, [0.0] * len(times))[position] += value
        if whole > parts and (panel.split is None or panel.metric.calc in {Calc.COUNT, Calc.SUM}):
            name = SEVERAL if panel.split is None else OTHERS
            series.setdefault(name, [0.0] * len(times))[position] += whole - parts
    order = sorted(
        series,
        key=lambda name: (
            name == OTHERS, _ORDER.index(name) if name in _ORDER else 0, -sum(series[name]), name,
        ),
    )  # fmt: skip
    return Columns(times, step, tuple(order), tuple(tuple(series[name]) for name in order))


def _shares(panel: BarsPanel | DonutPanel, by: Mapping[str, Any], names: Names) -> Shares | None:
    rows = [(_key(panel.by, each, names), _metric_value(panel.metric, 0, each)) for each in by["buckets"]]
    rows.sort(key=lambda row: -row[1])
    others = float(by["sum_other_doc_count"]) if panel.metric.calc is Calc.COUNT else 0.0
    return Shares(tuple(rows), panel.metric.unit, others) if rows else None


def _grid(panel: HeatmapPanel, buckets: Sequence[Mapping[str, Any]], names: Names) -> Grid:
    values: dict[tuple[str, str], float] = {}
    for outer in buckets:
        y = _axis_key(panel.y, outer, names)
        for inner in outer["by"]["buckets"]:
            values[y, _axis_key(panel.x, inner, names)] = _metric_value(panel.metric, 0, inner)
    ys = _axis(panel.y, [y for y, _ in values])
    xs = _axis(panel.x, [x for _, x in values])
    return Grid(xs, ys, tuple(tuple(values.get((y, x), 0.0) for x in xs) for y in ys))


def _axis_key(by: By | ByPart, bucket: Mapping[str, Any], names: Names) -> str:
    if isinstance(by, By):
        return _key(by, bucket, names).text
    number = int(float(bucket["key"]))
    return HOURS[number] if by.part is Part.HOUR else WEEKDAYS[number - 1]


def _axis(by: By | ByPart, seen: Sequence[str]) -> tuple[str, ...]:
    if isinstance(by, By):
        return tuple(dict.fromkeys(seen))
    return HOURS if by.part is Part.HOUR else WEEKDAYS


def _table(panel: TablePanel, by: Mapping[str, Any], names: Names) -> Table | None:
    heads = (*(row.label for row in panel.rows), *(metric.label for metric in panel.metrics))
    rows = tuple(_rows(panel, 0, by, (), names))
    return Table(heads, rows, 0) if rows else None


def _rows(
    panel: TablePanel, depth: int, by: Mapping[str, Any], before: tuple[Cell, ...], names: Names
) -> Iterator[tuple[Cell, ...]]:
    for bucket in by["buckets"]:
        cells = (*before, _key(panel.rows[depth], bucket, names))
        if depth + 1 < len(panel.rows):
            yield from _rows(panel, depth + 1, bucket["by"], cells, names)
        else:
            figures = (_metric_cell(metric, at, bucket) for at, metric in enumerate(panel.metrics))
            yield (*cells, *figures)
