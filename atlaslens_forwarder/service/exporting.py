"""One export, whoever asks for it: people resolved, statements gathered, the bundle written and recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atlaslens_forwarder import __version__
from atlaslens_forwarder.evidence.export import ExportResult, Statements, export
from atlaslens_forwarder.service.asking import expand
from atlaslens_forwarder.service.coverage import coverage
from atlaslens_forwarder.service.custody_log import record_export
from atlaslens_forwarder.service.gap_report import gaps_between
from atlaslens_forwarder.service.people import operator
from atlaslens_forwarder.service.signing import signing_keys
from atlaslens_forwarder.storage.seal_store import current_head

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from atlaslens_forwarder.evidence.filters import ExportFilter
    from atlaslens_forwarder.evidence.layout import ReportFormat
    from atlaslens_forwarder.service.store import Store


async def export_evidence(
    store: Store,
    wanted: ExportFilter,
    forms: Sequence[ReportFormat],
    output: Path,
    *,
    signing_path: Path,
    clock: Callable[[], int],
    force: bool = False,
) -> ExportResult:
    """Write a signed bundle of the events of a filter, and say so in the custody log.

    People and groups are resolved as known now; coverage, gaps and the head of the seals are those of now.

    Raises:
        ConfigError: the output or the signing keys cannot be used, or nobody of that name is known.
        StoreError: OpenSearch failed, or its answers are partial or inconsistent.
        UnreachableError: it does not answer, or refuses us.
        EvidenceError: the head of the seals cannot be read.
    """
    users, members = await expand(store.people, wanted.users, wanted.groups)
    wanted = replace(wanted, users=users, members=members)
    interval = (wanted.from_ms, wanted.to_ms, clock())
    head = await current_head(store.reader)
    result = await export(
        store.reader,
        wanted,
        forms,
        output,
        keys=await signing_keys(signing_path, store.state, store.custody, clock()),
        clock=clock,
        statements=Statements(
            tool_version=__version__,
            exporter=operator(),
            coverage=await coverage(store, *interval),
            gaps=(await gaps_between(store.state, *interval)).manifest(),
            seal_head=None if head is None else {"number": head.number, "hash": head.hash},
        ),
        force=force,
    )
    await record_export(
        store.custody,
        name=output.name,
        count=result.count,
        manifest_sha256=result.manifest_sha256,
        wanted=wanted.to_manifest(),
    )
    return result
