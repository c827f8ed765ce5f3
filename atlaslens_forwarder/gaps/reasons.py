"""Why a source could not be read, or what it could not tell: the reasons of live gaps. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class GapReason(StrEnum):
    """Every reason of a live gap. Those named like a status of a source come from that status."""

    NO_PLAN = "no-plan"
    NO_PERMISSION = "no-permission"
    NO_SCOPE = "no-scope"
    EXPIRED = "expired"
    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    UNREADABLE = "unreadable"
    STORE_FAILED = "store-failed"
    SILENT = "silent"
    BEYOND_RETENTION = "beyond-retention"
    BEFORE_FIRST_POLL = "before-first-poll"
    QUARANTINED = "quarantined"
    SWITCHED_OFF = "switched-off"
    NOT_SET_UP = "not-set-up"

    @property
    def never_filled(self) -> bool:
        """Whether the time is lost although it counts as read: asked in vain, or before there was a look."""
        return self in {GapReason.BEYOND_RETENTION, GapReason.BEFORE_FIRST_POLL}

    @property
    def explains_holes(self) -> bool:
        """Whether time was not read because of it; a silent source and single rows leave no such hole."""
        return self not in {GapReason.SILENT, GapReason.QUARANTINED}


@dataclass(frozen=True, slots=True)
class GapText:
    """What is missing while a gap is open, and what would close it."""

    what: str
    closes: str


GAP_TEXTS: Final[dict[GapReason, GapText]] = {
    GapReason.NO_PLAN: GapText(
        "everything this source has: the plan does not include it", "a paid plan of the product"
    ),
    GapReason.NO_PERMISSION: GapText(
        "everything this source has: the account may not read it",
        "the permission that docs/sources.md names, given to the account",
    ),
    GapReason.NO_SCOPE: GapText(
        "everything this source has: the token lacks a scope", "a token with the scopes of docs/sources.md"
    ),
    GapReason.EXPIRED: GapText(
        "everything since the token was last accepted", "a new token; what was missed is then caught up"
    ),
    GapReason.UNREACHABLE: GapText(
        "everything since the site last answered", "an answer; what was missed is then caught up"
    ),
    GapReason.THROTTLED: GapText(
        "everything since the site last let us read", "fewer requests; what was missed is then caught up"
    ),
    GapReason.UNREADABLE: GapText(
        "what came in a form that this version does not know", "a newer version, then quarantine replay"
    ),
    GapReason.STORE_FAILED: GapText(
        "what OpenSearch did not take", "OpenSearch in order; what was missed is then read again"
    ),
    GapReason.SILENT: GapText(
        "perhaps everything: the source answers, and has nothing for longer than it ever had",
        "a new event; look whether the product is still in use and its log switched on",
    ),
    GapReason.BEYOND_RETENTION: GapText(
        "time that was not read before the API forgot it", "nothing: the API does not have it any more"
    ),
    GapReason.BEFORE_FIRST_POLL: GapText(
        "changes before the first look: the API tells the present state only",
        "nothing: the past cannot be asked",
    ),
    GapReason.QUARANTINED: GapText(
        "rows that came and could not be understood or stored; they are kept, sealed",
        "a newer version, then quarantine replay",
    ),
    GapReason.SWITCHED_OFF: GapText(
        "everything this source has: it is left out in the settings", "the source in SOURCES of the site"
    ),
    GapReason.NOT_SET_UP: GapText(
        "everything this source has: the settings lack what it is read with",
        "the workspaces or the organisation of the site in the settings, see .env.example",
    ),
}
