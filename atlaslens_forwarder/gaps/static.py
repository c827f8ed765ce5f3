"""Gaps that every account without Atlassian Guard has, whatever we do. Pure.

Sources: Atlassian support "View the audit log" (Confluence), "Audit activities in Jira applications",
admin "Organization audit log" (Guard), Bitbucket REST 2.0 (no audit path).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject


@dataclass(frozen=True, slots=True)
class StaticGap:
    """Something that happens in the products and cannot be read: what, why, and what would close it."""

    id: str
    product: str
    what: str
    why: str
    closes: str

    def to_json(self) -> JsonObject:
        """JSON form for reports and export manifests."""
        return dict(asdict(self))


_GUARD = "Atlassian Guard Standard or higher, with an organisation API key"

STATIC_GAPS: tuple[StaticGap, ...] = (
    StaticGap("sign-ins", "all", "sign-ins, failed sign-ins, SSO and MFA", "no API without Guard", _GUARD),
    StaticGap(
        "organisation-admin",
        "all",
        "changes by organisation admins, creation of API tokens",
        "no API without Guard",
        _GUARD,
    ),
    StaticGap(
        "views",
        "all",
        "who viewed an issue or a page, searches, downloads",
        "no API without Guard Premium",
        "Guard Premium",
    ),
    StaticGap("jira-automation-log", "jira", "runs of automation rules", "no public API", "nothing today"),
    StaticGap(
        "jsm-operations-log", "jsm", "the operations (alerts, on-call) log", "no public API", "nothing today"
    ),
    StaticGap(
        "confluence-moves",
        "confluence",
        "page moves and page restrictions",
        "the audit log does not hold them",
        "nothing today",
    ),
    StaticGap(
        "bitbucket-audit", "bitbucket", "the workspace audit log", "shown on screen only, no API", _GUARD
    ),
    StaticGap(
        "bitbucket-permissions-before",
        "bitbucket",
        "permission changes before the first look, who made one, and what was undone between two looks",
        "only the present can be asked for; it is compared with the look before",
        _GUARD,
    ),
    StaticGap(
        "jsm-organizations-before",
        "jsm",
        "changes of customer organisations before the first look, and what was undone between two looks",
        "only the present can be asked for; it is compared with the look before",
        "nothing today",
    ),
)
