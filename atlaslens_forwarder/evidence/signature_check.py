"""Checks of who signed: envelope, key history, and whether a trusted key is behind them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.checks import Check, failed, not_checked, passed
from atlaslens_forwarder.proof.dsse import Envelope, parse_envelope
from atlaslens_forwarder.proof.key_history import KeyHistory, parse_history

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def read_history(content: bytes) -> tuple[KeyHistory | None, str]:
    """The history of the keys, or what is wrong with it."""
    try:
        return parse_history(content), ""
    except EvidenceError as error:
        return None, error.message


def signature_fault(
    envelope: bytes, payload_type: str, payload: bytes, keys: Sequence[str], history: KeyHistory | None
) -> str:
    """What is wrong with the signatures over a payload; empty when each of the keys made one."""
    try:
        read = parse_envelope(envelope, payload_type)
    except EvidenceError as error:
        return error.message
    return "the signed payload is another one" if read.payload != payload else _fault(read, keys, history)


def _fault(envelope: Envelope, keys: Sequence[str], history: KeyHistory | None) -> str:
    if [each.key_id for each in envelope.signatures] != list(keys):
        return "the signatures are not by the keys that are stated"
    if history is None:
        return "the history of the keys is broken, so there is no key to check with"
    for key_id in keys:
        key = history.key(key_id)
        if key is None:
            return f"the key {key_id} is not in the history"
        if not envelope.signed_by(key):
            return f"the signature is not one of the key {key_id}"
    return ""


def check_signature(fault: str, keys: Sequence[str]) -> Check:
    """The check of the signature itself."""
    if fault:
        return failed("signature", fault)
    return passed("signature", f"Ed25519, by {', '.join(keys)}")


def check_key(
    keys: Sequence[str], history: KeyHistory | None, fault: str, pins: Collection[str], *, signed: bool
) -> Check:
    """Whether the keys that signed are, or follow from, keys that the reader trusts."""
    name = "key"
    if history is None:
        return failed(name, fault)
    if not signed:
        return failed(name, "no key stands behind what is here")
    if not pins:
        return not_checked(
            name,
            f"the signature is valid, but whose key it is was not checked: compare {keys[0]} with what the "
            "exporter told you, or give it as --trust",
        )
    trusted = {key.id for key in history.trusted(pins)}
    found = [key_id for key_id in keys if key_id in trusted]
    if not found:
        return failed(name, f"signed by {keys[0]}, which is not, and does not follow from, a trusted key")
    return passed(name, f"{found[0]} is, or follows from, a trusted key")
