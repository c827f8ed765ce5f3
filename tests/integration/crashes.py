"""Ways for a sync to die at a step: by an exception that no code of ours catches, or by ``kill -9``."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration.rig import env_text, without_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.pipeline.steps import Step
    from tests.integration.rig import Rig

SCRIPT = Path(__file__).with_name("crashing_sync.py")


class Crash(BaseException):
    """What no code of ours catches."""


def crash_at(step: Step, occurrence: int) -> Callable[[Step], None]:
    """Raises ``Crash`` when a step is reached for the nth time, n being ``occurrence``."""
    left = occurrence

    def on_step(at: Step) -> None:
        nonlocal left
        left -= at is step
        if not left:
            raise Crash

    return on_step


async def kill_at(rig: Rig, folder: Path, step: Step, occurrence: int = 1, **more: str) -> None:
    """Run a sync in a process of its own that is killed at a step; ``more`` are settings beyond the rig's."""
    env_file = folder / "env"
    env_file.write_text(env_text(rig.settings, **more))
    order = {
        "env_file": str(env_file),
        "step": step.value,
        "occurrence": occurrence,
        "now_ms": rig.clock(),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), json.dumps(order), env=without_settings()
    )
    assert await process.wait() == -signal.SIGKILL
