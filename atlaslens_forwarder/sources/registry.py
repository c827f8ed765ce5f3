"""All sources. A new one is a folder with a ``source.py`` and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.sources.confluence_audit.source import CONFLUENCE_AUDIT
from atlaslens_forwarder.sources.confluence_content.source import CONFLUENCE_CONTENT
from atlaslens_forwarder.sources.jira_audit.source import JIRA_AUDIT

if TYPE_CHECKING:
    from atlaslens_forwarder.sources.source import SourceSpec

SOURCES: dict[str, SourceSpec] = {
    spec.name: spec
    for spec in (
        JIRA_AUDIT,
        CONFLUENCE_AUDIT,
        CONFLUENCE_CONTENT,
    )
}
