"""Finds secrets in whatever the program wrote, also where they were encoded on the way."""

from __future__ import annotations

import base64
import re
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote

import pypdfium2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def leaks(written: Mapping[str, bytes], secrets: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """Where and what: the names of each text and of each secret that stands in it in any form."""
    forms = {name: _forms(secret) for name, secret in secrets.items()}
    found = set()
    for place, data in written.items():
        readable = b"\0".join([data, *_inside_pdf(data)])
        folded = readable.lower()
        for name, (exact, caseless) in forms.items():
            if any(form in readable for form in exact) or any(form in folded for form in caseless):
                found.add((place, name))
    return found


def _forms(secret: bytes) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """How it may be written: as it is or in Base64; and, whatever the case, in hex or percent-encoded."""
    percent = "".join(f"%{byte:02x}" for byte in secret).encode()
    return (
        frozenset({secret, *_in_base64(secret)}),
        frozenset({secret.hex().encode(), percent, quote(secret, safe="").lower().encode()}),
    )


def _in_base64(secret: bytes) -> Iterator[bytes]:
    """The characters that it makes for sure, wherever in a longer text it begins (RFC 4648)."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + secret)
            first, last = -(-before * 8 // 6), (before + len(secret)) * 8 // 6
            yield text[first:last]


def _inside_pdf(data: bytes) -> Iterator[bytes]:
    """The text of a PDF's pages, and its compressed streams."""
    if not data.startswith(b"%PDF-"):
        return
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            yield page.get_textpage().get_text_range().encode()
    for stream in _STREAM.findall(data):
        try:
            yield zlib.decompressobj().decompress(stream)
        except zlib.error:
            continue  # a stream that is not compressed was searched as it is
