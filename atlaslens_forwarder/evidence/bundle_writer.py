"""Makes a bundle of the events that were written: reports, manifest, signature, side files, its name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.events_writer import HashedFile
from atlaslens_forwarder.evidence.layout import (
    CHECKSUMS,
    ENVELOPE,
    ENVELOPE_TYPE,
    EVENTS,
    HISTORY,
    MANIFEST,
    REDACTABLE,
    ReportFormat,
)
from atlaslens_forwarder.evidence.manifest import ListedFile, Manifest
from atlaslens_forwarder.evidence.pdf_report import write_pdf_report
from atlaslens_forwarder.evidence.reports import ROW_REPORTS
from atlaslens_forwarder.evidence.row_reading import event_lines, parsed_events
from atlaslens_forwarder.evidence.side_files import checksums, derived
from atlaslens_forwarder.evidence.stamp import stamp_of
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.proof.dsse import sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from atlaslens_forwarder.evidence.manifest import Claims
    from atlaslens_forwarder.evidence.redaction import Redaction
    from atlaslens_forwarder.evidence.reports import RowReport
    from atlaslens_forwarder.evidence.staging import Staging
    from atlaslens_forwarder.proof.key_history import KeyHistory
    from atlaslens_forwarder.proof.signing_key import SigningKey


def complete(
    staging: Staging,
    claims: Claims,
    files: Sequence[ListedFile],
    formats: Iterable[ReportFormat],
    *,
    signers: Sequence[SigningKey],
    history: KeyHistory,
) -> str:
    """Everything after the events, then the bundle's name; the SHA-256 of the manifest.

    Raises:
        ValueError: a statement has no canonical form.
        OSError: the disk does not take it.
    """
    reports = write_reports(staging, claims, formats)
    travelling = history.to_bytes()
    listed = (
        *files,
        *reports,
        ListedFile(HISTORY, len(travelling), hashlib.sha256(travelling).hexdigest()),
    )
    made = Manifest(claims, listed)
    manifest = made.to_bytes()
    contents = {
        MANIFEST: manifest,
        ENVELOPE: sign(ENVELOPE_TYPE, manifest, signers).to_bytes(),
        REDACTABLE: sign(ENVELOPE_TYPE, made.redactable().to_bytes(), signers).to_bytes(),
        HISTORY: travelling,
        **derived(claims, [history]),
    }
    publish(staging, contents, [*files, *reports], parse_iso_ms(claims.created))
    return hashlib.sha256(manifest).hexdigest()


def write_reports(
    staging: Staging,
    claims: Claims,
    formats: Iterable[ReportFormat],
    redaction: Redaction | None = None,
) -> list[ListedFile]:
    """The reports asked for, made from the events that were written.

    Raises:
        OSError: the disk does not take them.
    """
    stamp = stamp_of(claims, redaction)
    wanted = dict.fromkeys(formats)
    made = [write_row_report(staging, ROW_REPORTS[each](stamp)) for each in wanted if each in ROW_REPORTS]
    if ReportFormat.PDF in wanted:
        made += write_pdf_report(staging.folder, claims, redaction)
    return made


def write_row_report(staging: Staging, report: RowReport) -> ListedFile:
    """One report, row by row."""
    file = HashedFile(staging, report.name)
    try:
        file.write(report.head)
        with (staging.folder / EVENTS).open("rb") as source:
            for line, event in parsed_events(event_lines(source)):
                file.write(report.row(event, line))
        file.write(report.foot)
        return file.finish()
    finally:
        file.close()


def publish(
    staging: Staging, contents: Mapping[str, bytes], files: Iterable[ListedFile], created_ms: int
) -> None:
    """Write the side files, the check sums over all, and give the bundle its name."""
    digests = {each.name: each.sha256 for each in files}
    for name, content in contents.items():
        staging.write(name, content)
        digests[name] = hashlib.sha256(content).hexdigest()
    staging.write(CHECKSUMS, checksums(digests))
    staging.publish([*digests, CHECKSUMS], created_ms)
