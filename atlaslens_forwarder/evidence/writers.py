"""Writes an evidence file row by row, and its manifest and check sums when the rows are done."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.evidence.facts import FileFacts
from atlaslens_forwarder.evidence.fields import ID_PATH, event_at_ms, event_id, values_at
from atlaslens_forwarder.evidence.places import (
    Places,
    check_free,
    flush_to_disk,
    open_part,
    part_of,
    publish,
    unwritable,
)
from atlaslens_forwarder.evidence.row_formats import ROW_FORMS
from atlaslens_forwarder.evidence.tally import Tally
from atlaslens_forwarder.model.canonical import canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from atlaslens_forwarder.evidence.row_formats import ExportFormat
    from atlaslens_forwarder.model.json import JsonObject


class EvidenceWriter:
    """One export on its way to the disk; a context manager that leaves nothing behind unless ``publish`` ran.

    Blocking: call from a thread where a loop must go on.
    """

    def __init__(self, path: Path, fmt: ExportFormat, *, force: bool = False) -> None:
        """Reserve the names and write what stands before the first row.

        Raises:
            ConfigError: the file cannot be created there.
        """
        self._places = Places(path)
        check_free(self._places, force=force)
        self._format = fmt
        self._form = ROW_FORMS[fmt]
        self._force = force
        self._tally = Tally()
        self._digest = hashlib.sha256()
        self._events_digest = hashlib.sha256()
        self._size_bytes = 0
        self._begun = [path]
        self._file = open_part(path, force=force)
        self._put(self._form.header)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # a full disk was already told when the rows were written
            self._file.close()
        for path in self._begun:
            part_of(path).unlink(missing_ok=True)

    def write(self, events: Sequence[JsonObject]) -> None:
        """Append rows, which must come in ascending order of time and ``event.id``.

        Raises:
            StoreError: an event cannot stand in evidence, or is out of order.
            ConfigError: the disk does not take the rows.
        """
        self._put(b"".join(map(self._row, events)))

    def finish(self) -> FileFacts:
        """Bring the last row to the disk and state what was written.

        Raises:
            ConfigError: the disk does not take the rows.
        """
        path = self._places.evidence
        try:
            flush_to_disk(self._file)
            self._file.close()
        except OSError as error:
            raise unwritable(path, error) from None
        return FileFacts(
            name=path.name,
            format=self._format,
            size_bytes=self._size_bytes,
            sha256=self._digest.hexdigest(),
            events_sha256=self._events_digest.hexdigest(),
            count=self._tally.count,
            repeated=self._tally.repeated,
            first=self._tally.first,
            last=self._tally.last,
            columns=self._form.columns,
        )

    def publish(self, manifest: bytes) -> str:
        """Write manifest and check sums, then give all three files their names; the manifest's SHA-256.

        Raises:
            ConfigError: a file cannot be written.
        """
        digest = hashlib.sha256(manifest).hexdigest()
        places = self._places
        sums = checksum_lines(places, self._digest.hexdigest(), digest)
        for path, content in ((places.manifest, manifest), (places.checksums, sums)):
            with open_part(path, force=self._force) as file:
                self._begun.append(path)
                try:
                    file.write(content)
                    flush_to_disk(file)
                except OSError as error:
                    raise unwritable(path, error) from None
        try:
            publish(places.all)
        except OSError as error:
            raise unwritable(places.evidence, error) from None
        return digest

    def _row(self, event: JsonObject) -> bytes:
        try:
            line = canonical_bytes(event) + b"\n"
            row = self._form.row(event, line)
            key = event_at_ms(event), event_id(event)
        except ValueError as error:
            raise StoreError(
                f"event {_shown_id(event)} cannot stand in evidence ({error})",
                hint="it was not written by this product; leave its time out of the export",
            ) from None
        if not self._tally.add(*key):
            raise StoreError(
                f"OpenSearch sent event {_shown_id(event)} out of order", hint="repeat the export"
            )
        self._events_digest.update(line)
        return row

    def _put(self, content: bytes) -> None:
        try:
            self._file.write(content)
        except OSError as error:
            raise unwritable(self._places.evidence, error) from None
        self._digest.update(content)
        self._size_bytes += len(content)


def checksum_lines(places: Places, evidence_sha256: str, manifest_sha256: str) -> bytes:
    """What ``FILE.sha256`` holds: two lines as ``sha256sum`` writes them."""
    lines = f"{evidence_sha256}  {places.evidence.name}\n{manifest_sha256}  {places.manifest.name}\n"
    return lines.encode("utf-8")


def _shown_id(event: JsonObject) -> str:
    for value in values_at(event, ID_PATH):
        return str(value).encode("ascii", "backslashreplace").decode("ascii")[:200]
    return "without an id"
