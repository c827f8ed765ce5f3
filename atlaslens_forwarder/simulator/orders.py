"""Reading the body of an order under ``/_sim``; every fault in it is told in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.people import Person

_HINT: Final = "see docs/simulator.md"
_MOST: Final = 100_000


def text(body: JsonObject, name: str, default: str | None = None) -> str:
    """A text of the body.

    Raises:
        ConfigError: it is missing and has no default, or is no text.
    """
    value = body.get(name, default)
    if not isinstance(value, str):
        raise ConfigError(f"{name} is no text", hint=_HINT)
    return value


def number(body: JsonObject, name: str, default: int | None = None) -> int:
    """A whole number of the body, at times written as text, as ids are.

    Raises:
        ConfigError: it is missing and has no default, or is no number.
    """
    value = body.get(name, default)
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{name} is no whole number", hint=_HINT)
    return value


def amount(body: JsonObject, name: str, default: int) -> int:
    """How often something is done.

    Raises:
        ConfigError: it is no number from 0 to 100,000.
    """
    value = number(body, name, default)
    if not 0 <= value <= _MOST:
        raise ConfigError(f"{name} is not between 0 and {_MOST}", hint=_HINT)
    return value


def flag(body: JsonObject, name: str) -> bool:
    """Yes or no, no where it is missing.

    Raises:
        ConfigError: it is neither.
    """
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise ConfigError(f"{name} is neither true nor false", hint=_HINT)
    return value


def person_of(site: Site, body: JsonObject, name: str = "actor") -> Person:
    """The person with the account id given under this name; the first administrator where it is missing.

    Raises:
        ConfigError: nobody has this account id.
    """
    people = site.world.people
    if name not in body:
        return people.staff[0]
    person = people.of(text(body, name))
    if person is None:
        raise ConfigError("nobody has this account id", hint="GET /_sim/people lists everyone")
    return person


def listed(rows: Iterable[JsonObject]) -> list[JsonValue]:
    """Objects as a JSON list."""
    return [*rows]
