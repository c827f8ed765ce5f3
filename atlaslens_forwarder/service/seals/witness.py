"""Those who keep the head of the chain outside the cluster and the data folder, each as far as it is set up.

None of them holds up a seal: what fails is told, and made good by the next head, which covers all before it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from atlaslens_forwarder.model.json import compact_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.seals.seal import Head, SignedSeal
    from atlaslens_forwarder.service.alerts.webhook import Webhook

SEAL: Final = "Atlaslens-Seal"
"""Header with the number of the seal, by which a receiver drops what it has."""
_BODY_VERSION: Final = 1


class Witness(Protocol):
    """One who is told each new head."""

    name: str

    async def tell(self, signed: SignedSeal) -> str:
        """Tell a new seal once; returns what went wrong, empty when nothing did."""


class HeadFile:
    """A file to which each head is appended as a line, such as one on a volume that nobody may rewrite."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    async def tell(self, signed: SignedSeal) -> str:
        """Append the head and make it durable."""
        line = compact_bytes(head_json(signed.head)) + b"\n"
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(descriptor, line)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            return error.strerror or type(error).__name__
        return ""


class HeadWebhook:
    """A webhook that is called with each head."""

    name = "webhook"

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    async def tell(self, signed: SignedSeal) -> str:
        """Call it once."""
        head = signed.head
        body: JsonObject = {
            "version": _BODY_VERSION,
            "text": f"Seal {head.number} of {head.created}: {head.hash}",
            "seal": head_json(head),
        }
        answer = await self._webhook.send(compact_bytes(body), {SEAL: str(head.number)})
        return answer.error


def head_json(head: Head) -> JsonObject:
    """A head as it is written everywhere outside."""
    return {"number": head.number, "hash": head.hash, "created": head.created}
