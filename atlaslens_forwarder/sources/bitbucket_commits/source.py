"""Declares the source ``bitbucket-commits``."""

from __future__ import annotations

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.normalise import bitbucket_commits
from atlaslens_forwarder.sources.bitbucket_commits.reader import CommitReader
from atlaslens_forwarder.sources.source import Service, SourceSpec, Style

BITBUCKET_COMMITS = SourceSpec(
    name="bitbucket-commits",
    title="Bitbucket commits",
    pipeline=Pipeline.ACTIVITY,
    api_retention_days=36_500,  # a repository keeps what its branches reach
    policy=ReadPolicy(),
    open_reader=CommitReader,
    normalise=bitbucket_commits.normalise,
    service=Service.BITBUCKET,
    style=Style.POLLS,
    outsider_dates=True,
)
