"""Declares the source ``jsm-sla``."""

from __future__ import annotations

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.normalise import jsm_sla
from atlaslens_forwarder.sources.jsm_sla.reader import BreachReader
from atlaslens_forwarder.sources.source import SourceSpec, Style

JSM_SLA = SourceSpec(
    name="jsm-sla",
    title="Broken service levels (Jira Service Management)",
    pipeline=Pipeline.ACTIVITY,
    api_retention_days=3650,  # cycles are kept with their request, as long as that exists
    policy=ReadPolicy(),
    open_reader=BreachReader,
    normalise=jsm_sla.normalise,
    style=Style.POLLS,
    may_rest=True,
)
