"""What a world is made from: equal specifications give equal worlds, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

JIRA_AUDIT = "jira-audit"
CONFLUENCE_AUDIT = "confluence-audit"


def _default_weights() -> dict[str, int]:
    return {JIRA_AUDIT: 6, CONFLUENCE_AUDIT: 4}


@dataclass(frozen=True)
class WorldSpec:
    """Seed, number of events and place in time of one simulated Atlassian site.

    ``size`` counts the events of all sources over ``span_days``; ``weights`` splits them. The history
    ends at ``now_ms`` (epoch milliseconds UTC); later events arrive only by request or by fault.
    ``issues`` counts Jira's issues, which come on top; each brings a few changes, comments and worklogs.
    ``pages`` counts Confluence's pages, which bring versions, blog posts and comments, and ``repositories``
    those of Bitbucket, which bring commits and pull requests. ``organisation_events`` counts the events of
    the organisation above the site.

    Raises:
        ConfigError: a number is out of range.
    """

    seed: int
    size: int
    now_ms: int
    span_days: int = 365
    site: str = "acme"
    weights: Mapping[str, int] = field(default_factory=_default_weights)
    issues: int = 0
    pages: int = 0
    repositories: int = 0
    organisation_events: int = 0

    def __post_init__(self) -> None:
        if (
            min(self.size, self.issues, self.pages, self.repositories, self.organisation_events) < 0
            or self.span_days < 1
            or min(self.weights.values()) < 0
            or sum(self.weights.values()) < 1
        ):
            raise ConfigError(
                "the simulated world has a negative size, no days or no sources",
                hint="give size ≥ 0, span_days ≥ 1 and weights ≥ 0 of which one is positive",
            )

    @property
    def start_ms(self) -> int:
        """Where the history begins, epoch milliseconds."""
        return self.now_ms - self.span_days * DAY_MS

    def rows_of(self, source: str) -> int:
        """How many history rows a source has; the sum over all sources is ``size``."""
        names = sorted(self.weights)
        if source not in names:
            return 0
        before = sum(self.weights[name] for name in names[: names.index(source)])
        total = sum(self.weights.values())
        return self.size * (before + self.weights[source]) // total - self.size * before // total
