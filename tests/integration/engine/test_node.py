"""The life of a node: its data stay, its folder is its own, and it never outlives its starter."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from atlaslens_forwarder.engine.node import EmbeddedOpenSearch
from atlaslens_forwarder.errors import EngineError
from tests.integration.engine.processes import java_pids


def all_gone(data_dir: Path, *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not java_pids(data_dir):
            return True
        time.sleep(0.1)
    return False


def until_started(data_dir: Path) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if java_pids(data_dir):
            return True
        time.sleep(0.05)
    return False


def foreground(home: Path, data_dir: Path) -> subprocess.Popen[str]:
    """A node that is being started by another process."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "atlaslens_forwarder.engine", "--data-dir", str(data_dir)),
            *("--cache-dir", str(home.parent), "--heap-mb", "256", "--quick-start"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def in_foreground(home: Path, data_dir: Path) -> tuple[subprocess.Popen[str], str]:
    """A node that was started by another process, and its URL."""
    process = foreground(home, data_dir)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def listeners() -> set[tuple[str, int]]:
    """Address (hex, as the kernel prints it) and port of every listening TCP socket."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if state == "0A":
                address, _, port = local.partition(":")
                found.add((address, int(port, 16)))
    return found


async def test_a_folder_in_use_is_refused_and_a_stopped_node_is_gone(
    engine_home: Path, tmp_path: Path
) -> None:
    async with EmbeddedOpenSearch(engine_home, tmp_path, heap_mb=256, quick_start=True) as node:
        with pytest.raises(EngineError) as refused:
            await EmbeddedOpenSearch(engine_home, tmp_path).start()
        line = refused.value.one_line()
        assert str(tmp_path) in line
        assert f"process {os.getpid()}" in line
        assert node.url in line
        assert node.is_running
        assert len(java_pids(tmp_path)) == 1
    assert java_pids(tmp_path) == []
    assert not node.is_running
    with pytest.raises(EngineError, match="not running"):
        _ = node.url


async def test_only_loopback_is_bound(opensearch_url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        nodes = (await client.get(f"{opensearch_url}/_nodes/_local/http,transport")).json()["nodes"]
    (node,) = nodes.values()
    addresses = [*node["http"]["bound_address"], *node["transport"]["bound_address"]]
    assert {address.rpartition(":")[0] for address in addresses} == {"127.0.0.1"}
    ports = {int(address.rpartition(":")[2]) for address in addresses}
    # The kernel's own view: IPv4 loopback as such, or mapped into IPv6.
    loopback = {"0100007F", "0000000000000000FFFF00000100007F"}
    assert {address for address, port in listeners() if port in ports} <= loopback


async def test_a_taken_port_is_one_clear_line(engine_home: Path, opensearch_url: str, tmp_path: Path) -> None:
    port = int(opensearch_url.rpartition(":")[2])
    node = EmbeddedOpenSearch(engine_home, tmp_path, heap_mb=256, quick_start=True, http_port=port)
    with pytest.raises(EngineError, match="its port is taken") as caught:
        await node.start()
    assert str(node.log_path) in caught.value.hint
    assert all_gone(tmp_path, within_s=5)


@pytest.mark.parametrize(("heap_mb", "told"), [(16, "too small"), (900_000_000, "heap")])
async def test_a_wrong_heap_is_one_clear_line(
    engine_home: Path, tmp_path: Path, heap_mb: int, told: str
) -> None:
    with pytest.raises(EngineError, match=told) as caught:
        await EmbeddedOpenSearch(engine_home, tmp_path, heap_mb=heap_mb).start()
    assert "\n" not in caught.value.one_line()
    assert java_pids(tmp_path) == []


async def test_a_node_that_takes_too_long_is_ended(engine_home: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="did not answer in time"):
        await EmbeddedOpenSearch(
            engine_home, tmp_path, heap_mb=256, quick_start=True, start_timeout_s=1.0
        ).start()
    assert java_pids(tmp_path) == []


async def test_a_data_folder_that_is_a_file_is_one_clear_line(engine_home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="cannot be used"):
        await EmbeddedOpenSearch(engine_home, tmp_path / "file").start()


def test_a_killed_starter_takes_its_node_along_and_loses_no_data(engine_home: Path, tmp_path: Path) -> None:
    # Everything below a folder that only its owner may enter, as a clone in root's home would be.
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "cache" / engine_home.name
    shutil.copytree(engine_home, home, copy_function=os.link)
    data_dir = closed / "data"

    first, url = in_foreground(home, data_dir)
    with first:
        httpx.put(f"{url}/kept/_doc/1", json={"a": 1}, trust_env=False).raise_for_status()
        (pid,) = java_pids(data_dir)
        if os.geteuid() == 0:
            assert Path(f"/proc/{pid}").stat().st_uid != 0
        first.kill()
    assert json.loads((data_dir / "node.lock").read_text())["url"] == url

    # The dying node is waited for, not complained about.
    second, url = in_foreground(home, data_dir)
    with second:
        assert pid not in java_pids(data_dir)
        assert httpx.get(f"{url}/kept/_doc/1", trust_env=False).json()["_source"] == {"a": 1}
        # To the whole group, as a terminal does: the node must hear of it from its starter only.
        os.killpg(second.pid, signal.SIGINT)
        assert second.wait(30) == 0
    assert java_pids(data_dir) == []
    assert "closed" in (data_dir / "logs" / "atlaslens.log").read_text().splitlines()[-1]


def test_a_killed_starter_leaves_nothing_running(engine_home: Path, tmp_path: Path) -> None:
    process = foreground(engine_home, tmp_path)
    with process:
        assert until_started(tmp_path)
        process.kill()
    assert all_gone(tmp_path, within_s=10)
