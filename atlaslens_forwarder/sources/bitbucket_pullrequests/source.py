"""Declares the source ``bitbucket-pullrequests``."""

from __future__ import annotations

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.normalise import bitbucket_pullrequests
from atlaslens_forwarder.sources.bitbucket_pullrequests.reader import PullRequestReader
from atlaslens_forwarder.sources.source import Service, SourceSpec

BITBUCKET_PULLREQUESTS = SourceSpec(
    name="bitbucket-pullrequests",
    title="Bitbucket pull requests and their activity",
    pipeline=Pipeline.ACTIVITY,
    api_retention_days=36_500,  # pull requests and their activity stay as long as their repository
    # Nothing is posted with a date of the past here, so a week's re-reading each day is enough.
    policy=ReadPolicy(weekly_every_ms=None),
    open_reader=PullRequestReader,
    normalise=bitbucket_pullrequests.normalise,
    service=Service.BITBUCKET,
)
