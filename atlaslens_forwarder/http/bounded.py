"""Reads an answer piece by piece and no further than a limit: a compressed bomb cannot take our memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import FormatError
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    import httpx

LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
"""Of one decoded answer: many times what the largest page has, and memory that we can spare."""


async def read_bounded(response: httpx.Response) -> bytes:
    """The decoded body of an answer that is still being read.

    Raises:
        FormatError: it is longer than :data:`LARGEST_ANSWER_BYTES`.
        httpx.TransportError: it broke off.
        httpx.DecodingError: it is not encoded as it says.
    """
    content = bytearray()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > LARGEST_ANSWER_BYTES:
            raise FormatError(
                f"the answer is longer than {LARGEST_ANSWER_BYTES // 1024**2} MiB",
                status=SourceStatus.UNREADABLE,
                hint="see what answers at this address",
            )
    return bytes(content)
