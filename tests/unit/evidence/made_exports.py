"""Events and small bundles made through the real writer, without a store."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.events_writer import EventsWriter
from atlaslens_forwarder.evidence.export import Statements, finish
from atlaslens_forwarder.evidence.filters import ExportFilter, View
from atlaslens_forwarder.evidence.layout import ReportFormat
from atlaslens_forwarder.evidence.staging import Staging
from atlaslens_forwarder.model.time import DAY_MS, iso_ms, parse_iso_ms
from atlaslens_forwarder.proof.key_history import KeyHistory, introduce
from atlaslens_forwarder.proof.signing_file import HeldKey, SigningKeys
from atlaslens_forwarder.proof.signing_key import SigningKey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from atlaslens_forwarder.evidence.export import ExportResult
    from atlaslens_forwarder.model.json import JsonObject

JANUARY_MS = parse_iso_ms("2026-01-01T00:00:00Z")
CREATED_MS = parse_iso_ms("2026-03-01T12:00:01Z")
JANUARY = ExportFilter(View.SECURITY, JANUARY_MS, JANUARY_MS + 31 * DAY_MS, products=("jira",))
ROW_FORMATS = (ReportFormat.CSV, ReportFormat.JSONL)
STORE: JsonObject = {
    "cluster_name": "atlaslens",
    "cluster_uuid": "c",
    "version": "3.4.0",
    "refreshed": True,
    "indices": [{"name": "atlaslens-audit-2026.01", "uuid": "i", "docs": 9, "append_only": True}],
}
COVERAGE: JsonObject = {
    "verdict": "holes",
    "connectors": {
        "acme:jira-audit": {
            "verdict": "holes",
            "holes": [
                {"from": "2026-01-02T00:00:00.000Z", "to": "2026-01-03T00:00:00.000Z", "reason": "no access"}
            ],
        }
    },
}
GAPS: list[JsonObject] = [{"kind": "static", "id": "sign-ins", "state": "open"}]


@cache
def signing_keys() -> SigningKeys:
    """Two keys, the older one in its overlap."""
    old, new = SigningKey.generate(), SigningKey.generate()
    first = introduce(old, None, created_ms=JANUARY_MS)
    second = introduce(new, old, created_ms=CREATED_MS - DAY_MS)
    return SigningKeys((HeldKey(old, CREATED_MS + DAY_MS), HeldKey(new, None)), KeyHistory((first, second)))


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
    events: list[JsonObject],
    formats: Iterable[ReportFormat] = ROW_FORMATS,
    export_filter: ExportFilter = JANUARY,
    *,
    force: bool = False,
    keys: SigningKeys | None = None,
    seed: int = 1,
) -> ExportResult:
    """Write a bundle of the given events."""
    with Staging(path, force=force) as staging:
        writer = EventsWriter(staging, random.Random(seed).randbytes)
        try:
            writer.write(events)
            files = writer.finish()
        finally:
            writer.close()
        return finish(
            staging,
            writer,
            files,
            export_filter,
            formats,
            keys=keys or signing_keys(),
            created_ms=CREATED_MS,
            store=STORE,
            statements=Statements("1.2.3", "auditor on host", COVERAGE, GAPS),
        )
