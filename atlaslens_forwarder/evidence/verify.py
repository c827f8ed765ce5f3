"""Checks an evidence file against its manifest, offline. It reads files and changes nothing.

The plan; each step is one check of the report, in this order:

1.  manifest: it is one of ours, of a known version, strict and canonical (anything else is an error at once)
2.  manifest_sha256: it is the manifest whose digest the exporter printed, if that digest was given
3.  checksums: ``FILE.sha256`` states the digests of this manifest and of the file that it describes
4.  name: the file has the name that it was exported under
5.  size, 6. sha256: the bytes are those of the export
7.  columns (CSV): the manifest states the columns of this format version
8.  rows: every row can be read and is in canonical form
9.  order: rows ascend by time, then by ``event.id``
10. repeated: as many rows repeat the time and id of the row above as the manifest says
11. count: as many rows as the manifest says
12. filter: every row is inside the filter
13. span: the first and the last time are those of the manifest
14. events_sha256: the canonical events are those of the manifest (a CSV does not carry them whole)
15. origin: every event matches its ``event.hash``, if the caller has the key
16. statements: store, coverage, gaps and creation time rest on the exporter's word
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.checks import Check, VerifyReport, equal, failed, not_checked, passed
from atlaslens_forwarder.evidence.manifest import VERSION, Manifest, parse_manifest
from atlaslens_forwarder.evidence.places import MANIFEST_SUFFIX, Places
from atlaslens_forwarder.evidence.row_audit import RowAudit
from atlaslens_forwarder.evidence.row_formats import ROW_FORMS, ExportFormat
from atlaslens_forwarder.evidence.row_reading import MAX_ROW_BYTES, csv_rows, jsonl_rows
from atlaslens_forwarder.evidence.store_statement import all_append_only
from atlaslens_forwarder.evidence.writers import checksum_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from atlaslens_forwarder.evidence.row_audit import OriginCheck

_MAX_SIDE_FILE_BYTES = 256 * 1024 * 1024


def verify(
    path: Path, *, origin: OriginCheck | None = None, manifest_sha256: str | None = None
) -> VerifyReport:
    """Check everything that can be checked without a server; the file is read once, with flat memory.

    Args:
        path: the evidence file; its manifest and check sums lie beside it.
        origin: recomputes an event's ``event.hash``; None when the key is not here.
        manifest_sha256: the digest that the exporter printed and somebody kept apart.

    Raises:
        EvidenceError: the file or its manifest is missing, unreadable, damaged, or not of this product.
    """
    places = Places(path)
    if not _is_file(path):
        raise EvidenceError(f"there is no file {path}", hint="name the exported file itself")
    if path.name.endswith(MANIFEST_SUFFIX):
        hint = f"verify {path.name.removesuffix(MANIFEST_SUFFIX)}"
        raise EvidenceError(f"{path.name} is a manifest, not the evidence", hint=hint)
    content = _read_manifest(places)
    manifest = parse_manifest(content)
    digest = hashlib.sha256(content).hexdigest()
    reading = _Reading()
    audit = RowAudit(manifest.filter, origin)
    rows = csv_rows if manifest.facts.format is ExportFormat.CSV else jsonl_rows
    for row in rows(reading.lines(path)):
        audit.take(row)
    checks = [
        passed("manifest", f"format version {VERSION}, created {manifest.created}"),
        _manifest_digest(digest, manifest_sha256),
        _checksums(places, manifest, digest),
        equal("name", "file name", manifest.facts.name, path.name),
        equal("size", "bytes", manifest.facts.size_bytes, reading.size_bytes),
        equal("sha256", "SHA-256", manifest.facts.sha256, reading.digest.hexdigest()),
        *_columns(manifest),
        *_rows(manifest, audit),
        _events_digest(manifest, reading),
        _origin(manifest, audit),
        _statements(manifest),
    ]
    return VerifyReport(path.name, manifest.facts.count, digest, tuple(checks))


@dataclass(slots=True)
class _Reading:
    """The bytes of the evidence file, digested as they pass."""

    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    size_bytes: int = 0

    def lines(self, path: Path) -> Iterator[bytes]:
        """Lines with their ends; one that is longer than any event comes in parts, which are no rows."""
        try:
            with path.open("rb") as file:
                while line := file.readline(MAX_ROW_BYTES):
                    self.digest.update(line)
                    self.size_bytes += len(line)
                    yield line
        except OSError as error:
            raise _unreadable(path, error) from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise _unreadable(path, error) from None


def _read_manifest(places: Places) -> bytes:
    path = places.manifest
    if not path.exists():
        hint = f"an export consists of three files; get {path.name} from where this one came"
        raise EvidenceError(f"{places.evidence.name} has no manifest beside it", hint=hint)
    return _read_whole(path)


def _read_whole(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_SIDE_FILE_BYTES:
            raise EvidenceError(
                f"{path.name} is far too large", hint="it is damaged or not ours; fetch it again"
            )
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> EvidenceError:
    reason = error.strerror or type(error).__name__
    return EvidenceError(f"cannot read {path}: {reason}", hint="check the path and its permissions")


def _manifest_digest(found: str, given: str | None) -> Check:
    name = "manifest_sha256"
    if given is None:
        return not_checked(name, f"compare {found} with what export printed; the manifest is not signed")
    if given.strip().lower() == found:
        return passed(name, f"the manifest has the digest given, {found}")
    return failed(name, f"the digest given is not that of the manifest, {found}")


def _checksums(places: Places, manifest: Manifest, digest: str) -> Check:
    name = "checksums"
    path = places.checksums
    if not path.exists():
        return failed(name, f"{path.name} is missing; get it from where the file came")
    if _read_whole(path) == checksum_lines(places, manifest.facts.sha256, digest):
        return passed(name, f"{path.name} agrees with the manifest")
    return failed(name, f"{path.name} is not about this manifest: one of the two was changed")


def _columns(manifest: Manifest) -> list[Check]:
    columns = ROW_FORMS[manifest.facts.format].columns
    if columns is None:
        return []
    if columns == manifest.facts.columns:
        return [passed("columns", f"{len(columns)} columns of format version {VERSION}")]
    return [failed("columns", f"the manifest does not state the columns of format version {VERSION}")]


def _rows(manifest: Manifest, audit: RowAudit) -> list[Check]:
    facts, tally = manifest.facts, audit.tally
    span = (tally.first, tally.last)
    return [
        _fault("rows", audit.form_fault, "every row reads and is in canonical form"),
        _fault("order", audit.order_fault, "rows ascend by time, then event.id"),
        equal("repeated", "rows that repeat an event id", facts.repeated, tally.repeated),
        equal("count", "rows", facts.count, audit.rows),
        _fault("filter", audit.filter_fault, "every row is inside the filter"),
        equal("span", "first and last time", _shown((facts.first, facts.last)), _shown(span)),
    ]


def _fault(name: str, fault: str, fine: str) -> Check:
    return failed(name, fault) if fault else passed(name, fine)


def _shown(span: tuple[str | None, str | None]) -> str:
    return " to ".join(at or "none" for at in span)


def _events_digest(manifest: Manifest, reading: _Reading) -> Check:
    name = "events_sha256"
    if manifest.facts.format is not ExportFormat.JSONL:
        claimed = manifest.facts.events_sha256
        return not_checked(
            name, f"a CSV holds no whole events; a JSONL export of the same filter has {claimed}"
        )
    return equal(name, "SHA-256 of the events", manifest.facts.events_sha256, reading.digest.hexdigest())


def _origin(manifest: Manifest, audit: RowAudit) -> Check:
    name = "origin"
    if audit.origin_fault:
        return failed(name, audit.origin_fault)
    if manifest.facts.format is not ExportFormat.JSONL:
        return not_checked(name, "a CSV holds no whole events")
    if audit.origin is None:
        return not_checked(name, "the origin key is not here, so event.hash was not recomputed")
    if audit.origin_unknown or audit.unreadable:
        unknown = audit.origin_unknown + audit.unreadable
        return not_checked(
            name, f"{unknown} of {audit.rows} rows name a key that is not here, or cannot be read"
        )
    return passed(name, f"{audit.origin_proven} events match their event.hash")


def _statements(manifest: Manifest) -> Check:
    kept = (
        "append-only" if all_append_only(manifest.store) else "NOT append-only: its events could be changed"
    )
    detail = (
        f"store ({kept}), coverage, {len(manifest.gaps)} gaps and the creation time are the exporter's word"
    )
    return not_checked("statements", detail)
