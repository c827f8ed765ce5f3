"""Declares the source ``bitbucket-permissions``."""

from __future__ import annotations

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.normalise import bitbucket_permissions
from atlaslens_forwarder.sources.bitbucket_permissions.reader import PermissionsReader
from atlaslens_forwarder.sources.source import Service, SourceSpec, Style

BITBUCKET_PERMISSIONS = SourceSpec(
    name="bitbucket-permissions",
    title="Bitbucket permissions (what differs between two looks)",
    pipeline=Pipeline.AUDIT,
    api_retention_days=0,  # only the present can be asked for
    policy=ReadPolicy(),
    open_reader=PermissionsReader,
    normalise=bitbucket_permissions.normalise,
    service=Service.BITBUCKET,
    style=Style.POLLS,
    may_rest=True,
    has_history=False,
)
