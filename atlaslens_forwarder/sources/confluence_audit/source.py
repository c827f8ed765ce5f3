"""Declares the source ``confluence-audit``."""

from __future__ import annotations

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.normalise import confluence_audit
from atlaslens_forwarder.sources.audit_feed import AuditFeedReader
from atlaslens_forwarder.sources.confluence_audit.feed import ConfluenceAuditFeed
from atlaslens_forwarder.sources.source import SourceSpec

CONFLUENCE_AUDIT = SourceSpec(
    name="confluence-audit",
    title="Confluence audit log",
    pipeline=Pipeline.AUDIT,
    api_retention_days=365,  # GET /wiki/rest/api/audit/retention: one year by default and at most
    policy=ReadPolicy(),
    open_reader=lambda context: AuditFeedReader(ConfluenceAuditFeed(context.client)),
    normalise=confluence_audit.normalise,
)
