"""Declares the source ``jira-audit``."""

from __future__ import annotations

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.normalise import jira_audit
from atlaslens_forwarder.sources.audit_feed import AuditFeedReader
from atlaslens_forwarder.sources.jira_audit.feed import JiraAuditFeed
from atlaslens_forwarder.sources.source import SourceSpec

JIRA_AUDIT = SourceSpec(
    name="jira-audit",
    title="Jira audit log (with Jira Service Management)",
    pipeline=Pipeline.AUDIT,
    api_retention_days=180,  # sources differ between 180 days and a year; the shorter one decides about holes
    policy=ReadPolicy(),
    open_reader=lambda context: AuditFeedReader(JiraAuditFeed(context.client)),
    normalise=jira_audit.normalise,
)
