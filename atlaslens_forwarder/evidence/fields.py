"""Values of an event by dotted path, and the one text form in which they are compared and tabulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.model.time import parse_iso_ms

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

TIME_PATH = "@timestamp"
ID_PATH = "event.id"
WINDOW_ID_PATH = "window.id"
"""What names a row of the window ledger."""


def values_at(event: JsonObject, path: str) -> list[JsonValue]:
    """Every value at a dotted path, arrays opened as OpenSearch does; nulls and absent fields give none.

    ``{"a": {"b": 1}}`` and ``{"a.b": 1}`` are the same document to OpenSearch, and so they are here.
    """
    found: list[JsonValue] = []
    _collect(event, path, found)
    return found


def _collect(value: JsonValue, path: str, found: list[JsonValue]) -> None:
    if isinstance(value, list):
        for item in value:
            _collect(item, path, found)
    elif not path:
        if value is not None:
            found.append(value)
    elif isinstance(value, dict):
        if path in value:
            _collect(value[path], "", found)
        cut = path.find(".")
        while cut > 0:
            if path[:cut] in value:
                _collect(value[path[:cut]], path[cut + 1 :], found)
            cut = path.find(".", cut + 1)


def text_of(value: JsonValue) -> str:
    """Text as it is; any other value as its canonical JSON (``true``, ``12``, ``{"a":1}``).

    Raises:
        ValueError: the value has no canonical form.
    """
    return value if isinstance(value, str) else canonical_bytes(value).decode("utf-8")


def texts_at(event: JsonObject, path: str) -> list[str]:
    """The text forms of all values at a path.

    Raises:
        ValueError: a value has no canonical form.
    """
    return [text_of(value) for value in values_at(event, path)]


def event_id(event: JsonObject) -> str:
    """``event.id``, for a row of the ledger ``window.id``; empty text where there is none.

    Of several the lowest, as OpenSearch sorts them.

    Raises:
        ValueError: a value has no canonical form.
    """
    return min(texts_at(event, ID_PATH) or texts_at(event, WINDOW_ID_PATH), default="")


def event_at_ms(event: JsonObject) -> int:
    """``@timestamp`` in epoch milliseconds.

    Raises:
        ValueError: there is not exactly one, or it is not an ISO-8601 time with a zone.
    """
    values = values_at(event, TIME_PATH)
    if len(values) != 1 or not isinstance(values[0], str):
        raise ValueError("@timestamp is not one text")
    try:
        return parse_iso_ms(values[0])
    except (ValueError, OverflowError):
        raise ValueError("@timestamp is not an ISO-8601 time with a zone") from None


def shown_id(event: JsonObject) -> str:
    """The id for a message: ASCII, short, and said to be absent where it is."""
    for value in values_at(event, ID_PATH) or values_at(event, WINDOW_ID_PATH):
        return str(value).encode("ascii", "backslashreplace").decode("ascii")[:200]
    return "without an id"


def first_difference(one: JsonValue, other: JsonValue, path: str = "") -> str:
    """The dotted path at which two values first differ (keys in order), empty where they do not."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            inner = f"{path}.{key}" if path else key
            if key not in one or key not in other:
                return inner
            if found := first_difference(one[key], other[key], inner):
                return found
        return ""
    same = type(one) is type(other) and one == other
    return "" if same else path or "the whole row"
