"""When tokens expire, where the settings say so: no API of Atlassian tells it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from atlaslens_forwarder.model.time import DAY_MS, to_ms
from atlaslens_forwarder.sources.source import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlaslens_forwarder.settings import Settings

WARN_DAYS = 14
"""How long before its end a token is worth a word: enough for a change that needs somebody's consent."""


@dataclass(frozen=True, slots=True)
class TokenExpiry:
    """The end of one credential: the start of the day (UTC) on which it expires."""

    site: str
    service: Service
    at_ms: int

    def days_left(self, now_ms: int) -> int:
        """Whole days until then; negative once it is over."""
        return (self.at_ms - now_ms) // DAY_MS


def token_expiries(settings: Settings) -> Iterator[TokenExpiry]:
    """The credentials whose end is known, by site."""
    for name, site in sorted(settings.sites.items()):
        ends = {
            Service.SITE: site.api_token_expires,
            Service.BITBUCKET: site.bitbucket.api_token_expires,
            Service.ORGANISATION: site.organisation.api_key_expires,
        }
        for service, day in ends.items():
            if day is not None:
                yield TokenExpiry(name, service, to_ms(datetime.combine(day, time(), UTC)))


def expiry_warnings(settings: Settings, now_ms: int) -> list[str]:
    """A line for each credential that expires soon, or has."""
    found = []
    for token in token_expiries(settings):
        left = token.days_left(now_ms)
        if left < WARN_DAYS:
            when = "has expired" if left < 0 else f"expires in {left} days"
            found.append(f"the {token.service.value} token of {token.site} {when}: make a new one in time")
    return found
