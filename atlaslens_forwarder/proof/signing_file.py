"""The file of the signing keys: private keys with their public history, mode 0600, never in OpenSearch.

It is made on first use, or with a key that is given. A rotation adds a key that signs from now on; the one
before signs beside it for a while, so that whoever knows only the old one can still verify, and is then taken
out of the file: its public half stays in the history for good.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder import private_file
from atlaslens_forwarder.errors import ConfigError, EvidenceError
from atlaslens_forwarder.model.time import DAY_MS, iso_ms, parse_iso_ms
from atlaslens_forwarder.proof.key_history import KeyHistory, introduce, parse_history
from atlaslens_forwarder.proof.signing_key import SigningKey

if TYPE_CHECKING:
    from pathlib import Path

VERSION: Final = 1
OVERLAP_DAYS: Final = 30
"""How long the key before still signs beside a new one."""
WHAT: Final = "signing key file"


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A private key still in the file; ``until_ms`` is when it stops to sign, None for the current one."""

    key: SigningKey
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The keys to sign with and the history of all keys, the current one last."""

    held: tuple[HeldKey, ...]
    history: KeyHistory

    @property
    def current(self) -> SigningKey:
        """The key that signs what is made now."""
        return self.held[-1].key

    def signers(self, now_ms: int) -> tuple[SigningKey, ...]:
        """The keys that sign at this time, the current one first."""
        older = [each.key for each in self.held[:-1] if each.until_ms is not None and now_ms < each.until_ms]
        return (self.current, *reversed(older))


def load(path: Path) -> SigningKeys:
    """Read the file.

    Raises:
        ConfigError: it is missing, damaged, or readable by others than its owner.
    """
    text = private_file.read(path, WHAT)
    try:
        content = json.loads(text)
        if content["version"] != VERSION:
            raise ConfigError(
                f"the {WHAT} {path} has a form that this version does not know",
                hint="install the newest version",
            )
        history = parse_history(content["history"])
        held = tuple(map(_held, content["keys"]))
        whole = held and held[-1].until_ms is None and held[-1].key.id == history.introductions[-1].key.id
        if not whole or any(history.key(each.key.id) is None for each in held):
            raise ValueError("keys and history do not belong together")  # noqa: TRY301  one way out
    except (
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
        EvidenceError,
    ):  # not chained: it may quote a key
        raise ConfigError(
            f"the {WHAT} {path} is damaged", hint="restore it from your backup; do not make a new one"
        ) from None
    return SigningKeys(held, history)


def load_or_create(path: Path, *, now_ms: int) -> SigningKeys:
    """Read the file, or make it with a fresh key on first use.

    When several processes start at once, one makes the file and the others read it.

    Raises:
        ConfigError: it cannot be used or made.
    """
    try:
        if not path.exists():
            return create(path, SigningKey.generate(), now_ms=now_ms)
    except FileExistsError:
        pass  # another process was quicker: its key is the one
    except OSError as error:
        raise private_file.unusable("read", WHAT, path, error) from error
    return load(path)


def create(path: Path, key: SigningKey, *, now_ms: int) -> SigningKeys:
    """Make the file with this key as the first one.

    Raises:
        FileExistsError: there is one already.
        ConfigError: it cannot be written.
    """
    keys = SigningKeys((HeldKey(key, None),), KeyHistory((introduce(key, None, created_ms=now_ms),)))
    private_file.create(path, _text(keys), WHAT)
    return keys


def rotate(
    path: Path, *, now_ms: int, overlap_days: int = OVERLAP_DAYS, key: SigningKey | None = None
) -> SigningKeys:
    """Go over to a fresh key, or to the one given; the current one signs beside it for the overlap.

    Raises:
        ConfigError: the file cannot be read or written, the key is known already, or another change runs.
    """
    fresh = key or SigningKey.generate()
    with private_file.alone(path, WHAT):
        keys = load(path)
        if keys.history.key(fresh.id) is not None:
            raise ConfigError("this signing key is in the history already", hint="give another one")
        until_ms = now_ms + overlap_days * DAY_MS
        held = [each for each in keys.held[:-1] if each.until_ms is not None and now_ms < each.until_ms]
        if overlap_days:
            held.append(HeldKey(keys.current, until_ms))
        introduced = introduce(fresh, keys.current, created_ms=now_ms)
        rotated = SigningKeys(
            (*held, HeldKey(fresh, None)), KeyHistory((*keys.history.introductions, introduced))
        )
        private_file.replace(path, _text(rotated), WHAT)
    return rotated


def given_key(path: Path, password: str | None = None) -> SigningKey:
    """Read a private key that the user gives, PEM as ``openssl genpkey -algorithm ed25519`` writes it.

    Raises:
        ConfigError: it cannot be read, is no such key, is under another password, or others may read it.
    """
    pem = private_file.read(path, "private key")
    try:
        return SigningKey.from_pem(pem.encode(), None if password is None else password.encode())
    except ValueError as error:
        raise ConfigError(
            f"the private key {path} cannot be used: {error}",
            hint="make one with: openssl genpkey -algorithm ed25519",
        ) from None


def _held(entry: Any) -> HeldKey:
    until = entry["until"]
    key = SigningKey.from_pem(entry["private_key"].encode())
    if key.id != entry["id"]:
        raise ValueError("not the key that was written")
    return HeldKey(key, None if until is None else parse_iso_ms(until))


def _text(keys: SigningKeys) -> str:
    entries = [
        {
            "id": each.key.id,
            "until": None if each.until_ms is None else iso_ms(each.until_ms),
            "private_key": each.key.pem,
        }
        for each in keys.held
    ]
    return (
        json.dumps({"version": VERSION, "keys": entries, "history": keys.history.to_json()}, indent=2) + "\n"
    )
