"""Rotation of the keys, and following a key file that another process has rotated.

A rotation adds keys and takes none away: new data is written with the newest of each use, older data stays
readable with those before. The file is exchanged whole, so a reader sees the old one or the new one.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from atlaslens_forwarder import private_file
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.privacy.keyring import KEY_BYTES, WHAT, Key, Keyring

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from atlaslens_forwarder.privacy.keyring import KeyUse


def generate(path: Path) -> Keyring:
    """Make a key file with a fresh key for every use.

    Raises:
        ConfigError: there is one already, or it cannot be written.
    """
    keyring = Keyring.generate()
    try:
        keyring.write(path)
    except FileExistsError:
        raise ConfigError(
            f"there is a key file already: {path}", hint="add new keys to it with: keys rotate"
        ) from None
    return keyring


def rotate(path: Path, uses: Collection[KeyUse]) -> Keyring:
    """Add a fresh key for each of these uses; returns the keyring as it is now.

    Raises:
        ConfigError: the file cannot be read or written, or another rotation is under way.
    """
    with private_file.alone(path, WHAT):
        keyring = Keyring.load(path)
        fresh = [Key(use, secrets.token_bytes(KEY_BYTES)) for use in uses]
        rotated = Keyring([*keyring.keys, *fresh])
        rotated.replace(path)
    return rotated


class KeyFileWatch:
    """Lets a running process go over to keys that another one has added."""

    def __init__(self, path: Path, keyring: Keyring) -> None:
        self._path = path
        self._keyring = keyring
        self._seen = _mark(path)

    def follow(self) -> bool:
        """Take over the keys of the file if it has changed; whether there are other keys than before.

        Raises:
            ConfigError: the file cannot be read any more, or lacks a key that it had; ours stay in use.
        """
        mark = _mark(self._path)
        if mark == self._seen:
            return False
        loaded = Keyring.load(self._path)
        lost = set(self._keyring.keys) - set(loaded.keys)
        if lost:
            key = min(lost, key=lambda each: each.id)
            raise ConfigError(
                f"the key file {self._path} has lost the {key.use.value} key {key.id}",
                hint="restore it from your backup; the keys in use stay as they were",
            )
        changed = loaded.keys != self._keyring.keys
        self._keyring.take_over(loaded)
        self._seen = mark
        return changed


def _mark(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise private_file.unusable("read", WHAT, path, error) from error
    return found.st_ino, found.st_mtime_ns, found.st_size
