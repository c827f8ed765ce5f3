"""Ed25519 keys (RFC 8032), one that signs and one that verifies, and the ids by which they are known. Pure.

A key's id is the SHA-256 of its public key as SubjectPublicKeyInfo in DER (RFC 8410), in hex: what
``openssl pkey -pubin -outform DER | sha256sum`` prints. So an id that somebody keeps is a pin of the key.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ID_CHARACTERS: Final = 64


class VerifyingKey:
    """The public half of a signing key."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @classmethod
    def from_pem(cls, pem: str) -> VerifyingKey:
        """Read a public key in PEM form.

        Raises:
            ValueError: it is not an Ed25519 public key.
        """
        try:
            key = serialization.load_pem_public_key(pem.encode())
        except (ValueError, UnsupportedAlgorithm):
            raise ValueError("not a public key in PEM form") from None
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("not an Ed25519 key")  # noqa: TRY004  bad content, not a bad call
        return cls(key)

    @cached_property
    def id(self) -> str:
        """The key's id, 64 hex digits."""
        der = self._key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return hashlib.sha256(der).hexdigest()

    @cached_property
    def pem(self) -> str:
        """The key in PEM form, as ``openssl`` reads it."""
        return self._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether the signature over the data is this key's."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyingKey) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"VerifyingKey({self.id})"


class SigningKey:
    """A private key; it shows nothing of itself but its id and its public half."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = VerifyingKey(key.public_key())

    @classmethod
    def generate(cls) -> SigningKey:
        """A fresh key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes, password: bytes | None = None) -> SigningKey:
        """Read a private key in PEM form (PKCS #8, as ``openssl genpkey -algorithm ed25519`` writes it).

        Raises:
            ValueError: it is not an Ed25519 private key, or the password does not open it; nothing is quoted.
        """
        try:
            key = serialization.load_pem_private_key(pem, password)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise ValueError("not a private key in PEM form, or under another password") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("not an Ed25519 key")  # noqa: TRY004  bad content, not a bad call
        return cls(key)

    @property
    def id(self) -> str:
        """The key's id, 64 hex digits."""
        return self.public.id

    @property
    def pem(self) -> str:
        """The private key in PEM form, for the key file alone."""
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    def sign(self, data: bytes) -> bytes:
        """The signature over the data, 64 bytes; the same for the same data."""
        return self._key.sign(data)

    def __repr__(self) -> str:
        return f"SigningKey({self.id})"
