"""``run`` as a process: what it prints, where it answers, how it ends."""

from __future__ import annotations

import asyncio
import re
import time

ADDRESS = re.compile(r"serving (http://\S+)/metrics")


class Service:
    """A ``run`` and what it printed."""

    def __init__(self, program, process):
        self._program = program
        self.process = process
        self.lines: list[str] = []
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self):
        async for line in self.process.stderr:
            self.lines.append(line.decode())

    async def line(self, part, timeout_s=20.0):
        """The first line that holds ``part``."""
        async with asyncio.timeout(timeout_s):
            while not (found := [line for line in self.lines if part in line]):
                assert self.process.returncode is None, self.lines
                await asyncio.sleep(0.05)
        return found[0]

    async def url(self):
        """Where the probes answer."""
        return ADDRESS.search(await self.line("serving "))[1]

    async def end(self, number):
        """Signal it; seconds until it ended, and its code."""
        started_s = time.monotonic()
        self.process.send_signal(number)
        async with asyncio.timeout(30):
            code = await self.process.wait()
            await self._reading
        self._program.check("".join(self.lines))
        return time.monotonic() - started_s, code


async def eventually(condition, timeout_s=20.0):
    """Wait until it holds."""
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110  it comes true in another process
            await asyncio.sleep(0.2)
