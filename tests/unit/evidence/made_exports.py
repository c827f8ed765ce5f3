"""Events and small exports made through the real writer, without a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.filters import ExportFilter, View
from atlaslens_forwarder.evidence.manifest import manifest_bytes
from atlaslens_forwarder.evidence.writers import EvidenceWriter
from atlaslens_forwarder.model.time import DAY_MS, iso_ms, parse_iso_ms

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.evidence.row_formats import ExportFormat
    from atlaslens_forwarder.model.json import JsonObject

JANUARY_MS = parse_iso_ms("2026-01-01T00:00:00Z")
CREATED_MS = parse_iso_ms("2026-03-01T12:00:00Z")
JANUARY = ExportFilter(View.SECURITY, JANUARY_MS, JANUARY_MS + 31 * DAY_MS, products=("jira",))
STORE: JsonObject = {
    "cluster_name": "atlaslens",
    "cluster_uuid": "c",
    "version": "3.4.0",
    "refreshed": True,
    "indices": [{"name": "atlaslens-audit-2026.01", "uuid": "i", "docs": 9, "append_only": True}],
}


def sample_event(number: int, at_ms: int | None = None, **user: str) -> JsonObject:
    """An audit event of January 2026; a higher number is never earlier."""
    return {
        "@timestamp": iso_ms(JANUARY_MS + number * 1000 if at_ms is None else at_ms),
        "event": {
            "id": f"jira:audit:cloud:{number:06d}",
            "action": "user_added_to_group",
            "category": ["iam", "configuration"],
            "hash": "k1:00",
        },
        "user": {"id": "557058:a", "full_name": "Zoë Ærø", **user},
        "user.target": {"id": "557058:b"},
        "atlassian": {
            "pipeline": "audit",
            "product": "jira",
            "permission_change": True,
            "change_summary": ['role: "a, b" → c', "=HYPERLINK(1)"],
        },
        "message": "line one\r\nline two",
    }


def make_export(
    path: Path,
    fmt: ExportFormat,
    events: list[JsonObject],
    export_filter: ExportFilter = JANUARY,
    *,
    force: bool = False,
) -> str:
    """Write an export of the given events; the SHA-256 of its manifest."""
    with EvidenceWriter(path, fmt, force=force) as writer:
        writer.write(events)
        facts = writer.finish()
        manifest = manifest_bytes(
            export_filter,
            facts,
            created_ms=CREATED_MS,
            tool_version="1.2.3",
            store=STORE,
            coverage={"complete": True},
            gaps=[],
        )
        return writer.publish(manifest)
