"""The demo as a user runs it: what it prints, what it leaves up, and that it leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from tests.integration.rig import without_settings

PROGRAM = Path(sys.executable).with_name("atlaslens-forwarder")
REFUSED = {"globex:confluence-audit", "globex:jira-audit"}
ONLY_THE_PRESENT = {
    "acme:bitbucket-permissions",
    "acme:jsm-organizations",
    "globex:jsm-organizations",
}
KEYS = {"stored", "second_sync_stored", "by_product", "conservation", "export"}


def environment(engine_home, folder):
    return without_settings() | {
        "ATLASLENS_DATA_DIR": str(folder),
        "ATLASLENS_ENGINE__CACHE_DIR": str(engine_home.parent),
    }


async def start(env, folder, *arguments):
    return await asyncio.create_subprocess_exec(
        str(PROGRAM),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
        cwd=folder,
    )


async def run(env, folder, *arguments):
    process = await start(env, folder, *arguments)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def processes_of(folder):
    """Running processes whose command line names the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(folder) in (entry / "cmdline").read_text(errors="replace"):
                found.append(entry.name)
        except OSError:
            continue
    return found


@pytest.fixture
def folder():
    """A folder that the engine's own user may enter when the tests run as root.

    Not one of pytest's: those lie in a folder that every other run of pytest closes again.
    """
    with TemporaryDirectory(prefix="atlaslens-demo-") as name:
        made = Path(name)
        made.chmod(0o755)
        yield made


def assert_result(found, size):
    assert set(found) >= KEYS
    assert found["second_sync_stored"] == 0
    assert found["conservation"] is True
    assert sum(found["by_product"].values()) == found["stored"] >= size
    assert set(found["by_product"]) == {"jira", "jsm", "confluence", "bitbucket"}
    assert found["export"]["verified"] is True
    assert found["export"]["count"] > 0


async def test_the_demo_keeps_its_store_up_for_other_commands_and_leaves_nothing_behind(engine_home, folder):
    env = environment(engine_home, folder)
    process = await start(env, folder, "demo", "--keep", "--json", "--size", "600")
    try:
        async with asyncio.timeout(120):
            found = json.loads(await process.stdout.readline())
        assert_result(found, 600)
        env_file = found["env_file"]
        async with httpx.AsyncClient() as client:
            assert (await client.get(found["opensearch_url"])).json()["version"]["number"] == "3.4.0"
            assert (await client.get(f"{found['simulator_url']}/_edge/tenant_info")).json()["cloudId"]
        plain = without_settings()
        code, out, _ = await run(plain, folder, "status", "--env-file", env_file, "--json")
        status = json.loads(out)
        assert (code, status["store"]["events"]) == (0, found["stored"])
        assert {
            name for name, each in status["coverage"]["connectors"].items() if each["holes_total"]
        } == REFUSED | ONLY_THE_PRESENT
        assert status["quarantine"]["open"] == 2
        code, out, _ = await run(plain, folder, "sync", "--env-file", env_file, "--json")
        again = json.loads(out)
        assert (code, again["totals"]["stored"]) == (4, 0)
        assert set(again["failed"]) == REFUSED
        code, _, err = await run(env, folder, "demo", "--json", "--size", "10")
        assert code == 3
        assert "in use" in err
        assert processes_of(folder)
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(40):
            out, err = await process.communicate()
    assert (process.returncode, out) == (0, b"")
    assert b'"log.level"' not in err
    assert b"Traceback" not in err
    async with asyncio.timeout(20):
        while processes_of(folder):  # noqa: ASYNC110  they end by themselves
            await asyncio.sleep(0.2)

    # What the demo tells people to do next works: the engine is not installed again, the data is still there.
    code, out, err = await run(plain, folder, "status", "--embedded", "--env-file", env_file, "--json")
    assert code == 0, err
    assert json.loads(out)["store"]["events"] == found["stored"]
    assert "installing" not in err


async def test_the_demo_shows_people_the_whole_way(engine_home, folder):
    code, out, err = await run(
        environment(engine_home, folder), folder, "demo", "--size", "300", "--seed", "7"
    )

    assert code == 0, err
    for part in (
        "the store holds",
        "second sync stored 0 events",
        "Events by product",
        "Who changed permissions last quarter",
        "What did this contractor do? Viktor Halloran",
        "an address that no account claims: ",
        "the site is on a Free plan",
        "Gaps",
        "verified",
        "for a browser",
        "Next: connect your own site",
    ):
        assert part in out
    assert "NOT" not in out.replace("NOTE", "")
    assert '"log.level"' not in err
    assert not processes_of(folder)
