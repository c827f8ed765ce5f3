"""The export: a frozen view of the store → rows on disk → manifest and check sums → published names."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.manifest import manifest_bytes
from atlaslens_forwarder.evidence.places import Places
from atlaslens_forwarder.evidence.reader import frozen_view, stream_events
from atlaslens_forwarder.evidence.store_identity import describe_store, refresh
from atlaslens_forwarder.evidence.store_statement import all_append_only
from atlaslens_forwarder.evidence.writers import EvidenceWriter
from atlaslens_forwarder.storage.names import EVENTS_ALIAS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.evidence.filters import ExportFilter
    from atlaslens_forwarder.evidence.row_formats import ExportFormat
    from atlaslens_forwarder.model.json import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was exported and where it lies; ``manifest_sha256`` is worth keeping apart from the files."""

    path: Path
    manifest_path: Path
    checksum_path: Path
    count: int
    sha256: str
    manifest_sha256: str
    append_only: bool
    """Whether every index read from is append-only; where it is not, the user must be told."""


async def export(
    client: AsyncOpenSearch,
    export_filter: ExportFilter,
    fmt: ExportFormat,
    path: Path,
    *,
    clock: Callable[[], int],
    tool_version: str,
    coverage: JsonObject,
    gaps: Sequence[JsonValue],
    force: bool = False,
    index: str = EVENTS_ALIAS,
) -> ExportResult:
    """Write all events of a filter to ``path``, with ``path``.manifest.json and ``path``.sha256 beside it.

    A filter that matches nothing gives a valid export with count 0. ``coverage`` and ``gaps`` are stated
    in the manifest as given. If anything fails, no file is left behind and none is replaced.

    Raises:
        ConfigError: the path cannot be written, or exists without ``force``.
        StoreError: OpenSearch holds no events alias, or its answers are partial or inconsistent.
        UnreachableError: OpenSearch does not answer, or refuses us.
        EvidenceError: coverage or gaps cannot be stated as JSON.
    """
    with EvidenceWriter(path, fmt, force=force) as writer:
        refreshed = await refresh(client, index)
        async with frozen_view(client, index) as view:
            store = await describe_store(client, refreshed=refreshed, index=index)
            async with aclosing(stream_events(client, view, export_filter.to_query())) as pages:
                async for events in pages:
                    await asyncio.to_thread(writer.write, events)
        facts = await asyncio.to_thread(writer.finish)
        try:
            manifest = manifest_bytes(
                export_filter,
                facts,
                created_ms=clock(),
                tool_version=tool_version,
                store=store,
                coverage=coverage,
                gaps=gaps,
            )
        except ValueError as error:
            raise EvidenceError(f"the manifest cannot be written ({error})") from None
        manifest_sha256 = await asyncio.to_thread(writer.publish, manifest)
    places = Places(path)
    return ExportResult(
        path=path,
        manifest_path=places.manifest,
        checksum_path=places.checksums,
        count=facts.count,
        sha256=facts.sha256,
        manifest_sha256=manifest_sha256,
        append_only=all_append_only(store),
    )
