"""Declares the source ``org-events``."""

from __future__ import annotations

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS
from atlaslens_forwarder.normalise import organisation
from atlaslens_forwarder.sources.org_events.reader import StreamReader
from atlaslens_forwarder.sources.source import Service, SourceSpec, Style

ORG_EVENTS = SourceSpec(
    name="org-events",
    title="Events of the organisation (Atlassian Guard)",
    pipeline=Pipeline.AUDIT,
    api_retention_days=180,
    # Nothing is processed before the present, so little is read again: ten requests a minute are all we have.
    policy=ReadPolicy(overlap_ms=15 * MINUTE_MS, daily_reach_ms=DAY_MS, weekly_every_ms=None),
    open_reader=StreamReader,
    normalise=organisation.normalise,
    service=Service.ORGANISATION,
    style=Style.WINDOWS,
)
