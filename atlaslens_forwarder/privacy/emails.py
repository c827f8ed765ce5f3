"""E-mail addresses leave a row here, before anything is made of it.

Each address becomes ``[email:<key id>:<digest>]``: two mentions of one address stay recognisable as the
same, but nobody without the key can tell or guess which. This happens to the raw row, not to the finished
event, so that no later step (message, ``event.original``, a new field) can carry an address by mistake.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

# Wider than RFC 5322 asks: whatever looks like an address to a person is treated as one, also in URLs, where
# the at sign is written %40 (%2540 in a URL inside a URL), and with the full-width forms of at sign and dot.
# Linear time: a local part is tried only where a run of its characters begins, and neither it nor a label is
# ever given back (possessive quantifiers).
_AT = r"(?:[@\uff20\ufe6b]|%(?:25){0,4}40)"
_DOT = r"[.\u3002\uff0e\uff61]"
_DELIMITER = r"\s@\xab\xbb\u2000-\u206f\uff20\ufe6b<>()\[\]{}\"'`,;:|\\/=?&%"
_BEGINNING = (
    rf"(?:(?<![^{_DELIMITER}])(?!(?<=\w')\w)(?!(?<=%)[0-9A-Fa-f]{{2}}(?!{_AT}))"  # not in O'Hara or %3D
    r"|(?<=%[013-9A-Fa-f][0-9A-Fa-f])|(?<=%2[0-9AC-Fac-f]))"  # but right after %3D
)
_LOCAL = rf"(?:\"[^\"\r\n]{{1,64}}\"|{_BEGINNING}(?:[^{_DELIMITER}]++|%2[bB]|(?<=\w)'(?=\w))++)"
# Letters, digits, hyphen, underscore; beyond Latin also marks, which many scripts need, but no punctuation.
_LABEL = (
    r"[^\s\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7"
    r"\u2000-\u206f\u2e00-\u3004\u3008-\u3020\u3030\ufe10-\ufe6f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40"
    r"\uff5b-\uff65]"
)
_EMAIL = re.compile(rf"{_LOCAL}{_AT}(?![-_])(?:{_LABEL}++{_DOT})+(?![\d_-]){_LABEL}{{2,}}+")
# What stands right after a per cent sign can be read in two ways; what the first reading left goes too.
_LEFTOVER = re.compile(
    rf"(?<![^{_DELIMITER}])[^{_DELIMITER}]++{_AT}(?![-_])(?:{_LABEL}++{_DOT})+(?![\d_-]){_LABEL}{{2,}}+"
)
_ENCODED_AT = re.compile(r"%(?:25){0,4}40")
_ANY_AT = re.compile(_AT)


def normal_form(address: str) -> bytes:
    """The form that is digested: NFKC, case folded, ``%40`` decoded; one for all spellings of an address."""
    decoded = _ENCODED_AT.sub("@", address).replace("%2B", "+").replace("%2b", "+").replace("\u3002", ".")
    return unicodedata.normalize("NFKC", decoded).casefold().encode("utf-8", errors="replace")


def without_emails(row: JsonObject, blind: Callable[[bytes], str]) -> JsonObject:
    """The row with every address in keys and values replaced; the same object when it holds none.

    Raises:
        ValueError: the row is nested too deep to be looked through.
    """
    try:
        replaced = _walk(row, blind)
    except RecursionError:
        raise ValueError("the row is nested too deep") from None
    return replaced if isinstance(replaced, dict) else row


def text_without_emails(text: str, blind: Callable[[bytes], str]) -> str:
    """One text with every address replaced."""
    if "@" not in text and "%" not in text and text.isascii():
        return text
    if _ANY_AT.search(text) is None:
        return text
    for pattern in (_EMAIL, _LEFTOVER):
        text = pattern.sub(lambda match: f"[email:{blind(normal_form(match.group()))}]", text)
    return text


def _walk(value: JsonValue, blind: Callable[[bytes], str]) -> JsonValue:
    """Depth-first copy on write: parts without an address keep their identity and cost no allocation."""
    if isinstance(value, str):
        return text_without_emails(value, blind)
    if isinstance(value, dict):
        return _walk_object(value, blind)
    if isinstance(value, list):
        items: list[JsonValue] = []
        changed = False
        for item in value:
            new_item = _walk(item, blind)
            changed = changed or new_item is not item
            items.append(new_item)
        return items if changed else value
    return value


def _walk_object(value: JsonObject, blind: Callable[[bytes], str]) -> JsonObject:
    changed: JsonObject | None = None
    for key, item in value.items():
        new_key, new_item = text_without_emails(key, blind), _walk(item, blind)
        if new_item is item and new_key is key:
            continue
        changed = dict(value) if changed is None else changed
        if new_key is not key:
            del changed[key]
            while new_key in changed:  # two spellings of one address as keys: both values are kept
                new_key += "~"
        changed[new_key] = new_item
    return value if changed is None else changed
