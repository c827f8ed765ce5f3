"""The one byte form of a JSON value that is hashed: RFC 8785 (JSON Canonicalization Scheme).

Events are mostly text under ASCII keys. For those orjson writes exactly the bytes of RFC 8785, many times
faster than a general implementation; everything else goes to ``rfc8785``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import rfc8785

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonValue

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that RFC 8785 lets through: numbers are IEEE 754 doubles (RFC 7493, section 2.2)."""


def canonical_bytes(value: JsonValue) -> bytes:
    """UTF-8 bytes of ``value`` in RFC 8785 form, without a trailing newline.

    Raises:
        ValueError: the value has no canonical form: a lone surrogate, an integer beyond ±(2^53 - 1), NaN or
            infinity, a key that is not text, a type that JSON does not know, or nesting beyond the
            interpreter's limit. The message says which and never quotes the value.
    """
    try:
        if _is_plain(value):
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, RecursionError):
        pass  # a lone surrogate, or nested beyond orjson's limit: the general implementation tells which
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise ValueError(_reason(error)) from None


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, UnicodeEncodeError) or isinstance(error.__cause__, UnicodeEncodeError):
        return "text holds a lone surrogate and has no UTF-8 form"
    if isinstance(error, rfc8785.IntegerDomainError):
        return "an integer is beyond ±(2^53 - 1)"
    if isinstance(error, rfc8785.FloatDomainError):
        return "a number is not finite"
    if isinstance(error, RecursionError):
        return "the value is nested too deep"
    return "a key is not text, or a value is of no JSON type"


def _is_plain(value: JsonValue) -> bool:
    """Whether orjson writes ``value`` as RFC 8785 does.

    Floats are written differently (ECMA-262 Number::toString), and keys are sorted by UTF-16 code units,
    which is orjson's code point order only while no key leaves the basic plane: ASCII keys are certain.
    """
    kind = type(value)
    if kind is dict:
        for key, item in value.items():  # type: ignore[union-attr]
            if type(key) is not str or not key.isascii():
                return False
            # Most values are text: they are not worth a call.
            if type(item) is not str and not _is_plain(item):
                return False
        return True
    if kind is list:
        return all(map(_is_plain, value))  # type: ignore[arg-type]
    if kind is int:
        return -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER  # type: ignore[operator]
    return kind is str or kind is bool or value is None
