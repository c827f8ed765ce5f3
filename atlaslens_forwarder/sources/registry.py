"""All sources. A new one is a folder with a ``source.py`` and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.sources.bitbucket_commits.source import BITBUCKET_COMMITS
from atlaslens_forwarder.sources.bitbucket_permissions.source import BITBUCKET_PERMISSIONS
from atlaslens_forwarder.sources.bitbucket_pullrequests.source import BITBUCKET_PULLREQUESTS
from atlaslens_forwarder.sources.confluence_audit.source import CONFLUENCE_AUDIT
from atlaslens_forwarder.sources.confluence_content.source import CONFLUENCE_CONTENT
from atlaslens_forwarder.sources.jira_audit.source import JIRA_AUDIT
from atlaslens_forwarder.sources.jira_issues.source import JIRA_ISSUES
from atlaslens_forwarder.sources.jira_worklogs.source import JIRA_WORKLOGS
from atlaslens_forwarder.sources.jsm_organizations.source import JSM_ORGANIZATIONS
from atlaslens_forwarder.sources.jsm_sla.source import JSM_SLA
from atlaslens_forwarder.sources.org_events.source import ORG_EVENTS

if TYPE_CHECKING:
    from atlaslens_forwarder.sources.source import SourceSpec

SOURCES: dict[str, SourceSpec] = {
    spec.name: spec
    for spec in (
        JIRA_AUDIT,
        CONFLUENCE_AUDIT,
        JIRA_ISSUES,
        JIRA_WORKLOGS,
        JSM_SLA,
        JSM_ORGANIZATIONS,
        CONFLUENCE_CONTENT,
        BITBUCKET_COMMITS,
        BITBUCKET_PULLREQUESTS,
        BITBUCKET_PERMISSIONS,
        ORG_EVENTS,
    )
}
