"""The secrets of one person, sealed under a data key of that person's own. Pure but for its random source.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce for each text. What is authenticated besides says
where the text is kept: ``index|person|field|key id``, so a sealed text that is moved to another person, field
or index does not open. The data key itself is sealed by the key file's seal key, likewise. To delete the
sealed data key is to destroy every text under it, in every copy that holds no sealed key either.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.privacy.keyring import KEY_BYTES, NONCE_BYTES, KeyUse

if TYPE_CHECKING:
    from atlaslens_forwarder.privacy.keyring import Keyring

KEY_FIELD: Final = "data_key"
_BORDER: Final = "|"


class PersonVault:
    """Seals and opens the texts of one person.

    Args:
        keyring: seals the data key.
        index: the index in which the person's document lies.
        person: id of that document.
        sealed_key: the sealed data key as it is stored; empty makes a new one.

    Raises:
        ConfigError: the seal key is not in the key file, or the sealed key was altered or moved.
        ValueError: index or person contains the border sign, so that two places could read the same.
    """

    def __init__(self, keyring: Keyring, index: str, person: str, sealed_key: str = "") -> None:
        if _BORDER in index or _BORDER in person:
            raise ValueError("no part of a place may contain |")
        self._place = f"{index}{_BORDER}{person}{_BORDER}"
        place = f"{self._place}{KEY_FIELD}".encode()
        self._key = keyring.open(sealed_key, place) if sealed_key else secrets.token_bytes(KEY_BYTES)
        if len(self._key) != KEY_BYTES:
            raise ConfigError("a sealed data key has another length", hint="restore it from a snapshot")
        self._id = hmac.new(self._key, b"atlaslens data key id", hashlib.sha256).hexdigest()[:8]
        is_current = sealed_key.partition(":")[0] == keyring.ids(KeyUse.SEAL)[-1]
        self.sealed_key = sealed_key if is_current else keyring.seal(self._key, place)
        """The data key as it is to be stored: under the current seal key."""

    def seal(self, field: str, text: str) -> str:
        """Encrypt: ``<data key id>:<base64 of nonce and ciphertext>``; two calls never give the same."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + AESGCM(self._key).encrypt(nonce, text.encode(), self._bound(field, self._id))
        return f"{self._id}:{base64.b64encode(sealed).decode()}"

    def open(self, field: str, sealed: str) -> str:
        """Decrypt what :meth:`seal` made.

        Raises:
            ConfigError: it was sealed under another data key, or altered, or moved.
        """
        key_id, _, payload = sealed.partition(":")
        try:
            raw = base64.b64decode(payload, validate=True)
            plain = AESGCM(self._key).decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], self._bound(field, key_id)
            )
            return plain.decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise ConfigError(
                f"the sealed {field} of a person was altered or moved",
                hint="run: people forget, or restore the document from a snapshot",
            ) from None

    def _bound(self, field: str, key_id: str) -> bytes:
        if _BORDER in field or _BORDER in key_id:
            raise ValueError("no part of a place may contain |")
        return f"{self._place}{field}{_BORDER}{key_id}".encode()
