"""An orderly end: work under way gets a grace time after a stop was asked for, then it is dropped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

GRACE_S = 5.0
"""After a stop, windows under way get this long; then they are dropped, which costs a re-read."""


async def sleep_unless(wake: asyncio.Event, seconds: float) -> None:
    """Sleep, but not a moment longer than until ``wake`` is set."""
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        return


async def drop_after_grace(
    stop: asyncio.Event, ended: asyncio.Event, work: Collection[asyncio.Task[Any]]
) -> None:
    """Once ``stop`` is set, wait at most the grace time for ``ended``, then cancel what is in ``work``."""
    await stop.wait()
    await sleep_unless(ended, GRACE_S)
    for task in list(work):
        task.cancel()
