"""Passwords of OpenSearch accounts: judged, made and hashed here, so that OpenSearch never sees one in clear.

Judged by how many guesses they need (zxcvbn) rather than by classes of characters, as NIST SP 800-63B asks.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

import bcrypt

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORTEST: Final = 12
LONGEST_BYTES: Final = 72
"""Of more, bcrypt would ignore the rest."""
LEAST_SCORE: Final = 3
"""Of 4: more than 10^8 guesses, out of reach for who tries against a server or a bcrypt hash."""
ROUNDS: Final = 12
"""2^12 rounds of bcrypt: OpenSearch's own default."""
_MADE_BYTES: Final = 24


def check_password(password: str, *, related: Sequence[str] = ()) -> None:
    """Accept a password, or say what is wrong with it; ``related`` are words that it must not consist of.

    Raises:
        ConfigError: it is too short, too long or too easy to guess. The message does not hold it.
    """
    if len(password) < SHORTEST:
        raise ConfigError(f"the password is shorter than {SHORTEST} characters", hint=_HINT)
    if len(password.encode()) > LONGEST_BYTES:
        raise ConfigError(f"the password is longer than {LONGEST_BYTES} bytes", hint="use a shorter one")
    # Loads half a megabyte of word lists, which no other command needs.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    found = zxcvbn(password, user_inputs=["atlaslens", "opensearch", *related])
    if found["score"] < LEAST_SCORE:
        told = found["feedback"]["warning"].rstrip(".")
        raise ConfigError(f"the password is easy to guess{f' ({told})' if told else ''}", hint=_HINT)


def make_password() -> str:
    """A random password of 192 bits."""
    return secrets.token_urlsafe(_MADE_BYTES)


def hash_password(password: str) -> str:
    """The bcrypt hash that OpenSearch keeps."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode("ascii")


def unusable_hash() -> str:
    """A hash of a password that nobody knows."""
    return hash_password(make_password())


_HINT: Final = "use several unrelated words, or --generate"
