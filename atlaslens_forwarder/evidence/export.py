"""The export: a frozen view of the store → events and leaves → reports, manifest, signature → a name."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.bundle_writer import complete
from atlaslens_forwarder.evidence.events_writer import EventsWriter
from atlaslens_forwarder.evidence.manifest import Claims, all_append_only
from atlaslens_forwarder.evidence.reader import frozen_view, index_of, stream_events
from atlaslens_forwarder.evidence.staging import Staging, unwritable
from atlaslens_forwarder.evidence.store_identity import describe_store, refresh
from atlaslens_forwarder.model.time import iso_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.evidence.filters import ExportFilter
    from atlaslens_forwarder.evidence.layout import ReportFormat
    from atlaslens_forwarder.evidence.manifest import ListedFile
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.proof.signing_file import SigningKeys


@dataclass(frozen=True, slots=True)
class Statements:
    """What the exporter says beside the events."""

    tool_version: str
    exporter: str
    coverage: JsonObject
    gaps: Sequence[JsonValue]
    seal_head: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was exported, where it lies, and the key by which it can be trusted."""

    path: Path
    claims: Claims
    manifest_sha256: str

    @property
    def count(self) -> int:
        """How many events."""
        return self.claims.count

    @property
    def key_id(self) -> str:
        """The key that signed."""
        return self.claims.signing_keys[0]

    @property
    def append_only(self) -> bool:
        """Whether every index read from is append-only; where it is not, the user must be told."""
        return all_append_only(self.claims.store)


async def export(
    client: AsyncOpenSearch,
    export_filter: ExportFilter,
    formats: Sequence[ReportFormat],
    path: Path,
    *,
    keys: SigningKeys,
    clock: Callable[[], int],
    statements: Statements,
    force: bool = False,
    index: str | None = None,
    salts: Callable[[int], bytes] = secrets.token_bytes,
) -> ExportResult:
    """Write all events of a filter as a signed bundle: one zip if ``path`` ends in ``.zip``, else a folder.

    A filter that matches nothing gives a valid bundle with count 0. If anything fails, nothing is left
    behind and nothing replaced. ``index`` is where to read instead of the view's own indices.

    Raises:
        ConfigError: the path cannot be written, or exists without ``force``.
        StoreError: OpenSearch holds no such index, or its answers are partial or inconsistent.
        UnreachableError: OpenSearch does not answer, or refuses us.
        EvidenceError: a statement cannot be written as JSON.
    """
    where = index or index_of(export_filter.view)
    with Staging(path, force=force) as staging:
        try:
            writer = EventsWriter(staging, salts)
            try:
                refreshed = await refresh(client, where)
                async with frozen_view(client, where) as view:
                    store = await describe_store(client, refreshed=refreshed, index=where)
                    async with aclosing(stream_events(client, view, export_filter.to_query())) as pages:
                        async for events in pages:
                            await asyncio.to_thread(writer.write, events)
                files = await asyncio.to_thread(writer.finish)
            finally:
                writer.close()
            return await asyncio.to_thread(
                finish,
                staging,
                writer,
                files,
                export_filter,
                formats,
                keys=keys,
                created_ms=clock(),
                store=store,
                statements=statements,
            )
        except OSError as error:
            raise unwritable(path, error) from None


def finish(
    staging: Staging,
    writer: EventsWriter,
    files: Sequence[ListedFile],
    export_filter: ExportFilter,
    formats: Iterable[ReportFormat],
    *,
    keys: SigningKeys,
    created_ms: int,
    store: JsonObject,
    statements: Statements,
) -> ExportResult:
    """The bundle of events that were written, from claims to its name.

    Raises:
        EvidenceError: a statement cannot be written as JSON.
        OSError: the disk does not take it.
    """
    signers = keys.signers(created_ms)
    tally = writer.tally
    claims = Claims(
        filter=export_filter,
        created=iso_ms(created_ms),
        tool_version=statements.tool_version,
        exporter=statements.exporter,
        count=tally.count,
        repeated=tally.repeated,
        first=tally.first,
        last=tally.last,
        events_sha256=files[0].sha256,
        merkle_root=writer.merkle_root,
        signing_keys=tuple(key.id for key in signers),
        store=store,
        coverage=statements.coverage,
        gaps=tuple(statements.gaps),
        seal_head=statements.seal_head,
    )
    try:
        digest = complete(staging, claims, files, formats, signers=signers, history=keys.history)
    except ValueError as error:
        raise EvidenceError(f"the bundle cannot be written ({error})") from None
    return ExportResult(staging.target, claims, digest)
