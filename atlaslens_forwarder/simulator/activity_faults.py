"""The switches that concern issues, people and service desks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from atlaslens_forwarder.errors import ConfigError

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Right = Literal["work", "people", "service-desk"]


@dataclass(frozen=True)
class ActivityFaults:
    """What goes wrong with issues, people and service desks; all off at first.

    Raises:
        ConfigError: the time zone is unknown.
    """

    late_changes: Share = 0.0
    """Share of touches of issues that the search index learns of late."""
    late_changes_s: Count = 36_000
    """How late at most; two minutes at least."""
    missing_is_last: bool = False
    """Search pages leave out ``isLast``."""
    repeated_token: bool = False
    """The last page gives the token it was asked with, or one that leads nowhere."""
    bulk_times: Literal["iso", "seconds", "millis"] = "iso"
    """How the bulk changelog writes ``created``."""
    unreadable_issues: Share = 0.0
    """Share of issues that the account may not see; every route leaves them out."""
    missing_rights: tuple[Right, ...] = ()
    """Rights the account or its token lacks."""
    short_user_pages: bool = False
    """Pages of users leave out some accounts; more pages follow a short one."""
    closed_people: Count = 0
    """People whose accounts are closed: "Former user"."""
    time_zone: str = "Etc/UTC"
    """The caller's profile zone, in which quoted times of JQL are read."""

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ConfigError(
                f"time_zone: {self.time_zone!r} is no time zone", hint="use a name such as Europe/Berlin"
            ) from None
