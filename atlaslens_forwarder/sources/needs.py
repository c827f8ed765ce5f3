"""What each source needs of account, token and plan: one table for ``connect`` and the docs.

Sources: the permission and scope notes of each route in Atlassian's API reference. Scopes are the granular
ones of a scoped API token. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.source import Service

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Needs:
    """What an account needs to read something: permission, scopes of its token, and the plan of the site."""

    permission: str
    scopes: tuple[str, ...]
    plan: str = "any"


_JIRA_WORK: Final = ("read:jira-work", "read:jira-user", "read:user:jira")
_CONTENT: Final = (
    "read:page:confluence",
    "read:comment:confluence",
    "read:space:confluence",
    "read:user:confluence",
    "search:confluence",
)
_BITBUCKET: Final = (
    "read:repository:bitbucket",
    "read:pullrequest:bitbucket",
    "read:workspace:bitbucket",
    "read:user:bitbucket",
)

NEEDS: Final[Mapping[str, Needs]] = {
    "jira-audit": Needs(
        "Administer Jira (global)",
        ("read:audit-log:jira", "read:user:jira", "read:jira-user"),
        "one Jira product of the site on a paid plan",
    ),
    "confluence-audit": Needs(
        "Confluence administrator",
        ("read:audit-log:confluence", "read:user:confluence", "read:confluence-user"),
        "Confluence Standard or higher",
    ),
}
"""By name of the source; :func:`needs_of` knows what the others of a product have in common."""

_BY_PREFIX: Final[Mapping[str, Needs]] = {
    "jira-": Needs("Browse Projects in every project that is to be read", _JIRA_WORK),
    "jsm-": Needs(
        "Browse Projects in every service project, and an agent's licence",
        (*_JIRA_WORK, "read:request:jira-service-management"),
    ),
    "confluence-": Needs("access to Confluence, and view in every space that is to be read", _CONTENT),
    "bitbucket-": Needs(
        "member of the workspace with read access to its repositories; administrator for permissions",
        _BITBUCKET,
    ),
    "people": Needs(
        "Browse users and groups (global)",
        ("read:jira-user", "read:user:jira", "read:group:jira", "read:avatar:jira"),
    ),
    "organisation": Needs(
        "organisation administrator", ("an API key without scopes",), "Atlassian Guard Standard or higher"
    ),
}
ALL_NEEDS: Final[Mapping[str, Needs]] = {
    **NEEDS,
    **{f"{prefix}*" if prefix.endswith("-") else prefix: needs for prefix, needs in _BY_PREFIX.items()},
}
"""As ``docs/connect.md`` shows them: ``jira-*`` stands for all other sources of that product."""
_BY_SERVICE: Final[Mapping[Service, Needs]] = {
    Service.SITE: _BY_PREFIX["jira-"],
    Service.BITBUCKET: _BY_PREFIX["bitbucket-"],
    Service.ORGANISATION: _BY_PREFIX["organisation"],
}


def needs_of(source: str, service: Service) -> Needs:
    """What a source needs: its own entry, else that of its product."""
    if source in NEEDS:
        return NEEDS[source]
    found = (needs for prefix, needs in _BY_PREFIX.items() if source.startswith(prefix))
    return next(found, _BY_SERVICE[service])


def remedy(status: SourceStatus, needs: Needs, hint: str) -> str:
    """What would change it that a source is not collected; ``hint`` is what the failure itself says."""
    match status:
        case SourceStatus.NO_PERMISSION:
            return f"give the account the permission: {needs.permission}"
        case SourceStatus.NO_SCOPE:
            return f"make a token with the scopes: {' '.join(needs.scopes)}"
        case SourceStatus.NO_PLAN:
            return f"a higher plan: {needs.plan}"
        case _:
            return hint or "try again later"
