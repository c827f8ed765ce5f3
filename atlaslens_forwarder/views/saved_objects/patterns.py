"""The index patterns: one for each place where panels look. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.views.model import SCRIPTS, Index, Part
from atlaslens_forwarder.views.saved_objects.fields import index_pattern_fields
from atlaslens_forwarder.views.saved_objects.objects import index_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

    Mappings = Mapping[Index, tuple[JsonObject, ...]]
    """Of each place, the mappings of the families of indices behind it."""

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

PEOPLE_FIELDS: Final = (
    "user.id",
    "user.target.id",
    "atlassian.author.id",
    "atlassian.committer.id",
    "related.user",
)
"""Fields with ids of people that panels show."""


def pattern_id(index: Index) -> str:
    """The id of an index pattern; equal to what is searched, so that it is easy to recognise."""
    return f"atlaslens-{index.value}"


def index_patterns(mappings: Mappings, names: Mapping[str, str]) -> list[JsonObject]:
    """All index patterns with their fields, scripted ones included.

    Args:
        mappings: those of the indices.
        names: of people by id; an id is shown as the name, and stays what is filtered by.
    """
    formats = {**_FORMATS}
    if names:
        shown = _lookup(sorted(names.items()))
        formats[Index.EVENTS] = _FORMATS[Index.EVENTS] | dict.fromkeys(PEOPLE_FIELDS, shown)
    return [
        index_pattern(
            pattern_id(index),
            index.pattern,
            fields=[*index_pattern_fields(*mappings[index]), *_scripted(index)],
            formats=formats[index],
        )
        for index in Index
    ]


def _scripted(index: Index) -> list[JsonObject]:
    if index is not Index.EVENTS:
        return []
    return [
        {
            "count": 0,
            "name": part.value,
            "type": "number",
            "script": script,
            "lang": "painless",
            "scripted": True,
            "searchable": True,
            "aggregatable": True,
            "readFromDocValues": False,
        }
        for part, script in SCRIPTS.items()
    ]


def _span(unit: str) -> JsonObject:
    return {"id": "duration", "params": {"inputFormat": unit, "outputFormat": "humanize"}}


def _lookup(pairs: Iterable[tuple[str, str]]) -> JsonObject:
    entries: list[JsonValue] = [{"key": key, "value": value} for key, value in pairs]
    return {"id": "static_lookup", "params": {"lookupEntries": entries}}


_LINK: Final[JsonObject] = {
    "id": "url",
    "params": {"labelTemplate": "open", "openLinkInCurrentTab": False},
}
_MOMENT: Final[JsonObject] = {"id": "date", "params": {"pattern": "YYYY-MM-DD HH:mm:ss"}}
"""In the time zone that is set in Dashboards; sorts as text, and fits into a column."""
_FORMATS: Final[dict[Index, JsonObject]] = {
    Index.EVENTS: {
        "@timestamp": _MOMENT,
        "event.url": _LINK,
        "event.duration": _span("nanoseconds"),
        "atlassian.time_spent_s": _span("seconds"),
        "atlassian.sla.goal_ms": _span("milliseconds"),
        "atlassian.sla.elapsed_ms": _span("milliseconds"),
        Part.WEEKDAY.value: _lookup((str(number), name) for number, name in enumerate(DAYS, 1)),
    },
    Index.WINDOWS: {
        **dict.fromkeys(("@timestamp", "window.from", "window.to", "window.finished"), _MOMENT),
        "window.duration_ms": {
            "id": "duration",
            "params": {
                "inputFormat": "milliseconds",
                "outputFormat": "asSeconds",
                "outputPrecision": 1,
                "showSuffix": True,
            },
        },
    },
    Index.QUARANTINE: dict.fromkeys(("@timestamp", "quarantine.row_at"), _MOMENT),
}
