"""Checks a bundle offline. It reads files and changes nothing.

The plan; each step is one check of the report, in this order:

1.  files: what a bundle consists of is there, and nothing else
2.  container: a zip is, to the byte, the one that its content makes
3.  manifest: it is one of ours, of this version, strict and canonical (anything else is an error at once)
4.  signature: the manifest was signed by the keys that it names, with the history of keys that travels along
5.  key: the keys are, or follow from, keys that the reader trusts
6.  redaction: the statement of what is withheld belongs to this manifest and was signed (redacted ones only)
7.  digests: each file that is listed has its size and its SHA-256
8.  checksums: ``SHA256SUMS`` states the SHA-256 of every file
9.  side files: key files and ``VERIFY.txt`` are those that follow from the rest
10. rows: every row can be read and is in canonical form
11. leaves: every row fits its salted leaf in ``rows.txt``
12. merkle: the leaves have the root of the manifest
13. order, 14. repeated, 15. count: rows ascend and are as many as stated
16. filter: every row is inside the filter
17. span: the first and the last time are those of the manifest
18. csv, jsonl, pdf: each report is the one that the events make
19. origin: every event matches its ``event.hash``, if the caller has the key
20. seal, store: whether they are in the chain of seals, and in the store now, is for others to check
21. statements: store, coverage, gaps and creation time rest on the exporter's word
"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.bundle import open_bundle, read_small
from atlaslens_forwarder.evidence.checks import Check, VerifyReport, failed, not_checked, passed
from atlaslens_forwarder.evidence.content_check import check_content
from atlaslens_forwarder.evidence.file_check import check_files, files_here
from atlaslens_forwarder.evidence.layout import (
    ENVELOPE,
    ENVELOPE_TYPE,
    HISTORY,
    MANIFEST,
    REDACTABLE,
    REDACTION,
    REDACTION_ENVELOPE,
    REDACTION_HISTORY,
    REDACTION_TYPE,
)
from atlaslens_forwarder.evidence.manifest import VERSION, Manifest, all_append_only, parse_manifest
from atlaslens_forwarder.evidence.pdf_report import check_pdf_report
from atlaslens_forwarder.evidence.redaction import Redaction, parse_redaction
from atlaslens_forwarder.evidence.row_proof import is_row_proof, verify_row_proof
from atlaslens_forwarder.evidence.signature_check import (
    check_key,
    check_signature,
    read_history,
    signature_fault,
)
from atlaslens_forwarder.model.time import parse_iso_ms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from atlaslens_forwarder.evidence.bundle import Bundle
    from atlaslens_forwarder.evidence.row_audit import OriginCheck
    from atlaslens_forwarder.proof.key_history import KeyHistory

STORE: Final = "store"
SEAL: Final = "seal"
"""The checks that ``store_check`` makes, where there is a store to ask."""


def verify(path: Path, *, origin: OriginCheck | None = None, pins: Collection[str] = ()) -> VerifyReport:
    """Check everything that can be checked without a server, with flat memory.

    Args:
        path: the bundle, a folder or a zip, or the proof of one row.
        origin: recomputes an event's ``event.hash``; None when the key is not here.
        pins: ids of signing keys that the reader trusts.

    Raises:
        EvidenceError: there is no bundle, or its manifest is unreadable, damaged, or not of this product.
    """
    if is_row_proof(path):
        return verify_row_proof(path, origin=origin, pins=pins)
    with open_bundle(path) as bundle:
        try:
            return _verify(bundle, path.name, origin, pins)
        except zipfile.BadZipFile:
            raise EvidenceError(
                f"{path.name} is a damaged zip: a member does not have its check sum",
                hint="it was changed or cut off; fetch it again",
            ) from None


def _verify(bundle: Bundle, name: str, origin: OriginCheck | None, pins: Collection[str]) -> VerifyReport:
    content = read_small(bundle, MANIFEST)
    manifest = parse_manifest(content)
    redaction = _redaction(bundle)
    keys = manifest.claims.signing_keys
    history, history_fault = read_history(read_small(bundle, HISTORY))
    fault = signature_fault(read_small(bundle, ENVELOPE), ENVELOPE_TYPE, content, keys, history)
    if not fault and redaction is None:
        second = manifest.redactable().to_bytes()
        fault = signature_fault(read_small(bundle, REDACTABLE), ENVELOPE_TYPE, second, keys, history)
        fault = fault and f"{REDACTABLE}: {fault}"
    digest = hashlib.sha256(content).hexdigest()
    redacted, other = _check_redaction(bundle, redaction, digest, manifest)
    histories = [each for each in (history, other) if each is not None]
    files, sides = check_files(bundle, manifest, redaction, histories)
    made_ms = parse_iso_ms((redaction or manifest.claims).created)
    checks = [
        files,
        *_container(bundle, made_ms),
        passed("manifest", f"format version {VERSION}, created {manifest.claims.created}"),
        check_signature(fault, keys),
        check_key(keys, history, history_fault, pins, signed=not fault),
        *redacted,
        *sides,
        *check_content(bundle, manifest, redaction, origin),
        *_pdf(bundle, manifest, redaction),
        _seal(manifest),
        not_checked(STORE, "the store was not asked: give --store to compare with what it holds now"),
        _statements(manifest),
    ]
    return VerifyReport(name, manifest.claims.count, digest, tuple(checks))


def with_store_checks(report: VerifyReport, found: Iterable[Check]) -> VerifyReport:
    """The report with what was found in the store, in the place of what was not checked without it."""
    by_name = {check.name: check for check in found}
    return replace(report, checks=tuple(by_name.get(each.name, each) for each in report.checks))


def _pdf(bundle: Bundle, manifest: Manifest, redaction: Redaction | None) -> list[Check]:
    files = [each for each in files_here(manifest, redaction) if each.renderer]
    return [check_pdf_report(bundle, files, manifest.claims, redaction)] if files else []


def _redaction(bundle: Bundle) -> Redaction | None:
    return parse_redaction(read_small(bundle, REDACTION)) if REDACTION in bundle.sizes else None


def _container(bundle: Bundle, created_ms: int) -> list[Check]:
    fault = bundle.form_fault(created_ms)
    if fault is None:
        return []
    return [failed("container", fault) if fault else passed("container", "the zip is as export writes it")]


def _check_redaction(
    bundle: Bundle, redaction: Redaction | None, digest: str, manifest: Manifest
) -> tuple[list[Check], KeyHistory | None]:
    name = "redaction"
    fault = _redaction_fault(redaction, digest, manifest)
    if redaction is None or fault:
        return [failed(name, fault)] if fault else [], None
    told = f"{redaction.withheld_count} of {manifest.claims.count} rows are withheld"
    if not redaction.signing_keys:
        who = f"{redaction.by} says so, and nobody signed it"
        return [not_checked(name, f"{told}; {who}")], None
    history, fault = read_history(read_small(bundle, REDACTION_HISTORY))
    fault = fault or signature_fault(
        read_small(bundle, REDACTION_ENVELOPE),
        REDACTION_TYPE,
        redaction.to_bytes(),
        redaction.signing_keys,
        history,
    )
    if fault:
        return [failed(name, fault)], history
    return [passed(name, f"{told}, by {redaction.by}; signed by {redaction.signing_keys[0]}")], history


def _redaction_fault(redaction: Redaction | None, digest: str, manifest: Manifest) -> str:
    """Why statement and manifest do not belong together."""
    whole = manifest.claims.events_sha256 is not None
    if redaction is None:
        return "" if whole else "rows are withheld, and the statement of it is missing"
    if whole:
        return "the manifest is not the redactable one"
    if redaction.manifest_sha256 != digest:
        return "the redaction is of another export"
    if redaction.withheld and redaction.withheld[-1][1] > manifest.claims.count:
        return "rows are stated as withheld that were never exported"
    return ""


def _seal(manifest: Manifest) -> Check:
    head = manifest.claims.seal_head
    if head is None:
        return not_checked(SEAL, "no seal of the store was known when this was exported")
    stated = f"seal {head.get('number')} ({head.get('hash')})"
    return not_checked(SEAL, f"the last seal before it is stated as {stated}: compare with seals list")


def _statements(manifest: Manifest) -> Check:
    claims = manifest.claims
    kept = "append-only" if all_append_only(claims.store) else "NOT append-only: its events could be changed"
    return not_checked(
        "statements",
        f"store ({kept}), coverage, {len(claims.gaps)} gaps and the creation time are the exporter's word",
    )
