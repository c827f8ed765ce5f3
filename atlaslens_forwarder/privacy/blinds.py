"""Blind indexes of an e-mail address: what events carry in its place, under every key that we have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from atlaslens_forwarder.privacy.emails import normal_form
from atlaslens_forwarder.privacy.keyring import Keyring, KeyUse

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLIND = rb"[0-9a-f]{8}:[0-9a-f]{32}"
_IN_EVENT = re.compile(rb"\[email:(%b)\]|\"email_blind\":\"(%b)\"" % (_BLIND, _BLIND))


class Blinder:
    """Makes the blind indexes of addresses under all blind keys, the current one last."""

    def __init__(self, keyring: Keyring) -> None:
        ours = [key for key in keyring.keys if key.use is KeyUse.BLIND]
        others = [key for key in keyring.keys if key.use is not KeyUse.BLIND]
        self._rings = [Keyring([*others, key]) for key in ours]

    def of(self, address: str) -> tuple[str, ...]:
        """One index for each key: an event carries that of the key which was current at its time."""
        form = normal_form(address.strip())
        return tuple(ring.blind(form) for ring in self._rings)

    def of_all(self, addresses: Sequence[str]) -> set[str]:
        """The indexes of several addresses."""
        return {blind for address in addresses for blind in self.of(address)}


def blinds_in(canonical: bytes) -> list[str]:
    """The blind indexes that a document in canonical form carries, sorted, each once."""
    found = {(first or second).decode() for first, second in _IN_EVENT.findall(canonical)}
    return sorted(found)
