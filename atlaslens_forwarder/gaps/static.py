"""Gaps that every account has, whatever we do; some of them are closed by the organisation's events. Pure.

Sources: Atlassian support, "Track organization activities from the audit log" (what needs which Guard plan),
"Audit log activities database", "View the audit log" (Confluence), "Audit activities in Jira applications";
Bitbucket REST 2.0, which has no audit path (its events are in the organisation's log of Guard); the
automation and Operations APIs, which have no log to read.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject


@dataclass(frozen=True, slots=True)
class StaticGap:
    """Something that happens in the products and cannot be read: what, why, and what would close it.

    ``by_organisation``: the organisation's events hold it, so it is closed where these were read.
    """

    id: str
    product: str
    what: str
    why: str
    closes: str
    by_organisation: bool = False

    def to_json(self) -> JsonObject:
        """JSON form for reports and export manifests."""
        return dict(asdict(self))


_GUARD = "Atlassian Guard Standard or higher, with an organisation API key"
_PREMIUM = "Atlassian Guard Premium or a Cloud Enterprise plan, with an organisation API key"
_NO_GUARD = "only the organisation's audit log has it, and that needs Guard"
_NOTHING = "nothing today"

STATIC_GAPS: tuple[StaticGap, ...] = (
    StaticGap(
        "sign-ins",
        "all",
        "sign-ins and sign-outs, failed ones, single sign-on, second factors, password resets",
        _NO_GUARD,
        _GUARD,
        by_organisation=True,
    ),
    StaticGap(
        "organisation-admin",
        "all",
        "changes by organisation admins: directories, product access, domains, policies, managed accounts",
        _NO_GUARD,
        _GUARD,
        by_organisation=True,
    ),
    StaticGap(
        "api-tokens",
        "all",
        "creation and revocation of API tokens and organisation API keys",
        _NO_GUARD,
        _GUARD,
        by_organisation=True,
    ),
    StaticGap(
        "api-token-use", "all", "what was done with which API token", "no API without Guard Premium", _PREMIUM
    ),
    StaticGap(
        "views",
        "all",
        "who viewed an issue or a page",
        "no API without Guard Premium",
        _PREMIUM,
    ),
    StaticGap(
        "searches",
        "all",
        "what was searched for, and who looked at a repository",
        "no log of it is documented, with Guard or without",
        _NOTHING,
    ),
    StaticGap(
        "downloads",
        "all",
        "downloads of attachments, exports of issues and pages, clones and fetches of repositories",
        "no API without Guard Premium; git reads are in no log",
        _PREMIUM,
    ),
    StaticGap(
        "history-before-connection",
        "all",
        "what the audit logs had already forgotten at the first sync",
        "they reach back 180 days (Jira, as far as known) to a year (Confluence)",
        _NOTHING,
    ),
    StaticGap(
        "erased-content",
        "all",
        "the past of issues, comments, pages and repositories that were deleted before they were read",
        "the APIs tell only of what still exists; audit logs name some of the deletions",
        "polls at short intervals narrow it",
    ),
    StaticGap("jira-automation-log", "jira", "runs of automation rules", "no public API", _NOTHING),
    StaticGap(
        "jira-comment-edits",
        "jira",
        "comments, worklogs: versions between two polls, and who edited them if several did",
        "the API tells the last edit only",
        "polls at short intervals narrow it",
    ),
    StaticGap(
        "jsm-operations-log",
        "jsm",
        "the Operations log: alerts, on-call, escalations",
        "no public API",
        _NOTHING,
    ),
    StaticGap(
        "jsm-customer-portal",
        "jsm",
        "what customers look at in the portal and the knowledge base",
        "no API",
        _NOTHING,
    ),
    StaticGap(
        "confluence-moves",
        "confluence",
        "page moves: from where, by whom",
        "neither the audit log nor the page's versions hold them",
        _NOTHING,
    ),
    StaticGap(
        "confluence-restrictions",
        "confluence",
        "most changes of page restrictions",
        "the audit log holds few of them, the pages' versions none",
        _NOTHING,
    ),
    StaticGap(
        "confluence-affected-people",
        "confluence",
        "the account of people whom an audit record is about",
        "the audit log names them by display name only",
        _NOTHING,
    ),
    StaticGap(
        "bitbucket-audit",
        "bitbucket",
        "the workspace audit log: settings, members, permissions, keys, webhooks, each with its author",
        "shown on screen, no API of Bitbucket's; the organisation's log has it once the workspace is linked",
        f"{_GUARD}, and the workspace linked to the organisation",
        by_organisation=True,
    ),
    StaticGap(
        "bitbucket-permission-actor",
        "bitbucket",
        "who changed a member or a permission, when exactly, and what was changed back between two polls",
        "the API tells the present state only; changes are found by comparing (derived events)",
        f"{_GUARD}, and the workspace linked to the organisation",
        by_organisation=True,
    ),
    StaticGap(
        "bitbucket-permissions-past",
        "bitbucket",
        "members and permissions before the first poll",
        "the API tells the present state only",
        _NOTHING,
    ),
    StaticGap(
        "bitbucket-pushes",
        "bitbucket",
        "who pushed a commit (its author and committer are what their git says), and branches that came and "
        "went between two polls",
        "the API has no log of pushes",
        "polls at short intervals narrow it",
    ),
    StaticGap(
        "jsm-organizations-past",
        "jsm",
        "who was in which customer organisation before the first poll, and what was changed back between two",
        "the API tells the present state only",
        _NOTHING,
    ),
)
