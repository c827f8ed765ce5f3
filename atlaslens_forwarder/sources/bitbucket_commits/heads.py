"""What is remembered of a repository's branches, and what follows from it. Pure.

A commit has no trustworthy time, so news are what the branches reach now and did not reach before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject

MOST_OLDER = 20
"""Former heads that are kept. They matter only where all present ones are lost to a force push."""


@dataclass(frozen=True, slots=True)
class Heads:
    """Commits that branches point at, sorted, and those they pointed at before, newest first."""

    now: tuple[str, ...] = ()
    older: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored: JsonObject | None) -> Heads:
        """What was remembered; nothing where that cannot be read, which costs a full listing."""
        if stored is None:
            return cls()
        return cls(_texts(stored.get("heads")), _texts(stored.get("older")))

    def as_json(self) -> JsonObject:
        """The form that is remembered."""
        return {"heads": [*self.now], "older": [*self.older]}

    def moved_to(self, heads: Iterable[str]) -> Heads:
        """The memory after everything these heads reach has been read."""
        now = tuple(sorted(set(heads)))
        older = dict.fromkeys(name for name in (*self.now, *self.older) if name not in now)
        return Heads(now, tuple(older)[:MOST_OLDER])


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
