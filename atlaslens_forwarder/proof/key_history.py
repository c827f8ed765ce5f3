"""The public history of the signing keys, which travels with what they sign. Pure.

Each key is introduced by a statement that names it and the key before it, signed by both. Who trusts one key
of the history can follow it to every later one, and nobody who lacks the private keys can add one. Canonical
JSON, one object::

    {"format": "atlaslens-signing-keys", "version": 1, "keys": [<DSSE envelope of an introduction>, …]}

with the oldest key first. The payload of an introduction is canonical JSON as well::

    {"created": "2026-01-02T03:04:05.678Z", "key_id": "…", "previous": "…" or null, "public_key": "<PEM>"}
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms
from atlaslens_forwarder.proof.dsse import Envelope, parse_envelope, sign
from atlaslens_forwarder.proof.signing_key import SigningKey, VerifyingKey

if TYPE_CHECKING:
    from collections.abc import Container

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

FORMAT: Final = "atlaslens-signing-keys"
VERSION: Final = 1
INTRODUCTION_TYPE: Final = "application/vnd.atlaslens.signing-key+json"


@dataclass(frozen=True, slots=True)
class Introduction:
    """How a key came to be one of ours."""

    key: VerifyingKey
    created: str
    previous: str | None
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """All public keys, oldest first, each introduced by the one before it."""

    introductions: tuple[Introduction, ...]

    def key(self, key_id: str) -> VerifyingKey | None:
        """The key with this id."""
        return next((each.key for each in self.introductions if each.key.id == key_id), None)

    def trusted(self, pins: Container[str]) -> tuple[VerifyingKey, ...]:
        """The keys that follow from those whose ids are pinned: themselves and every later one."""
        for number, each in enumerate(self.introductions):
            if each.key.id in pins:
                return tuple(later.key for later in self.introductions[number:])
        return ()

    def to_json(self) -> JsonObject:
        """The history as it travels."""
        keys: list[JsonValue] = [each.envelope.to_json() for each in self.introductions]
        return {"format": FORMAT, "version": VERSION, "keys": keys}

    def to_bytes(self) -> bytes:
        """The history as a file: canonical JSON and LF."""
        return canonical_bytes(self.to_json()) + b"\n"


def introduce(key: SigningKey, previous: SigningKey | None, *, created_ms: int) -> Introduction:
    """Introduce a key by the one before it; the first one stands for itself."""
    created = iso_ms(created_ms)
    payload: JsonObject = {
        "created": created,
        "key_id": key.id,
        "previous": None if previous is None else previous.id,
        "public_key": key.public.pem,
    }
    signers = [key] if previous is None else [key, previous]
    envelope = sign(INTRODUCTION_TYPE, canonical_bytes(payload), signers)
    return Introduction(key.public, created, None if previous is None else previous.id, envelope)


def parse_history(content: bytes | JsonValue) -> KeyHistory:
    """Read a history and check every introduction in it.

    Raises:
        EvidenceError: it is something else, of a later version, or a key in it is not introduced by the one
            before it.
    """
    data: JsonValue
    if isinstance(content, bytes):
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            raise _damaged("not JSON") from None
    else:
        data = content
    if not isinstance(data, dict) or set(data) != {"format", "version", "keys"} or data["format"] != FORMAT:
        raise _damaged("not one of this product")
    if data["version"] != VERSION or isinstance(data["version"], bool):
        raise EvidenceError(
            f"the key history's version is not {VERSION}",
            hint="verify with the version of the tool that made it, or a later one",
        )
    keys = data["keys"]
    if not isinstance(keys, list) or not keys:
        raise _damaged("empty")
    found: list[Introduction] = []
    for value in keys:
        found.append(_introduction(value, found[-1].key if found else None))
    history = KeyHistory(tuple(found))
    if len({each.key.id for each in found}) != len(found):
        raise _damaged("about one key twice")
    if isinstance(content, bytes) and history.to_bytes() != content:
        raise _damaged("not in canonical form")
    return history


def _introduction(value: JsonValue, previous: VerifyingKey | None) -> Introduction:
    envelope = parse_envelope(value, INTRODUCTION_TYPE)
    try:
        told = json.loads(envelope.payload)
        created, key_id, before, pem = (
            told[name] for name in ("created", "key_id", "previous", "public_key")
        )
        key = VerifyingKey.from_pem(pem)
        exact = canonical_bytes(told) == envelope.payload and len(told) == 4  # noqa: PLR2004  the four above
        exact = exact and iso_ms(parse_iso_ms(created)) == created and key.pem == pem
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise _damaged("with an introduction that is none") from None
    if not exact or key.id != key_id or before != (None if previous is None else previous.id):
        raise _damaged("with an introduction that does not fit its key or its place")
    signers = [key] if previous is None else [key, previous]
    if len(envelope.signatures) != len(signers) or not all(map(envelope.signed_by, signers)):
        raise _damaged("with a key that nobody of the history introduced")
    return Introduction(key, created, before, envelope)


def _damaged(how: str) -> EvidenceError:
    return EvidenceError(f"the history of the signing keys is {how}", hint="fetch it again from its source")
