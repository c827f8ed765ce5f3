"""Values of parsed JSON, each of the one form that this product writes. Pure.

Every function raises ``ValueError`` that names the key, and ``KeyError`` for a key that is missing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def part(data: JsonObject, key: str) -> JsonObject:
    """An object."""
    value = data[key]
    if not isinstance(value, dict):
        raise ValueError(f"{key} is not an object")  # noqa: TRY004  bad content, not a bad call
    return value


def text(data: JsonObject, key: str) -> str:
    """A text that is not empty."""
    value = data[key]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is not a text")
    return value


def texts(data: JsonObject, key: str) -> tuple[str, ...]:
    """A list of texts."""
    value = data[key]
    found = tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
    if list(found) != value:
        raise ValueError(f"{key} is not a list of texts")
    return found


def whole(data: JsonObject, key: str) -> int:
    """A whole number, not negative."""
    value = data[key]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{key} is not a whole number")
    return value


def digest(data: JsonObject, key: str) -> str:
    """A SHA-256 in lower-case hex."""
    value = text(data, key)
    if _DIGEST.fullmatch(value) is None:
        raise ValueError(f"{key} is not a SHA-256")
    return value


def time(data: JsonObject, key: str) -> str:
    """A UTC time with milliseconds."""
    value = text(data, key)
    try:
        exact = iso_ms(parse_iso_ms(value)) == value
    except (ValueError, OverflowError):
        exact = False
    if not exact:
        raise ValueError(f"{key} is not a UTC time with milliseconds")
    return value
