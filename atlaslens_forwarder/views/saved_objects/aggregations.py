"""Aggregations in the form of Dashboards' ``visState``. Pure.

Forms as proven on a running Dashboards 3.3; ids are the position in the list, counted from 1, as its editor
gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue


def metric(kind: str, field: str = "", label: str = "", **more: JsonValue) -> JsonObject:
    """A number for each bucket: ``count``, or ``cardinality``, ``sum``, ``avg``, ``max``, … of a field."""
    params: JsonObject = dict(more)
    if field:
        params["field"] = field
    if label:
        params["customLabel"] = label
    return _aggregation(kind, "metric", params)


def newest_value(field: str, label: str) -> JsonObject:
    """The field's value in the newest document of each bucket."""
    return metric(
        "top_hits", field, label, aggregate="concat", size=1, sortField="@timestamp", sortOrder="desc"
    )


def each_number(schema: str, field: str, least: int, most: int, label: str) -> JsonObject:
    """One bucket for each whole number, in order, empty ones too."""
    params: JsonObject = {
        "field": field,
        "interval": 1,
        "min_doc_count": True,
        "has_extended_bounds": True,
        "extended_bounds": {"min": least, "max": most},
        "customLabel": label,
    }
    return _aggregation("histogram", schema, params)


def terms(schema: str, field: str, size: int, label: str = "", *, order_by: int = 1) -> JsonObject:
    """One bucket for each of the values that are first in the order of a metric.

    Args:
        schema: ``segment``, ``group`` or ``bucket``, by the kind of picture.
        field: by which to group.
        size: how many values.
        label: heading of a column or axis.
        order_by: position of that metric in the list; one that is no number is refused by OpenSearch.
    """
    params: JsonObject = {
        "field": field,
        "size": size,
        "orderBy": str(order_by),
        "order": "desc",
        "otherBucket": False,
        "otherBucketLabel": "Other",
        "missingBucket": False,
        "missingBucketLabel": "Missing",
    }
    if label:
        params["customLabel"] = label
    return _aggregation("terms", schema, params)


def date_histogram(schema: str, field: str, interval: str, label: str = "") -> JsonObject:
    """One bucket for each span of time: ``auto``, ``h``, ``d``, ``w`` or ``M``."""
    params: JsonObject = {
        "field": field,
        "useNormalizedOpenSearchInterval": True,
        "scaleMetricValues": False,
        "interval": interval,
        "drop_partials": False,
        "min_doc_count": 1,
        "extended_bounds": {},
    }
    if label:
        params["customLabel"] = label
    return _aggregation("date_histogram", schema, params)


def numbered(aggregations: Iterable[JsonObject]) -> list[JsonValue]:
    """The list as it stands in ``visState``."""
    return [{"id": str(number), **one} for number, one in enumerate(aggregations, 1)]


def _aggregation(kind: str, schema: str, params: JsonObject) -> JsonObject:
    return {"enabled": True, "type": kind, "schema": schema, "params": params}
