"""Calls a webhook: JSON body, signed, so that its receiver can tell it from anybody else's.

Signature: HMAC-SHA-256 with the shared secret over ``timestamp + "." + body``, in hexadecimal. A receiver
refuses timestamps that are minutes old, so that nothing recorded can be sent to it again.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx

from atlaslens_forwarder.detections.finding import headline
from atlaslens_forwarder.model.json import compact_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TIMESTAMP: Final = "Atlaslens-Timestamp"
SIGNATURE: Final = "Atlaslens-Signature"
ALERT: Final = "Atlaslens-Alert"
"""Id of the alert: the same in every try, so that a receiver can drop what it has."""
TIMEOUT_S: Final = 10.0
_BODY_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one call."""

    error: str = ""
    """Empty when it was taken; never holds the address, which may be a secret itself."""
    refused: bool = False
    """The receiver dislikes this alert (4xx); others may still go through."""


class Webhook:
    """One receiver."""

    def __init__(self, url: str, secret: str, http: httpx.AsyncClient, clock: Callable[[], int]) -> None:
        self._url = url
        self._secret = secret
        self._http = http
        self._clock = clock

    async def call(self, alert_id: str, alert: Mapping[str, Any]) -> Answer:
        """Send one alert once; never raises for what the receiver or the network does."""
        return await self.send(body_of(alert_id, alert), {ALERT: alert_id})

    async def send(self, body: bytes, about: Mapping[str, str]) -> Answer:
        """Send a body once, signed; ``about`` are headers that tell what it is."""
        timestamp = str(self._clock() // 1000)
        headers = {"content-type": "application/json", **about, TIMESTAMP: timestamp}
        if self._secret:
            headers[SIGNATURE] = f"v1={signature(self._secret, timestamp, body)}"
        try:
            async with self._http.stream(
                "POST", self._url, content=body, headers=headers, timeout=TIMEOUT_S, follow_redirects=False
            ) as answer:
                pass  # the status says all; the body, of any length, is left unread
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(type(error).__name__)
        if answer.is_success:
            return Answer()
        busy = answer.status_code in {408, 425, 429} or not answer.is_client_error
        return Answer(f"status {answer.status_code}", refused=not busy)


def body_of(alert_id: str, alert: Mapping[str, Any]) -> bytes:
    """What is sent; ``text`` alone is enough for a chat room."""
    kept = {key: value for key, value in alert.items() if key not in {"delivery", "key"}}
    return compact_bytes({"version": _BODY_VERSION, "id": alert_id, "text": headline(alert), "alert": kept})


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at this time (seconds)."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
