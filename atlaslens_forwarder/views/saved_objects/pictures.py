"""``params`` of each kind of picture in ``visState``. Pure.

Forms as proven on a running Dashboards 3.3; what Dashboards would add on its first save is there already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue


def number_params(font_size: int = 36) -> JsonObject:
    """Of ``metric``."""
    return {
        "addTooltip": True,
        "addLegend": False,
        "type": "metric",
        "metric": {
            "percentageMode": False,
            "useRanges": False,
            "colorSchema": "Green to Red",
            "metricColorMode": "None",
            "colorsRange": [{"from": 0, "to": 10_000}],
            "labels": {"show": True},
            "invertColors": False,
            "style": {
                "bgFill": "#000",
                "bgColor": False,
                "labelColor": False,
                "subText": "",
                "fontSize": font_size,
            },
        },
    }


def bar_params(values: str, *, lying: bool, legend: bool, series: int = 1) -> JsonObject:
    """Of ``histogram`` and, lying, ``horizontal_bar``; bars of one bucket are stacked.

    Args:
        values: title of the axis with the numbers.
        lying: bars lie, names stand at the left.
        legend: show which colour is what.
        series: how many numbers each bucket has.
    """
    long = 200 if lying else 100
    shown: list[JsonValue] = [
        {
            "show": True,
            "type": "histogram",
            "mode": "stacked",
            "data": {"label": values, "id": str(number)},
            "valueAxis": "ValueAxis-1",
            "drawLinesBetweenPoints": True,
            "showCircles": True,
        }
        for number in range(1, series + 1)
    ]
    return {
        "type": "histogram",
        "grid": {"categoryLines": False},
        "categoryAxes": [
            {
                "id": "CategoryAxis-1",
                "type": "category",
                "position": "left" if lying else "bottom",
                "show": True,
                "scale": {"type": "linear"},
                "labels": {"show": True, "rotate": 0, "filter": not lying, "truncate": long},
                "title": {},
            }
        ],
        "valueAxes": [
            {
                "id": "ValueAxis-1",
                "name": "LeftAxis-1",
                "type": "value",
                "position": "bottom" if lying else "left",
                "show": True,
                "scale": {"type": "linear", "mode": "normal"},
                "labels": {"show": True, "rotate": 0, "filter": lying, "truncate": 100},
                "title": {"text": values},
            }
        ],
        "seriesParams": shown,
        "addTooltip": True,
        "addLegend": legend,
        "legendPosition": "right",
        "times": [],
        "addTimeMarker": False,
        "labels": {"show": False},
        "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
    }


def donut_params() -> JsonObject:
    """Of ``pie``, with a hole."""
    return {
        "type": "pie",
        "addTooltip": True,
        "addLegend": True,
        "legendPosition": "right",
        "isDonut": True,
        "labels": {"show": False, "values": True, "last_level": True, "truncate": 100},
    }


def table_params(rows: int) -> JsonObject:
    """Of ``table``; ``rows`` on a page."""
    return {
        "perPage": rows,
        "showPartialRows": False,
        "showMetricsAtAllLevels": False,
        "showTotal": False,
        "totalFunc": "sum",
        "percentageCol": "",
    }


def heatmap_params() -> JsonObject:
    """Of ``heatmap``."""
    return {
        "type": "heatmap",
        "addTooltip": True,
        "addLegend": True,
        "enableHover": False,
        "legendPosition": "right",
        "times": [],
        "colorsNumber": 5,
        "colorSchema": "Blues",
        "setColorRange": False,
        "colorsRange": [],
        "invertColors": False,
        "percentageMode": False,
        "valueAxes": [
            {
                "show": False,
                "id": "ValueAxis-1",
                "type": "value",
                "scale": {"type": "linear", "defaultYExtents": False},
                "labels": {"show": False, "rotate": 0, "overwriteColor": False, "color": "black"},
            }
        ],
    }


def text_params(markdown: str, *, font_size: int) -> JsonObject:
    """Of ``markdown``."""
    return {"fontSize": font_size, "openLinksInNewTab": True, "markdown": markdown}
