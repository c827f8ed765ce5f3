"""Keeps secrets and e-mail addresses out of every log line, tracebacks included. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from atlaslens_forwarder.privacy.emails import text_without_emails

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

REDACTED = "[redacted]"
_AUTHORIZATION = re.compile(r"(?i)\b(basic|bearer)\s+[A-Za-z0-9+/_.=~-]{6,}")
_URL_USER = re.compile(r"(?<=//)[^/?#\s]+@")
SHORTEST_SECRET = 4
"""A shorter secret would blank out ordinary words."""


class Redactor:
    """Replaces known secrets and anything that looks like an address or credential."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {
            form
            for secret in secrets
            if len(secret) >= SHORTEST_SECRET
            for form in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])
        }
        self._secrets = (
            re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
            if forms
            else None
        )

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._secrets is not None:
            text = self._secrets.sub(REDACTED, text)
        text = _URL_USER.sub(f"{REDACTED}@", text)
        text = _AUTHORIZATION.sub(rf"\1 {REDACTED}", text)
        return text_without_emails(text, _redacted)

    def value(self, value: Any) -> Any:
        """A log value of any kind without secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.value(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """A structlog processor; the last one before the renderer."""
        for key, value in event.items():
            event[key] = self.value(value)
        return event


def _redacted(_address: bytes) -> str:
    return "redacted"
