"""Signed envelopes: DSSE version 1 (github.com/secure-systems-lab/dsse) with Ed25519 (RFC 8032). Pure.

What is signed is the pre-authentication encoding of type and payload, so a signature over one kind of
statement never fits another. An envelope is written as canonical JSON (RFC 8785) and LF::

    {
        "payload": "<base64>",
        "payloadType": "application/vnd.…+json",
        "signatures": [{"keyid": "…", "sig": "<base64>"}],
    }
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.model.canonical import canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.proof.signing_key import SigningKey, VerifyingKey


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature; ``key_id`` says which key is claimed to have made it and proves nothing itself."""

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its type and the signatures over both."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def to_json(self) -> JsonObject:
        """The envelope as DSSE writes it."""
        signatures: list[JsonValue] = [
            {"keyid": each.key_id, "sig": _base64(each.value)} for each in self.signatures
        ]
        return {
            "payload": _base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": signatures,
        }

    def to_bytes(self) -> bytes:
        """The envelope as a file: canonical JSON and LF."""
        return canonical_bytes(self.to_json()) + b"\n"

    def signed_by(self, key: VerifyingKey) -> bool:
        """Whether one of the signatures that name this key is a valid one of it."""
        encoded = pre_authentication_encoding(self.payload_type, self.payload)
        return any(key.verifies(each.value, encoded) for each in self.signatures if each.key_id == key.id)


def sign(payload_type: str, payload: bytes, keys: Iterable[SigningKey]) -> Envelope:
    """An envelope signed by each of the keys."""
    encoded = pre_authentication_encoding(payload_type, payload)
    return Envelope(payload_type, payload, tuple(Signature(key.id, key.sign(encoded)) for key in keys))


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: ``DSSEv1 SP LEN(type) SP type SP LEN(payload) SP payload``."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def parse_envelope(content: bytes | JsonValue, payload_type: str) -> Envelope:
    """Read an envelope of this payload type strictly, from its file or as parsed JSON.

    Raises:
        EvidenceError: it is something else or damaged; the message names the part and quotes nothing.
    """
    data: JsonValue
    if isinstance(content, bytes):
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            raise _damaged("not JSON") from None
    else:
        data = content
    if not isinstance(data, dict) or set(data) != {"payload", "payloadType", "signatures"}:
        raise _damaged("not an envelope")
    if data["payloadType"] != payload_type:
        raise _damaged("about something else")
    signatures = data["signatures"]
    if not isinstance(signatures, list) or not signatures:
        raise _damaged("without a signature")
    envelope = Envelope(payload_type, _bytes(data["payload"]), tuple(map(_signature, signatures)))
    if isinstance(content, bytes) and envelope.to_bytes() != content:
        raise _damaged("not in canonical form")
    return envelope


def _signature(value: JsonValue) -> Signature:
    if not isinstance(value, dict) or set(value) != {"keyid", "sig"} or not isinstance(value["keyid"], str):
        raise _damaged("with a signature that is none")
    return Signature(value["keyid"], _bytes(value["sig"]))


def _bytes(value: JsonValue) -> bytes:
    try:
        found = base64.b64decode(value if isinstance(value, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        raise _damaged("with a part that is not base64") from None
    if _base64(found) != value:  # unused bits must be zero, or two texts would stand for the same bytes
        raise _damaged("with a part that is not base64")
    return found


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _damaged(how: str) -> EvidenceError:
    return EvidenceError(f"the signed envelope is {how}", hint="it is damaged or not ours; fetch it again")
