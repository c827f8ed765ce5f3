"""Runs one sync in a process of its own and kills that process, as ``kill -9`` does, at a step.

Arguments: a JSON object with ``env_file``, ``step``, ``occurrence`` and ``now_ms``.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from atlaslens_forwarder.service.forwarder import open_forwarder
from atlaslens_forwarder.service.round import sync_once
from atlaslens_forwarder.settings import load_settings
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry


async def run(order: dict[str, object]) -> None:
    """Sync until killed."""
    left = int(str(order["occurrence"]))

    def kill_at(step: str) -> None:
        nonlocal left
        left -= step == order["step"]
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = load_settings(Path(str(order["env_file"])))
    now_ms = int(str(order["now_ms"]))
    async with open_forwarder(settings, Telemetry(Metrics()), lambda: now_ms, on_step=kill_at) as forwarder:
        await sync_once(forwarder, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(run(json.loads(sys.argv[1])))
