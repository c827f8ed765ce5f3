"""What in the settings must not be shown: found by type, so a new secret is covered once declared. Pure."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, SecretStr

from atlaslens_forwarder.settings.section import Personal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_ACCOUNTS = (("email", "api_token"), ("username", "password"))
"""Fields that are sent together, as user and password of HTTP's Basic scheme (RFC 7617)."""


def confidential_texts(settings: BaseModel) -> list[str]:
    """Every secret and personal value in the settings, and what the program makes of them to send.

    That is each ``SecretStr`` and each text marked as
    :class:`~atlaslens_forwarder.settings.section.Personal`; of a secret address also its path, which is what
    most webhooks keep secret; of any address the password in it; of an account what its Basic header holds.
    """
    return [text for section in _sections(settings) for text in _texts(section) if text]


def masked(section: BaseModel) -> JsonObject:
    """The settings as JSON; secret and personal values appear as ``set`` or ``not set``."""
    shown: JsonObject = section.model_dump(mode="json")
    for name in type(section).model_fields:
        shown[name] = _masked(section, name, shown[name])
    return shown


def _masked(section: BaseModel, name: str, dumped: JsonValue) -> JsonValue:
    value = getattr(section, name)
    if isinstance(value, BaseModel):
        return masked(value)
    if isinstance(value, dict):
        return {key: masked(item) for key, item in value.items()}
    hidden = _hidden(section, name)
    if hidden is not None:
        return "set" if hidden else "not set"
    return dumped


def _sections(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            # Tests build settings with parts of them left out; those hold nothing.
            yield from _sections(getattr(value, name, None))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _sections(item)


def _texts(section: BaseModel) -> Iterator[str]:
    for name in type(section).model_fields:
        value, hidden = getattr(section, name, None), _hidden(section, name)
        text = hidden or (value if isinstance(value, str) else "")
        address = _address(text)
        yield address.password or ""
        if hidden:
            yield hidden
            if len(address.path) > 1:
                yield f"{address.path}?{address.query}" if address.query else address.path
    for user, password in _ACCOUNTS:
        if _hidden(section, password):
            pair = f"{getattr(section, user, '')}:{_hidden(section, password)}"
            yield base64.b64encode(pair.encode()).decode()


def _address(text: str) -> SplitResult:
    """The parts of an address; empty ones for any other text."""
    try:
        return urlsplit(text if text.startswith(("http://", "https://")) else "")
    except ValueError:  # such as a bracket without its pair
        return urlsplit("")


def _hidden(section: BaseModel, name: str) -> str | None:
    """A value that must not be shown; None for a field that may be."""
    value = getattr(section, name, None)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    field = type(section).model_fields.get(name)
    if isinstance(value, str) and field is not None and any(isinstance(m, Personal) for m in field.metadata):
        return value
    return None
