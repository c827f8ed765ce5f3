"""Panels and filters as search bodies of OpenSearch. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.evidence.filters import OBJECT_PATHS, people_query
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS
from atlaslens_forwarder.views.conditions import query
from atlaslens_forwarder.views.model import (
    SCRIPTS,
    BarsPanel,
    By,
    ByPart,
    Calc,
    ColumnsPanel,
    DonutPanel,
    HeatmapPanel,
    Index,
    ListPanel,
    Metric,
    MetricPanel,
    TablePanel,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.views.conditions import Condition
    from atlaslens_forwarder.views.model import Column, SavedSearch

TIME: Final = "@timestamp"
SOURCES_OF_PRODUCT: Final = {
    "jira": ("jira-audit", "jira-issues", "jira-worklogs"),
    "jsm": ("jira-audit", "jira-issues", "jira-worklogs", "jsm-sla", "jsm-organizations"),
    "confluence": ("confluence-audit", "confluence-content"),
    "bitbucket": ("bitbucket-commits", "bitbucket-pullrequests", "bitbucket-permissions"),
    "organisation": ("org-events",),
}
"""Which sources bring events of a product; windows know only their source."""
SEARCH_SIZE: Final = 100
"""Documents of a saved search."""
PRECISION: Final = 40_000
"""Up to this many different values are counted exactly, as far as OpenSearch can."""
COLUMNS_MOST: Final = 62


@dataclass(frozen=True, slots=True)
class Filters:
    """What every panel is narrowed to; empty lists do not narrow.

    ``people`` are all ids of the persons asked for, ``members`` those of the members of ``groups``.
    """

    from_ms: int
    to_ms: int
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()

    @property
    def interval_ms(self) -> int:
        """How wide a column over time is: as many whole hours, days or weeks as keep the chart readable."""
        span = self.to_ms - self.from_ms
        steps = (HOUR_MS, DAY_MS, 7 * DAY_MS, 28 * DAY_MS)
        return next((step for step in steps if span <= step * COLUMNS_MOST), steps[-1])


def filter_clauses(index: Index, filters: Filters) -> list[Any]:
    """The filters, as far as documents of this index can obey them."""
    span = {"gte": filters.from_ms, "lt": filters.to_ms, "format": "epoch_millis"}
    clauses: list[Any] = [{"range": {TIME: span}}]
    if filters.products:
        if index is Index.WINDOWS:
            names = sorted({name for each in filters.products for name in SOURCES_OF_PRODUCT.get(each, ())})
            clauses.append({"terms": {"window.source": names}})
        else:
            clauses.append({"terms": {"atlassian.product": [*filters.products]}})
    if index is not Index.EVENTS:
        return clauses
    if filters.people:
        clauses.append(people_query(filters.people))
    if filters.groups:
        clauses.append(people_query(filters.members))
    if filters.actions:
        clauses.append({"terms": {"event.action": [*filters.actions]}})
    if filters.objects:
        anywhere = [{"terms": {field: [*filters.objects]}} for field in OBJECT_PATHS]
        clauses.append({"bool": {"should": anywhere, "minimum_should_match": 1}})
    return clauses


def search_of(
    panel: MetricPanel | ColumnsPanel | BarsPanel | DonutPanel | TablePanel | HeatmapPanel | ListPanel,
    filters: Filters,
) -> dict[str, Any]:
    """The search body of a panel."""
    found = _query(panel.index, panel.where, filters)
    match panel:
        case ListPanel():
            order = "desc" if panel.newest_first else "asc"
            return _documents(found, source_fields(panel.columns), order, panel.size)
        case MetricPanel():
            aggs = _metrics((panel.metric,))
        case ColumnsPanel():
            inner = _metrics((panel.metric,))
            if panel.split is not None:
                inner["by"] = _by(panel.split, _metrics((panel.metric,)))
            histogram = {"field": TIME, "fixed_interval": f"{filters.interval_ms}ms", "min_doc_count": 1}
            if filters.interval_ms > DAY_MS:  # weeks begin on Monday: the epoch was a Thursday
                histogram["offset"] = f"{4 * DAY_MS}ms"
            aggs = {"times": {"date_histogram": histogram, "aggs": inner}}
        case BarsPanel() | DonutPanel():
            aggs = {"by": _by(panel.by, _metrics((panel.metric,)))}
        case HeatmapPanel():
            aggs = {"by": _by(panel.y, {"by": _by(panel.x, _metrics((panel.metric,)))})}
        case TablePanel():
            aggs = _metrics(panel.metrics)
            for rows in reversed(panel.rows):
                aggs = {"by": _by(rows, aggs)}
    return {"size": 0, "track_total_hits": True, "query": found, "aggs": aggs}


def search_of_saved(search: SavedSearch, filters: Filters) -> dict[str, Any]:
    """The search body of a saved search."""
    return _documents(
        _query(search.index, search.where, filters),
        source_fields(search.columns),
        "desc",
        SEARCH_SIZE,
    )


def _query(index: Index, where: Sequence[Condition], filters: Filters) -> dict[str, Any]:
    return {"bool": {"filter": [*filter_clauses(index, filters), *(query(each) for each in where)]}}


def source_fields(columns: Sequence[Column]) -> list[str]:
    """The fields that these columns need."""
    return [name for column in columns for name in (column.field, column.names) if name]


def _documents(found: dict[str, Any], fields: list[str], order: str, size: int) -> dict[str, Any]:
    return {
        "size": size,
        "track_total_hits": True,
        "query": found,
        "_source": fields,
        "sort": [{TIME: {"order": order}}, {"_index": {"order": order}}, {"_seq_no": {"order": order}}],
    }


def _by(by: By | ByPart, inner: dict[str, Any]) -> dict[str, Any]:
    if isinstance(by, ByPart):
        script = {"source": SCRIPTS[by.part], "lang": "painless"}
        terms: dict[str, Any] = {"script": script, "size": 24, "order": {"_key": "asc"}}
        return {"terms": terms, "aggs": inner}
    if by.names:
        inner = {**inner, "names": _newest(by.names, by.names)}
    return {"terms": {"field": by.field, "size": by.size}, "aggs": inner}


def _newest(field: str, *wanted: str) -> dict[str, Any]:
    """The newest document that has the field."""
    top = {"top_hits": {"size": 1, "_source": [*wanted], "sort": [{TIME: {"order": "desc"}}]}}
    return {"filter": {"exists": {"field": field}}, "aggs": {"newest": top}}


def _metrics(metrics: Sequence[Metric]) -> dict[str, Any]:
    """Named by position: ``m0``, ``m1``, …; a count needs none."""
    made = {f"m{position}": _metric(metric) for position, metric in enumerate(metrics)}
    return {name: body for name, body in made.items() if body is not None}


def _metric(metric: Metric) -> dict[str, Any] | None:
    if metric.calc is Calc.NEWEST_VALUE:
        return _newest(metric.field, metric.field)
    made = _CALCS.get(metric.calc)
    return None if made is None else {made[0]: {"field": metric.field, **made[1]}}


_CALCS: Final[dict[Calc, tuple[str, dict[str, Any]]]] = {
    Calc.DISTINCT: ("cardinality", {"precision_threshold": PRECISION}),
    Calc.SUM: ("sum", {}),
    Calc.AVERAGE: ("avg", {}),
    Calc.MEDIAN: ("percentiles", {"percents": [50]}),
    Calc.P90: ("percentiles", {"percents": [90]}),
    Calc.EARLIEST: ("min", {}),
    Calc.LATEST: ("max", {}),
}
"""A count needs none."""
