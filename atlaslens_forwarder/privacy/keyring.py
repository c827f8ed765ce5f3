"""The keys of one installation: origin (event hashes), blind (e-mail index) and seal (raw rows).

They live in one JSON file of mode 0600 in a folder of mode 0700, never in OpenSearch. A key's id is
derived from the key, so a wrong key can be told from a right one without keeping either in the store.
Several keys of one use may exist; the last active one is used for new data, all for reading.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from atlaslens_forwarder import private_file
from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonValue

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D, 5.2.1.1: 96-bit nonces for AES-GCM
FILE_VERSION = 1
WHAT = "key file"


class KeyUse(StrEnum):
    """What a key is for; a key is never used for two things."""

    ORIGIN = "origin"
    BLIND = "blind"
    SEAL = "seal"


@dataclass(frozen=True, slots=True)
class Key:
    """A secret of 32 bytes and its id, which is no secret."""

    use: KeyUse
    secret: bytes

    @property
    def id(self) -> str:
        """Eight hex digits derived from the key; they tell which key without telling the key."""
        return hmac.new(self.secret, b"atlaslens key id " + self.use.encode(), hashlib.sha256).hexdigest()[:8]

    def __repr__(self) -> str:
        return f"Key({self.use}, {self.id})"


class Keyring:
    """All keys of this installation."""

    def __init__(self, keys: list[Key]) -> None:
        self.keys = tuple(keys)
        self._index()
        missing = [use.value for use in KeyUse if use not in self._current]
        if missing:
            raise ConfigError(
                f"the key file holds no {' and no '.join(missing)} key",
                hint="restore the whole file from your backup",
            )

    def _index(self) -> None:
        self._by_id = {(key.use, key.id): key for key in self.keys}
        self._current = {key.use: key for key in self.keys}

    def take_over(self, other: Keyring) -> None:
        """Go on with the keys of another keyring: everybody who holds this one uses them from now on."""
        self.keys = other.keys
        self._index()

    @classmethod
    def generate(cls) -> Keyring:
        """A fresh key for every use."""
        return cls([Key(use, secrets.token_bytes(KEY_BYTES)) for use in KeyUse])

    @classmethod
    def load_or_create(cls, path: Path) -> Keyring:
        """Read the key file, or make it with fresh keys on first use.

        When several processes start at once, one makes the file and the others read it.

        Raises:
            ConfigError: the file is damaged, or readable by others than its owner.
        """
        try:
            if not path.exists():
                keyring = cls.generate()
                keyring.write(path)
                return keyring
        except FileExistsError:
            pass  # another process was quicker: its keys are the ones
        except OSError as error:
            raise private_file.unusable("read", WHAT, path, error) from error
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Read the key file.

        Raises:
            ConfigError: the file is missing, damaged, or readable by others than its owner.
        """
        text = private_file.read(path, WHAT)
        try:
            content = json.loads(text)
            version = content["version"]
            keys = [_read_key(entry) for entry in content["keys"]] if version == FILE_VERSION else []
        except (ValueError, KeyError, TypeError, RecursionError):  # not chained: it may quote a key
            raise ConfigError(
                f"the key file {path} is damaged", hint="restore it from your backup; do not make a new one"
            ) from None
        if version != FILE_VERSION:
            raise ConfigError(
                f"the key file {path} has a form that this version does not know",
                hint="install the newest version",
            )
        return cls(keys)

    def write(self, path: Path) -> None:
        """Write a new key file, mode 0600, complete or not at all; an existing one is never replaced.

        Raises:
            FileExistsError: there is a file already.
            ConfigError: the file cannot be written.
        """
        private_file.create(path, self._text(), WHAT)

    def replace(self, path: Path) -> None:
        """Exchange an existing key file for one with these keys, at once or not at all.

        Raises:
            ConfigError: the file cannot be written.
        """
        private_file.replace(path, self._text(), WHAT)

    def _text(self) -> str:
        entries: list[JsonValue] = [
            {"use": key.use.value, "id": key.id, "secret": base64.b64encode(key.secret).decode()}
            for key in self.keys
        ]
        return json.dumps({"version": FILE_VERSION, "keys": entries}, indent=2) + "\n"

    def ids(self, use: KeyUse) -> list[str]:
        """Ids of all keys of one use, the current one last."""
        return [key.id for key in self.keys if key.use is use]

    def origin_hash(self, data: bytes) -> str:
        """``<key id>:<hex>``, HMAC-SHA-256 (RFC 2104) under the current origin key."""
        key = self._current[KeyUse.ORIGIN]
        return f"{key.id}:{hmac.digest(key.secret, data, 'sha256').hex()}"

    def origin_matches(self, data: bytes, stored: str) -> bool | None:
        """Whether ``stored`` is the origin hash of ``data``; None when we lack the key it names."""
        key_id, _, digest = stored.partition(":")
        key = self._by_id.get((KeyUse.ORIGIN, key_id))
        if key is None:
            return None
        found = hmac.digest(key.secret, data, "sha256").hex()
        # As bytes: the stored text is not ours to trust, and compare_digest refuses text beyond ASCII.
        return hmac.compare_digest(found.encode(), digest.encode("utf-8", errors="replace"))

    def blind(self, text: bytes) -> str:
        """``<key id>:<32 hex digits>``: a keyed digest that allows only the question "is it the same?"."""
        return _blind(self._current[KeyUse.BLIND], text)

    def blinds(self, text: bytes) -> list[str]:
        """The blind index under every key, the current one last: look-ups must try them all."""
        return [_blind(key, text) for key in self.keys if key.use is KeyUse.BLIND]

    def older_blinders(self) -> list[Callable[[bytes], str]]:
        """:meth:`blind` as it was before each rotation, the latest first."""
        older = [key for key in self.keys if key.use is KeyUse.BLIND][:-1]
        return [partial(_blind, key) for key in reversed(older)]

    def seal(self, plaintext: bytes, associated: bytes) -> str:
        """Encrypt with AES-256-GCM: ``<key id>:<base64 of nonce and ciphertext>``.

        ``associated`` (where the secret is kept) must be given again to open it.
        """
        key = self._current[KeyUse.SEAL]
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + AESGCM(key.secret).encrypt(nonce, plaintext, _bound(key.id, associated))
        return f"{key.id}:{base64.b64encode(sealed).decode()}"

    def open(self, sealed: str, associated: bytes) -> bytes:
        """Decrypt what :meth:`seal` made.

        Raises:
            ConfigError: the key is not in this key file, or the text was altered or moved.
        """
        key_id, _, payload = sealed.partition(":")
        key = self._by_id.get((KeyUse.SEAL, key_id))
        if key is None:
            raise ConfigError(
                f"seal key {key_id[:8]} is not in the key file", hint="restore the key file of that time"
            )
        try:
            raw = base64.b64decode(payload, validate=True)
            return AESGCM(key.secret).decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(key.id, associated)
            )
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise ConfigError(
                "a sealed row was altered or moved", hint="see the custody of that index"
            ) from error


def _blind(key: Key, text: bytes) -> str:
    return f"{key.id}:{hmac.digest(key.secret, text, 'sha256').hex()[:32]}"


def _bound(key_id: str, associated: bytes) -> bytes:
    return key_id.encode() + b"|" + associated


def _read_key(entry: Any) -> Key:
    """One entry of the key file; anything but a whole key is a ValueError, KeyError or TypeError."""
    key = Key(KeyUse(entry["use"]), base64.b64decode(entry["secret"], validate=True))
    if len(key.secret) != KEY_BYTES or entry["id"] != key.id:
        raise ValueError("not the key that was written")
    return key
