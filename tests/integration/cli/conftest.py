"""The installed program in processes of its own, as a user runs it."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec
from tests.integration.rig import WEIGHTS, Rig, env_text, make_settings, site_settings, without_settings

PROGRAM = Path(sys.executable).with_name("atlaslens-forwarder")


def wall_ms() -> int:
    """The present."""
    return time.time_ns() // 1_000_000


@dataclass
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on stdout: one line and nothing else there."""
        assert self.out.count("\n") == 1, self.out
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def error(self) -> str:
        """The one line that tells what is wrong."""
        (line,) = [line for line in self.err.splitlines() if line.lower().startswith("error: ")]
        return line


class Program:
    """Runs commands; whatever they print is searched for secrets and tracebacks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets: set[str] = set()

    def environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """Ours without any setting of the machine."""
        return without_settings() | (more or {})

    async def start(
        self,
        *arguments: object,
        env: dict[str, str] | None = None,
        stdin: int = asyncio.subprocess.DEVNULL,
    ) -> asyncio.subprocess.Process:
        """Begin a command."""
        return await asyncio.create_subprocess_exec(
            str(PROGRAM),
            *map(str, arguments),
            stdin=stdin,
            start_new_session=True,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment(env),
            cwd=self.folder,
        )

    async def finish(self, process: asyncio.subprocess.Process) -> Ended:
        """Wait for its end."""
        out, err = await process.communicate()
        ended = Ended(process.returncode or 0, out.decode(), err.decode())
        self.check(ended.out + ended.err)
        return ended

    def check(self, printed: str) -> None:
        """Nothing that a program prints may hold these."""
        assert "Traceback" not in printed, printed
        for secret in self.secrets:
            assert secret not in printed

    async def __call__(self, *arguments: object, env: dict[str, str] | None = None) -> Ended:
        return await self.finish(await self.start(*arguments, env=env))


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Runs commands in an empty folder."""
    return Program(tmp_path)


@pytest.fixture
def open_site(clean_store, opensearch_url, keys_folder, program, tmp_path):
    """Opens a site that lives in the present, with an env file: ``async with … as (rig, env_file)``."""

    @asynccontextmanager
    async def opened(name, *, size=60, service=None, more=None, **faults):
        plan = FaultPlan(**({"bucket_size": 100_000} | faults))
        spec = WorldSpec(9, size, wall_ms() - 150_000, span_days=200, site=name, weights=WEIGHTS)
        async with Simulator(spec, faults=plan) as simulator:
            settings = make_settings(
                keys_folder, opensearch_url, {name: site_settings(simulator)}, **(service or {})
            )
            env_file = tmp_path / f"{name}.env"
            env_file.write_text(env_text(settings, **(more or {})))
            env_file.chmod(0o600)
            owned = simulator.credentials
            program.secrets |= {owned.classic_token, owned.scoped_token, owned.email}
            program.secrets |= {each.email for each in simulator.site.world.people.everyone() if each.email}
            yield Rig(simulator, settings, wall_ms, clean_store, name), env_file

    return opened


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


@pytest.fixture
def serving(program):
    """Starts ``run`` with an env file; kills what is left at the end."""

    @asynccontextmanager
    async def start(env_file, *arguments):
        process = await program.start("run", "--env-file", env_file, *arguments)
        service = Service(program, process)
        try:
            yield service
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    return start
