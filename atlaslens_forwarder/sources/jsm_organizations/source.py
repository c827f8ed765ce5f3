"""Declares the source ``jsm-organizations``."""

from __future__ import annotations

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.normalise import jsm_organizations
from atlaslens_forwarder.sources.jsm_organizations.reader import OrganizationsReader
from atlaslens_forwarder.sources.source import SourceSpec, Style

JSM_ORGANIZATIONS = SourceSpec(
    name="jsm-organizations",
    title="Customer organisations of Jira Service Management (what differs between two looks)",
    pipeline=Pipeline.AUDIT,
    api_retention_days=0,  # only the present can be asked for
    policy=ReadPolicy(),
    open_reader=OrganizationsReader,
    normalise=jsm_organizations.normalise,
    style=Style.POLLS,
    may_rest=True,
    has_history=False,
)
