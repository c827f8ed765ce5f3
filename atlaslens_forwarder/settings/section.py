"""What every part of the settings shares, and the checks of single values. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

_ADDRESS = re.compile(r"https?://(?!\S*\.\.)(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_WEB_ADDRESS = re.compile(r"https?://[!-~]+")


@dataclass(frozen=True, slots=True)
class Personal:
    """Marks a setting that says who somebody is: it is shown no more than a secret."""


EmailAddress = Annotated[str, Personal()]


class Section(BaseModel):
    """A part of the settings: immutable, and nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def usable_address(value: str) -> str:
    """The address without a slash at its end.

    Raises:
        ValueError: it is not scheme, host and perhaps port.
    """
    address = value.rstrip("/")
    try:
        usable = _ADDRESS.fullmatch(address) and urlsplit(address).port != 0
    except ValueError:  # a port or an IPv6 address that is none
        usable = False
    if not usable:
        raise ValueError("must be an address such as https://acme.atlassian.net, without a path")
    return address


def json_list(value: object, example: str) -> object:
    """What a text says in JSON; anything else as it is, for pydantic to judge.

    Raises:
        ValueError: the text is not JSON; ``example`` shows what is meant.
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError(f"must be a JSON list such as {example}") from None


def usable_token(value: SecretStr) -> SecretStr:
    """The token.

    Raises:
        ValueError: it is not one word of ASCII characters.
    """
    if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        raise ValueError("must be one word of ASCII characters, as Atlassian shows it once")
    return value


def web_address(value: str, example: str) -> str:
    """The whole address of a page or hook, path and query included; empty where none is set.

    Raises:
        ValueError: it is none; ``example`` shows what is meant.
    """
    if value and not _WEB_ADDRESS.fullmatch(value):
        raise ValueError(f"must be an address such as {example}")
    return value
