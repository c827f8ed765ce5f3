"""Types of JSON values, and the form in which they are written where order does not matter."""

from __future__ import annotations

import json
from typing import TypeAlias

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = dict[str, JsonValue]

_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def compact_bytes(value: JsonValue) -> bytes:
    """UTF-8 JSON without white space, keys in their own order; lone surrogates become U+FFFD."""
    return _compact(value).encode("utf-8", errors="replace")
