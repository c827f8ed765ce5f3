"""What ``bootstrap`` makes and Compose mounts, on a real OpenSearch with the security plugin."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import yaml

from atlaslens_forwarder.bootstrap.folder import Bootstrap
from atlaslens_forwarder.bootstrap.security_files import DASHBOARDS_FOLDER
from atlaslens_forwarder.engine.install_secured import install_secured
from atlaslens_forwarder.engine.node import EmbeddedOpenSearch, install_async
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NODE = "opensearch"
START_TIMEOUT_S = 60
UNAUTHORIZED = 401
OF_CONTAINERS = ("ATLASLENS_DASHBOARDS__", "ATLASLENS_OPENSEARCH__URL")
"""Settings of Compose that name what is not here."""


@dataclass(frozen=True)
class Bootstrapped:
    """A node that is configured as in Compose, except for its address and that it is alone."""

    folder: Path

    def settings(self) -> dict[str, object]:
        """The part of the node's settings that concerns security."""
        text = (REPOSITORY / "deploy" / "compose" / "opensearch.yml").read_text()
        found = yaml.safe_load(text.replace("${NODE_NAME}", NODE))
        return {name: value for name, value in found.items() if name.startswith("plugins.security.")}

    def files(self) -> dict[str, str]:
        """The volume that Compose mounts."""
        return {
            f"opensearch-security/{path.name}": path.read_text()
            for path in (self.folder / "opensearch").iterdir()
        }

    def client_context(self) -> ssl.SSLContext:
        """As the administrator."""
        context = self.trust()
        context.load_cert_chain(self.folder / "setup" / "admin.pem", self.folder / "setup" / "admin.key")
        return context

    def trust(self) -> ssl.SSLContext:
        """As anybody who trusts the authority."""
        return ssl.create_default_context(cafile=self.folder / "forwarder" / "ca.pem")

    def run(self, service: str, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command as in that service of Compose."""
        services = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
        environment = {
            name: value.replace(DASHBOARDS_FOLDER, str(self.folder / service)).partition(":/run/secrets")[0]
            for name, value in services[service]["environment"].items()
            if not name.startswith(OF_CONTAINERS)
        }
        (self.folder / service / "ATLASLENS_DASHBOARDS__PASSWORD").unlink(missing_ok=True)
        return subprocess.run(
            [sys.executable, "-m", "atlaslens_forwarder", *arguments],
            env={
                "PATH": os.defpath,
                "PYTHONPATH": str(REPOSITORY),
                "ATLASLENS_DATA_DIR": str(self.folder / "data"),
                "ATLASLENS_OPENSEARCH__URL": url,
                **environment,
            },
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
async def node() -> AsyncIterator[tuple[Bootstrapped, str]]:
    """The node and its address."""
    cache_dir = os.environ.get("ATLASLENS_ENGINE_CACHE") or REPOSITORY / ".atlaslens" / "engine"
    home = await install_async(Path(cache_dir), progress=print, how=install_secured)
    with tempfile.TemporaryDirectory(prefix="atlaslens-bootstrap-") as place:
        made = Bootstrapped(Path(place) / "b")
        Bootstrap(made.folder, [NODE], [], datetime.now(UTC)).run()
        opensearch = EmbeddedOpenSearch(
            home, Path(place) / "node", cluster_name="bootstrapped", quick_start=True, security=made
        )
        async with opensearch, httpx.AsyncClient(verify=made.trust(), trust_env=False) as client:
            async with asyncio.timeout(START_TIMEOUT_S):
                while (await client.get(opensearch.url)).status_code != UNAUTHORIZED:  # noqa: ASYNC110  as Compose asks
                    await asyncio.sleep(0.1)
            yield made, opensearch.url


async def test_accounts_that_everybody_knows_are_strangers_here(node):
    made, url = node

    async with httpx.AsyncClient(verify=made.trust(), trust_env=False) as client:
        for user in ("admin", "kibanaserver", "kibanaro", "logstash"):
            assert (await client.get(url, auth=(user, user))).status_code == UNAUTHORIZED


async def test_dashboards_gets_its_own_role_and_no_more(node):
    made, url = node
    settings = yaml.safe_load((made.folder / "dashboards" / "opensearch_dashboards.yml").read_text())
    account = (settings["opensearch.username"], settings["opensearch.password"])

    async with httpx.AsyncClient(verify=made.trust(), trust_env=False) as client:
        answer = await client.get(f"{url}/_plugins/_security/authinfo", auth=account)

    assert answer.json()["roles"] == ["kibana_server"]


async def test_setup_makes_the_accounts_that_the_forwarder_has_the_passwords_of(node):
    made, url = node

    done = made.run("setup", url, "setup", "--security", "--json")
    again = made.run("setup", url, "setup", "--security", "--check", "--json")
    status = made.run("forwarder", url, "status", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    assert again.returncode == 0, again.stdout
    assert json.loads(done.stdout)["security"]["file"] is None  # no password had to be made
    assert status.returncode == 0, status.stderr
