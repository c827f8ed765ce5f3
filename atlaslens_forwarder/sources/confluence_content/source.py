"""Declares the source ``confluence-content``."""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS
from atlaslens_forwarder.normalise import confluence_content
from atlaslens_forwarder.sources.confluence_content.feed import ContentReader
from atlaslens_forwarder.sources.source import SourceSpec

_ALL_MS: Final = 100_000 * DAY_MS
"""Longer than any retention, which bounds it."""

CONFLUENCE_CONTENT = SourceSpec(
    name="confluence-content",
    title="Confluence pages, blog posts and comments",
    pipeline=Pipeline.ACTIVITY,
    api_retention_days=36_500,  # versions are kept as long as their page, unless somebody deletes them
    policy=ReadPolicy(
        overlap_ms=10 * MINUTE_MS,
        daily_every_ms=6 * HOUR_MS,  # a look at everything there is: docs/sources/confluence-content.md
        daily_reach_ms=_ALL_MS,
        weekly_every_ms=None,
        walks_once=True,
    ),
    open_reader=ContentReader,
    normalise=confluence_content.normalise,
)
