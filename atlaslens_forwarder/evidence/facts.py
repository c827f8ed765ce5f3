"""What is said of an evidence file in its manifest. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.evidence.row_formats import ExportFormat


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Size, digests and extent of one evidence file."""

    name: str
    format: ExportFormat
    size_bytes: int
    sha256: str
    events_sha256: str
    """Over the canonical line of every event, whatever the format of the file."""
    count: int
    repeated: int
    first: str | None
    last: str | None
    columns: tuple[str, ...] | None
