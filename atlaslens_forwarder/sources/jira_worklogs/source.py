"""Declares the source ``jira-worklogs``."""

from __future__ import annotations

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.normalise import jira_worklogs
from atlaslens_forwarder.sources.jira_worklogs.reader import JiraWorklogsReader
from atlaslens_forwarder.sources.source import SourceSpec

JIRA_WORKLOGS = SourceSpec(
    name="jira-worklogs",
    title="Work logged on Jira issues",
    pipeline=Pipeline.ACTIVITY,
    api_retention_days=36_500,  # worklogs stay until somebody deletes them
    policy=ReadPolicy(
        settle_ms=2 * MINUTE_MS,  # the feeds withhold the last minute by the server's clock
        overlap_ms=5 * MINUTE_MS,
        weekly_every_ms=None,
    ),
    open_reader=JiraWorklogsReader,
    normalise=jira_worklogs.normalise,
)
