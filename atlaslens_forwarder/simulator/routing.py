"""Which route answers a path."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from atlaslens_forwarder.simulator.calls import Route


@dataclass(frozen=True, slots=True)
class Found:
    """A route and what stood for the ``{…}`` of its path."""

    route: Route
    names: Mapping[str, str] = field(default_factory=dict)


class Routes:
    """All routes of a site; a path without ``{…}`` precedes one with."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._plain: dict[str, Route] = {}
        self._patterns: list[tuple[re.Pattern[str], Route]] = []
        for route in routes:
            if "{" in route.path:
                self._patterns.append((_pattern(route.path), route))
            else:
                self._plain[route.path] = route

    def find(self, path: str) -> Found | None:
        """The route of a path, whatever the method."""
        if path in self._plain:
            return Found(self._plain[path])
        for pattern, route in self._patterns:
            match = pattern.fullmatch(path)
            if match is not None:
                return Found(route, {name: unquote(value) for name, value in match.groupdict().items()})
        return None


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile(
        "".join(
            f"(?P<{part}>[^/]+)" if position % 2 else re.escape(part) for position, part in enumerate(parts)
        )
    )
