"""Waiting for what comes true in another process."""

from __future__ import annotations

import asyncio


async def eventually(condition, timeout_s=20.0):
    """Wait until it holds."""
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110  it comes true in another process
            await asyncio.sleep(0.2)
