"""Keeps secrets and e-mail addresses out of every log line, tracebacks included. Pure."""

from __future__ import annotations

import base64
import json
import re
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from atlaslens_forwarder.privacy.emails import text_without_emails

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableMapping

REDACTED = "[redacted]"
_AUTHORIZATION = re.compile(r"(?i)\b(basic|bearer)\s+[A-Za-z0-9+/_.=~-]{6,}")
_URL_USER = re.compile(r"(?<=//)[^/?#\s]+@")
_URL_SECRET = re.compile(
    r"(?i)(?<=[?&;])([\w.-]{0,40}(?:token|secret|passw|pwd|apikey|api[_-]key|signature|sig)[\w.-]{0,40}=)[^&;#\s\"'<>]+"
)
_ESCAPE = re.compile("%[0-9A-F]{2}")
SHORTEST_SECRET = 4
"""A shorter secret would blank out ordinary words."""


class Redactor:
    """Replaces known secrets and anything that looks like an address or credential."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST_SECRET for form in _forms(secret)}
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
        text = _URL_SECRET.sub(rf"\1{REDACTED}", text)
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


def _forms(secret: str) -> Iterator[str]:
    """How a secret may come out of a server's page, a library's message or a repr of either."""
    data = secret.encode(errors="surrogatepass")
    for encoded in (quote(secret, safe=""), quote_plus(secret), quote(secret)):
        yield encoded
        yield _ESCAPE.sub(lambda match: match.group().lower(), encoded)
        yield quote(encoded, safe="")  # in a URL inside a URL
    for text in (base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()):
        yield text
        yield text.rstrip("=")
    yield data.hex()
    yield data.hex().upper()
    for text in (secret, escape(secret)):
        yield text
        yield json.dumps(text)[1:-1]
        yield json.dumps(text, ensure_ascii=False)[1:-1]
        yield repr(text)[1:-1]


def _redacted(_address: bytes) -> str:
    return "redacted"
