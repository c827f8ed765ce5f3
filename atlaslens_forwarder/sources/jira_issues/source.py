"""Declares the source ``jira-issues``."""

from __future__ import annotations

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.model.time import HOUR_MS, MINUTE_MS
from atlaslens_forwarder.normalise import jira_issues
from atlaslens_forwarder.sources.jira_issues.reader import INDEX_LAG_MS, JiraIssuesReader
from atlaslens_forwarder.sources.source import SourceSpec

JIRA_ISSUES = SourceSpec(
    name="jira-issues",
    title="Jira issues, their changes and comments (with Jira Service Management)",
    pipeline=Pipeline.ACTIVITY,
    api_retention_days=36_500,  # issues stay until somebody deletes them
    policy=ReadPolicy(
        overlap_ms=5 * MINUTE_MS,
        daily_every_ms=HOUR_MS,
        daily_reach_ms=INDEX_LAG_MS,
        weekly_every_ms=None,
    ),
    open_reader=JiraIssuesReader,
    normalise=jira_issues.normalise,
)
