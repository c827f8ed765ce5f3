"""Whether a saved object is as it should be. Pure.

Only what we want is compared: Dashboards and its users may add to an object without that being drift (how
often a field was picked, scripted fields, attributes of a newer version). Attributes that are JSON in a text
(``visState``, ``panelsJSON``, …) are compared as JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_JSON_TEXTS = frozenset(
    {
        "fields",
        "fieldFormatMap",
        "visState",
        "uiStateJSON",
        "panelsJSON",
        "optionsJSON",
        "searchSourceJSON",
    }
)
_COUNT = "count"
"""Of a field in an index pattern: Dashboards itself counts there how often it was picked."""


class ObjectAction(StrEnum):
    """What an import does with an object."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class ObjectItem:
    """One saved object and what is, or was, done with it."""

    type: str
    id: str
    title: str
    action: ObjectAction
    diff: tuple[str, ...] = ()
    """Places that differ."""
    detail: str = ""
    """Why it could not be imported."""


@dataclass(frozen=True, slots=True)
class ObjectPlan:
    """All objects, in the order of the files."""

    version: str
    """Of the Dashboards that was asked."""
    items: tuple[ObjectItem, ...]
    note: str = ""
    """What the user should know of that version."""

    @property
    def drift(self) -> bool:
        """Whether anything differs from what it should be."""
        return any(item.action is not ObjectAction.UNCHANGED for item in self.items)

    @property
    def errors(self) -> tuple[ObjectItem, ...]:
        """The objects that could not be imported."""
        return tuple(item for item in self.items if item.action is ObjectAction.ERROR)


def compare(wanted: JsonObject, found: JsonObject | None) -> ObjectItem:
    """The object and what an import would do with it.

    Args:
        wanted: the saved object as it is imported.
        found: the same as ``_bulk_get`` tells it; None when it is not there.
    """
    attributes = _object(wanted.get("attributes"))
    kind, name, title = str(wanted["type"]), str(wanted["id"]), str(attributes.get("title", ""))
    if found is None:
        return ObjectItem(kind, name, title, ObjectAction.CREATE)
    there = _object(found.get("attributes"))
    diff = [*_differences("attributes", attributes, there, whole=False)]
    if _references(wanted) != _references(found):
        diff.append("references")
    action = ObjectAction.UPDATE if diff else ObjectAction.UNCHANGED
    return ObjectItem(kind, name, title, action, tuple(diff))


def _differences(place: str, wanted: JsonObject, found: JsonObject, *, whole: bool) -> Iterable[str]:
    keys = wanted.keys() | found.keys() if whole else wanted.keys()
    for key in sorted(keys):
        path = f"{place}.{key}"
        here, there = wanted.get(key), found.get(key)
        if key in _JSON_TEXTS:
            here, there = _parsed(here), _parsed(there)
        if key == "fields" and isinstance(here, list) and isinstance(there, list):
            yield from _field_differences(path, here, there)
        elif isinstance(here, dict) and isinstance(there, dict):
            yield from _differences(path, here, there, whole=True)
        elif here != there:
            yield path


def _field_differences(path: str, wanted: list[JsonValue], found: list[JsonValue]) -> Iterable[str]:
    there = {str(field["name"]): field for field in found if isinstance(field, dict) and "name" in field}
    for field in wanted:
        spec = _object(field)
        name = str(spec.get("name", ""))
        known = there.get(name, {})
        if any(known.get(key) != value for key, value in spec.items() if key != _COUNT):
            yield f"{path}.{name}"


def _references(saved: JsonObject) -> set[tuple[str, str, str]]:
    listed = saved.get("references")
    return {
        (str(one["name"]), str(one["type"]), str(one["id"]))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and {"name", "type", "id"} <= one.keys()
    }


def _parsed(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value
    try:
        parsed: JsonValue = json.loads(value)
    except ValueError:
        return value
    return parsed


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
