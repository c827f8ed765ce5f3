"""The proof of one row: a single file that shows one event to be part of a signed export, without the rest.

Canonical JSON (RFC 8785) and LF::

    {"format": "atlaslens-row-proof", "version": 1, "row": 7, "event": {…}, "salt": "…", "path": ["…", …],
     "envelope": <the export's DSSE envelope>, "signing_keys": <the history of its keys>}
"""

from __future__ import annotations

import hashlib
import json
from typing import IO, TYPE_CHECKING, Final

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence import reading
from atlaslens_forwarder.evidence.bundle import open_bundle, read_small
from atlaslens_forwarder.evidence.checks import Check, VerifyReport, failed, faultless, not_checked, passed
from atlaslens_forwarder.evidence.content_check import numbered
from atlaslens_forwarder.evidence.layout import (
    ENVELOPE,
    ENVELOPE_TYPE,
    HISTORY,
    MANIFEST,
    REDACTABLE,
    REDACTION,
    ROW_LINE_BYTES,
    ROWS,
    parse_row_line,
)
from atlaslens_forwarder.evidence.manifest import listed, parse_manifest
from atlaslens_forwarder.evidence.redaction import parse_redaction
from atlaslens_forwarder.evidence.row_audit import RowAudit
from atlaslens_forwarder.evidence.row_reading import Row, read_row
from atlaslens_forwarder.evidence.signature_check import (
    check_key,
    check_signature,
    read_history,
    signature_fault,
)
from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.proof.dsse import parse_envelope
from atlaslens_forwarder.proof.key_history import parse_history
from atlaslens_forwarder.proof.merkle import inclusion_path, root_from_path, salted_leaf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from atlaslens_forwarder.evidence.bundle import Bundle
    from atlaslens_forwarder.evidence.manifest import Manifest
    from atlaslens_forwarder.evidence.row_audit import OriginCheck
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

FORMAT: Final = "atlaslens-row-proof"
VERSION: Final = 1
_KEYS: Final = {"format", "version", "row", "event", "salt", "path", "envelope", "signing_keys"}
_MAX_BYTES: Final = 256 * 1024 * 1024


def prove_row(path: Path, number: int) -> bytes:
    """The proof of a row of a bundle, counted from 1.

    Raises:
        EvidenceError: the bundle cannot be read, has no such row, or withholds it.
    """
    with open_bundle(path) as bundle:
        content, envelope = redactable_of(bundle)
        count = parse_manifest(content).claims.count
        if not 1 <= number <= count:
            raise EvidenceError(f"there is no row {number}", hint=f"the rows are 1 to {count}")
        event, salt = _row(bundle, number)
        with bundle.open(ROWS) as rows:
            try:
                siblings = inclusion_path(_leaves(rows), number - 1, count)
            except ValueError as error:
                raise EvidenceError(f"{ROWS} has {error}", hint="verify the bundle") from None
        history = parse_history(read_small(bundle, HISTORY)).to_json()
    found: JsonObject = {
        "format": FORMAT,
        "version": VERSION,
        "row": number,
        "event": event,
        "salt": salt.hex(),
        "path": [each.hex() for each in siblings],
        "envelope": parse_envelope(envelope, ENVELOPE_TYPE).to_json(),
        "signing_keys": history,
    }
    return canonical_bytes(found) + b"\n"


def redactable_of(bundle: Bundle) -> tuple[bytes, bytes]:
    """The manifest without what tells of single rows, and its signed envelope.

    Raises:
        EvidenceError: the bundle does not hold them.
    """
    if REDACTION in bundle.sizes:
        return read_small(bundle, MANIFEST), read_small(bundle, ENVELOPE)
    envelope = read_small(bundle, REDACTABLE)
    return parse_envelope(envelope, ENVELOPE_TYPE).payload, envelope


def _row(bundle: Bundle, number: int) -> tuple[JsonObject, bytes]:
    redaction = parse_redaction(read_small(bundle, REDACTION)) if REDACTION in bundle.sizes else None
    for at, line, row_line, withheld in numbered(bundle, redaction, []):
        if at == number:
            if withheld:
                raise EvidenceError(f"row {number} is withheld", hint="prove one that is here")
            row = None if line is None else read_row(line)
            if isinstance(row, Row) and row_line is not None and row_line.salt is not None:
                return row.event, row_line.salt
    raise EvidenceError(f"row {number} cannot be read", hint="verify the bundle")


