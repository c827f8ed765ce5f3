"""The seal itself: what it says, how it is written, signed and read again. Pure.

The payload is canonical JSON (RFC 8785) in a DSSE envelope. A seal's hash is the SHA-256 of its payload, by
which the next seal names it; signatures are no part of it, so a further one does not break the chain.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms
from atlaslens_forwarder.proof.dsse import sign

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.proof.dsse import Envelope
    from atlaslens_forwarder.proof.key_history import KeyHistory
    from atlaslens_forwarder.proof.signing_key import SigningKey

PAYLOAD_TYPE: Final = "application/vnd.atlaslens.seal+json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Previous(_Part):
    """The seal before."""

    hash: str
    created: str


class IndexState(_Part):
    """An index at the time of the seal, and up to which sequence number each of its shards is sealed."""

    name: str
    uuid: str
    created_ms: int
    append_only: bool
    sealed: tuple[int, ...]


class Range(_Part):
    """The documents of a shard in ``(after, to]``: how many there are, and the Merkle root over them."""

    index: str
    shard: int
    after: int
    to: int
    count: int
    root: str


class Stranger(_Part):
    """A document that is there without being ours: named, not endorsed."""

    index: str
    shard: int
    seq_no: int
    id: str


class Gone(_Part):
    """An index of the seal before that is no longer there; expired when the policy has removed it."""

    name: str
    uuid: str
    expired: bool


class Rebuilt(_Part):
    """An index that is not the one of the seal before: restored, cloned or made anew under its name.

    With the same UUID its numbers were set back instead.
    """

    name: str
    uuid_before: str


class Stamp(_Part):
    """A time-stamp token (RFC 3161, DER, base64) over the payload of an earlier seal."""

    number: int
    token: str


class Seal(_Part):
    """One seal; see docs/seals.md for each part."""

    format: Literal["atlaslens-seal"] = "atlaslens-seal"
    version: Literal[1] = 1
    number: int
    created: str
    previous: Previous | None
    interval_s: int
    missed: int
    more: bool
    forwarder: str
    cluster: str
    key_ids: tuple[str, ...]
    indices: tuple[IndexState, ...]
    ranges: tuple[Range, ...]
    gone: tuple[Gone, ...]
    rebuilt: tuple[Rebuilt, ...]
    unread: tuple[str, ...]
    rolled_back_to: int | None
    strangers: int
    strangers_named: tuple[Stranger, ...]
    stamps: tuple[Stamp, ...]

    @property
    def created_ms(self) -> int:
        """When it was made, epoch milliseconds."""
        return parse_iso_ms(self.created)

    @property
    def documents(self) -> int:
        """How many documents it seals."""
        return sum(each.count for each in self.ranges)

    def state(self, name: str) -> IndexState | None:
        """The state of an index."""
        return next((each for each in self.indices if each.name == name), None)

    def payload(self) -> bytes:
        """What is signed and hashed."""
        return canonical_bytes(self.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class Head:
    """A seal by number and hash: what is kept outside the cluster."""

    number: int
    hash: str
    created: str


@dataclass(frozen=True, slots=True)
class SignedSeal:
    """A seal with its signatures."""

    seal: Seal
    envelope: Envelope

    @property
    def hash(self) -> str:
        """By which the next seal and every head name it, 64 hex digits."""
        return hashlib.sha256(self.envelope.payload).hexdigest()

    @property
    def head(self) -> Head:
        """The seal as a head of the chain."""
        return Head(self.seal.number, self.hash, self.seal.created)

    def signed_by(self, history: KeyHistory) -> bool:
        """Whether every key that the seal names is of this history and signed it."""
        keys = [history.key(key_id) for key_id in self.seal.key_ids]
        return bool(keys) and all(key is not None and self.envelope.signed_by(key) for key in keys)


def sign_seal(seal: Seal, keys: Iterable[SigningKey]) -> SignedSeal:
    """Sign a seal with each of the keys."""
    return SignedSeal(seal, sign(PAYLOAD_TYPE, seal.payload(), keys))


def read_seal(envelope: Envelope) -> SignedSeal:
    """Read the seal in an envelope; its signatures are not checked.

    Raises:
        EvidenceError: it is no seal of this version, or not in its one form.
    """
    try:
        seal = Seal.model_validate_json(envelope.payload)
        exact = seal.payload() == envelope.payload and iso_ms(seal.created_ms) == seal.created
    except (ValueError, OverflowError, RecursionError):
        exact = False
    if not exact:
        raise EvidenceError("a seal is damaged", hint="see docs/seals.md for its form") from None
    return SignedSeal(seal, envelope)
