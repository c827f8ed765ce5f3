"""Session fixtures: one real OpenSearch node for every test that needs a store."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from atlaslens_forwarder.engine.node import EmbeddedOpenSearch, install_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
async def engine_home() -> Path:
    """The installed engine; downloaded at most once per machine."""
    cache_dir = os.environ.get("ATLASLENS_ENGINE_CACHE") or REPOSITORY / ".atlaslens" / "engine"
    return await install_async(Path(cache_dir), progress=print)


@pytest.fixture(scope="session")
async def opensearch_url(engine_home: Path) -> AsyncIterator[str]:
    """A plain node on a free port, empty at the start of the session and shared by all tests in it."""
    with tempfile.TemporaryDirectory(prefix="atlaslens-tests-") as folder:
        node = EmbeddedOpenSearch(engine_home, Path(folder), cluster_name="tests", quick_start=True)
        async with node:
            yield node.url


@pytest.fixture(scope="session")
def prometheus_folder() -> Path:
    """Where prometheus and promtool are: installed, or unpacked from Debian's package."""
    installed = shutil.which("promtool")
    if installed and shutil.which("prometheus"):
        return Path(installed).parent
    cache = (
        Path(os.environ.get("ATLASLENS_TOOLS_CACHE") or REPOSITORY / ".atlaslens" / "tools") / "prometheus"
    )
    if not (cache / "usr" / "bin" / "promtool").exists():
        apt, unpack = shutil.which("apt-get"), shutil.which("dpkg-deb")
        if apt is None or unpack is None:
            pytest.skip("prometheus is not installed, and there is no Debian to take it from")
        cache.mkdir(parents=True, exist_ok=True)
        for command in (["download", "prometheus"], ["update"], ["download", "prometheus"]):
            if not list(cache.glob("prometheus_*.deb")):
                subprocess.run([apt, *command], cwd=cache, capture_output=True, check=False)
        packages = list(cache.glob("prometheus_*.deb"))
        if not packages:
            pytest.skip("prometheus is not installed, and Debian's package cannot be had")
        subprocess.run([unpack, "-x", packages[0], cache], check=True)
    return cache / "usr" / "bin"
