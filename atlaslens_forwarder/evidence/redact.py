"""Makes a bundle with some rows withheld out of another; what is left still proves itself.

A withheld row leaves only the hash of its salted leaf. Its salt is withheld too, so that nobody can find
the row by trying what it may have been.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError, EvidenceError
from atlaslens_forwarder.evidence.bundle import open_bundle, read_small
from atlaslens_forwarder.evidence.bundle_writer import publish, write_reports
from atlaslens_forwarder.evidence.content_check import numbered
from atlaslens_forwarder.evidence.events_writer import HashedFile
from atlaslens_forwarder.evidence.layout import (
    ENVELOPE,
    EVENTS,
    HISTORY,
    MANIFEST,
    REDACTION,
    REDACTION_ENVELOPE,
    REDACTION_HISTORY,
    REDACTION_TYPE,
    ROWS,
    ReportFormat,
    RowLine,
)
from atlaslens_forwarder.evidence.manifest import parse_manifest
from atlaslens_forwarder.evidence.redaction import Redaction, parse_redaction, ranges_of
from atlaslens_forwarder.evidence.row_proof import redactable_of
from atlaslens_forwarder.evidence.row_reading import Row, read_row
from atlaslens_forwarder.evidence.side_files import derived
from atlaslens_forwarder.evidence.staging import Staging, unwritable
from atlaslens_forwarder.evidence.verify import verify
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.proof.dsse import sign
from atlaslens_forwarder.proof.key_history import parse_history

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from atlaslens_forwarder.evidence.bundle import Bundle
    from atlaslens_forwarder.evidence.manifest import ListedFile
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.proof.signing_file import SigningKeys

    Withhold = Callable[[int, JsonObject], bool]
    """Whether a row, given its number and event, is to be withheld."""


@dataclass(frozen=True, slots=True)
class RedactionOrder:
    """By whom, why, when and with which tool; ``keys`` sign it, None where there are none."""

    by: str
    reason: str
    now_ms: int
    tool_version: str
    keys: SigningKeys | None


def redact(
    source: Path, target: Path, withhold: Withhold, order: RedactionOrder, *, force: bool
) -> Redaction:
    """Write ``target`` from ``source`` without the rows to be withheld; those withheld before stay so.

    Raises:
        ConfigError: ``target`` cannot be written, or no row is to be withheld.
        EvidenceError: ``source`` cannot be read or does not verify.
    """
    report = verify(source)
    if report.failed:
        raise EvidenceError(
            f"{source.name} does not verify ({report.failed[0].name}), so it is not redacted",
            hint="run verify for the whole story",
        )
    with open_bundle(source) as bundle, Staging(target, force=force) as staging:
        try:
            return _redact(bundle, staging, withhold, order)
        except OSError as error:
            raise unwritable(target, error) from None


def _redact(bundle: Bundle, staging: Staging, withhold: Withhold, order: RedactionOrder) -> Redaction:
    content, envelope = redactable_of(bundle)
    manifest = parse_manifest(content)
    files, numbers = _write_rows(bundle, staging, withhold)
    if not numbers:
        raise ConfigError("no row would be withheld", hint="name rows, people or fields that are in it")
    signers = () if order.keys is None else order.keys.signers(order.now_ms)
    redaction = Redaction(
        manifest_sha256=hashlib.sha256(content).hexdigest(),
        withheld=ranges_of(numbers),
        by=order.by,
        created=iso_ms(order.now_ms),
        reason=order.reason,
        tool_version=order.tool_version,
        signing_keys=tuple(key.id for key in signers),
    )
    reports = write_reports(staging, manifest.claims, formats_of(bundle), redaction)
    redaction = replace(redaction, files=(*files, *reports))
    histories = [parse_history(read_small(bundle, HISTORY))]
    contents = {
        MANIFEST: content,
        ENVELOPE: envelope,
        HISTORY: read_small(bundle, HISTORY),
        REDACTION: redaction.to_bytes(),
    }
    if order.keys is not None:
        histories.append(order.keys.history)
        contents[REDACTION_ENVELOPE] = sign(REDACTION_TYPE, redaction.to_bytes(), signers).to_bytes()
        contents[REDACTION_HISTORY] = order.keys.history.to_bytes()
    contents |= derived(manifest.claims, histories, redaction)
    publish(staging, contents, redaction.files, order.now_ms)
    return redaction


def _write_rows(
    bundle: Bundle, staging: Staging, withhold: Withhold
) -> tuple[tuple[ListedFile, ListedFile], list[int]]:
    before = parse_redaction(read_small(bundle, REDACTION)) if REDACTION in bundle.sizes else None
    numbers: list[int] = []
    events, rows = HashedFile(staging, EVENTS), HashedFile(staging, ROWS)
    try:
        for number, line, row_line, gone in numbered(bundle, before, []):
            row = None if line is None else read_row(line)
            if row_line is None or not (gone or isinstance(row, Row)):  # verified just now
                raise EvidenceError(f"row {number} cannot be read", hint="it changed while it was read")
            if line is None or not isinstance(row, Row) or withhold(number, row.event):
                numbers.append(number)
                rows.write(RowLine(None, row_line.leaf).to_bytes())
            else:
                events.write(line)
                rows.write(row_line.to_bytes())
        return (events.finish(), rows.finish()), numbers
    finally:
        events.close()
        rows.close()


def formats_of(bundle: Bundle) -> list[ReportFormat]:
    """The forms of the reports in a bundle."""
    suffixes = {name.rpartition(".")[2] for name in bundle.sizes if name.startswith("report")}
    return [form for form in ReportFormat if form.value in suffixes]
