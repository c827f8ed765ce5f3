"""Typed reading of raw rows: a documented field is a value of the documented type, or absent.

``null`` and ``""`` both mean absent: Confluence writes ``""`` where Jira leaves a key out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.normalise.reasons import WrongTypeError

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_NOTHING: list[JsonValue] = []


def text(source: JsonObject, key: str, path: str = "") -> str:
    """The string at ``key``, ``""`` where there is none.

    Raises:
        WrongTypeError: something else than a string is there; ``path`` names the parent field.
    """
    value = source.get(key)
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    raise WrongTypeError(f"{path}{key}")


def renamed_texts(source: JsonObject, names: tuple[tuple[str, str], ...], path: str) -> JsonObject:
    """The strings that ``source`` has, under new names: ``names`` are pairs of its key and ours.

    One call for a whole item instead of one for each field: items are most of a row.

    Raises:
        WrongTypeError: something else than a string is there; ``path`` names the parent field.
    """
    found: JsonObject = {}
    for key, name in names:
        value = source.get(key)
        if isinstance(value, str):
            if value:
                found[name] = value
        elif value is not None:
            raise WrongTypeError(f"{path}{key}")
    return found


def flag(source: JsonObject, key: str) -> bool | None:
    """The boolean at ``key``, None where there is none.

    Raises:
        WrongTypeError: something else than a boolean is there.
    """
    value = source.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise WrongTypeError(key)


def child(source: JsonObject, key: str) -> JsonObject | None:
    """The object at ``key``, None where there is none.

    Raises:
        WrongTypeError: something else than an object is there.
    """
    value = source.get(key)
    if value is None or isinstance(value, dict):
        return value
    raise WrongTypeError(key)


def children(source: JsonObject, key: str) -> list[JsonObject]:
    """The list of objects at ``key``, empty where there is none.

    Raises:
        WrongTypeError: something else than a list of objects is there.
    """
    value = source.get(key)
    if value is None:
        value = _NOTHING
    if not isinstance(value, list):
        raise WrongTypeError(key)
    for item in value:
        if not isinstance(item, dict):
            raise WrongTypeError(f"{key}[]")
    return value  # type: ignore[return-value]  # every item was just proved to be an object
