"""The fields that rules may ask for: those of the index templates that can be searched by value. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

ACTION = "event.action"
"""A closed vocabulary in lower case: compared as it is, and every value is checked when a rule is read."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event as it is mapped."""

    type: str
    longest: int = 0
    """Longer values (in UTF-16 units) stay in the document but are not searchable; 0: no limit."""


USABLE = frozenset({"keyword", "boolean", "long", "ip"})
"""Texts are split into words when stored, and dates need arithmetic: neither can be compared by value."""


def searchable(mapping: JsonObject) -> dict[str, Field]:
    """The usable fields of a whole mapping, by path. Multi-fields are left out: rules ignore case anyway."""
    return dict(_walk(mapping, ""))


def _walk(mapping: JsonObject, prefix: str) -> Iterator[tuple[str, Field]]:
    for name, entry in _object(mapping.get("properties")).items():
        path, body = f"{prefix}{name}", _object(entry)
        if "properties" in body:
            yield from _walk(body, f"{path}.")
        elif body.get("type") in USABLE and body.get("index") is not False:
            longest = body.get("ignore_above", 0)
            yield path, Field(str(body["type"]), longest if isinstance(longest, int) else 0)


def values_of(event: JsonObject, path: str) -> list[JsonValue]:
    """Every value at a path, through objects and lists alike, as OpenSearch would index them; no nulls."""
    found: list[JsonValue] = [event]
    for name in path.split("."):
        found = [part[name] for part in _flat(found) if isinstance(part, dict) and name in part]
    return [value for value in _flat(found) if value is not None and not isinstance(value, dict)]


def first_of(event: JsonObject, path: str) -> str:
    """The first value at a path as text, empty if there is none."""
    return next((str(value) for value in values_of(event, path)), "")


def pick(event: JsonObject, paths: Mapping[str, str]) -> dict[str, str]:
    """The first value of each path that has one, by the names given."""
    return {name: text for name, path in paths.items() if (text := first_of(event, path))}


def _flat(values: list[JsonValue]) -> Iterator[JsonValue]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        else:
            yield value


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
