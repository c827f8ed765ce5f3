"""From nothing to healthy as docs/operations.md tells it: its own commands, with the simulator as site."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import socket
from pathlib import Path

import pytest

from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec
from tests.integration.cli.conftest import PROGRAM, wall_ms
from tests.integration.rig import WEIGHTS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operations.md"


def commands():
    """The shell commands of the section, those that need no server of one's own to be named."""
    section = PAGE.read_text(encoding="utf-8").split("\n## From nothing to healthy\n", 1)[1]
    section = section.split("\n## ", 1)[0]
    blocks = re.findall(r"^ +```sh\n(.*?)^ +```$", section, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3
    return "".join(re.sub(r"^ {3}", "", block, flags=re.MULTILINE) for block in blocks)


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_commands_of_the_page_lead_from_nothing_to_healthy(
    program, clean_store, opensearch_url, tmp_path
):
    spec = WorldSpec(9, 40, wall_ms() - 150_000, span_days=100, site="local", weights=WEIGHTS)
    async with Simulator(spec, faults=FaultPlan(bucket_size=100_000)) as simulator:
        owned = simulator.credentials
        program.secrets |= {owned.classic_token}
        (tmp_path / "token.txt").write_text(owned.classic_token)
        (tmp_path / "token.txt").chmod(0o600)
        environment = program.environment(
            {
                "PATH": os.pathsep.join([str(PROGRAM.parent), os.environ.get("PATH", os.defpath)]),
                "ATLASLENS_ENV_FILE": str(tmp_path / "forwarder.env"),
                "DATA_DIR": str(tmp_path / "data"),
                "PORT": str(free_port()),
                "OPENSEARCH": opensearch_url,
                "SITE": simulator.url,
                "EMAIL": owned.email,
                "TOKEN_FILE": str(tmp_path / "token.txt"),
            }
        )
        ended = "kill $!; wait $!"  # the run that the page leaves in the background
        process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", f"{commands()}\n{ended}",
            env=environment,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        printed = (await process.communicate())[0].decode()
    program.check(printed)
    assert process.returncode == 0, printed
    for source in ("jira-audit", "confluence-audit", "jira-issues", "confluence-content"):
        assert re.search(rf"local:{source} +│ yes +│ ok", printed), printed
    assert re.search(r'"connectors": \{"local:[\w-]+": \{"status": "ok"', printed), printed
    assert "WARNING" not in printed
    assert (tmp_path / "forwarder.env").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data" / "keys" / "keyring.json").is_file()