def _leaves(rows: IO[bytes]) -> Iterator[bytes]:
    while raw := rows.read(ROW_LINE_BYTES):
        line = parse_row_line(raw)
        if line is None:
            raise ValueError("a broken line")
        yield line.leaf


def is_row_proof(path: Path) -> bool:
    """Whether a path is a file that begins like a proof of a row and unlike a zip."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(1) == b"{"
    except OSError:
        return False


def verify_row_proof(
    path: Path, *, origin: OriginCheck | None = None, pins: Collection[str] = ()
) -> VerifyReport:
    """Check the proof of one row offline.

    Raises:
        EvidenceError: it is none, or damaged.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _damaged("far too large")
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise EvidenceError(f"cannot read {path}: {reason}", hint="check the path and its rights") from None
    return check_row_proof(content, path.name, origin=origin, pins=pins)


def check_row_proof(
    content: bytes, name: str, *, origin: OriginCheck | None = None, pins: Collection[str] = ()
) -> VerifyReport:
    """Check the proof of one row, given as its bytes.

    Raises:
        EvidenceError: it is none, or damaged.
    """
    data = _parsed(content)
    try:
        number = reading.whole(data, "row")
        salt = bytes.fromhex(reading.text(data, "salt"))
        siblings = [bytes.fromhex(each) for each in reading.texts(data, "path")]
        row = canonical_bytes(reading.part(data, "event"))
    except (ValueError, KeyError) as error:
        raise _damaged(str(error)) from None
    envelope = parse_envelope(data["envelope"], ENVELOPE_TYPE)
    manifest = parse_manifest(envelope.payload)
    travelling = canonical_bytes(data["signing_keys"]) + b"\n"
    keys = manifest.claims.signing_keys
    history, history_fault = read_history(travelling)
    fault = signature_fault(envelope.to_bytes(), ENVELOPE_TYPE, envelope.payload, keys, history)
    fault = fault or _history_fault(manifest, travelling)
    audit = RowAudit(manifest.claims.filter, origin)
    audit.take(number, read_row(row + b"\n"))
    checks = [
        passed("proof", f"row {number} of {manifest.claims.count}, exported {manifest.claims.created}"),
        check_signature(fault, keys),
        check_key(keys, history, history_fault, pins, signed=not fault),
        _inclusion(manifest, number, salt, row, siblings),
        faultless("rows", audit.form_fault, "the row reads and is in canonical form"),
        faultless("filter", audit.filter_fault, "the row is inside the filter"),
        _origin(audit),
        not_checked("other rows", "the proof is of this row alone; the bundle holds the others"),
    ]
    return VerifyReport(name, 1, hashlib.sha256(envelope.payload).hexdigest(), tuple(checks))


def _parsed(content: bytes) -> JsonObject:
    try:
        data: JsonValue = json.loads(content)
        if not isinstance(data, dict) or data.get("format") != FORMAT or data.get("version") != VERSION:
            raise _damaged("not a proof of this version")
        if set(data) != _KEYS or canonical_bytes(data) + b"\n" != content:
            raise _damaged("with another key, or not in canonical form")
    except (ValueError, RecursionError):
        raise _damaged("not JSON") from None
    return data


def _history_fault(manifest: Manifest, travelling: bytes) -> str:
    file = listed(manifest.files, HISTORY)
    same = file is not None and file.sha256 == hashlib.sha256(travelling).hexdigest()
    return "" if same else "the history of the keys is not the one that was exported"


def _inclusion(manifest: Manifest, number: int, salt: bytes, row: bytes, siblings: list[bytes]) -> Check:
    try:
        root = root_from_path(salted_leaf(salt, row), number - 1, manifest.claims.count, siblings)
    except ValueError as error:
        return failed("merkle", f"the proof does not lead to the root: {error}")
    if root.hex() != manifest.claims.merkle_root:
        return failed("merkle", f"row {number} is not the one that was exported there")
    return passed("merkle", f"row {number} is under the signed root {root.hex()}")


def _origin(audit: RowAudit) -> Check:
    if audit.origin_fault:
        return failed("origin", audit.origin_fault)
    if audit.origin_proven:
        return passed("origin", "the event matches its event.hash")
    return not_checked("origin", "the origin key is not here (--keys), so event.hash was not recomputed")


def _damaged(how: str) -> EvidenceError:
    return EvidenceError(f"the proof is {how}", hint="fetch it again from its source")
