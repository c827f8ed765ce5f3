"""One secured node with our roles and accounts, for every test that needs the security plugin."""

from __future__ import annotations

import os
import ssl
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from atlaslens_forwarder.engine.install_secured import install_secured
from atlaslens_forwarder.engine.node import EmbeddedOpenSearch, install_async
from atlaslens_forwarder.engine.secured import NodeSecurity
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.security.install import apply_security, missing_passwords, plan_security
from atlaslens_forwarder.provision.security.roles import ADMIN, KEEPER, READER, WRITER
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.settings import AccountSettings, OpenSearchSettings
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from opensearchpy import AsyncOpenSearch

CERTIFICATES = ("atlaslens-writer", "nobody")


@dataclass(frozen=True)
class Secured:
    """The node, its administrator's client, and the passwords of our accounts."""

    url: str
    security: NodeSecurity
    admin: AsyncOpenSearch
    passwords: dict[str, str]

    def config(self, account: str = "", **options: Any) -> OpenSearchConfig:
        """How to reach it as one of our accounts."""
        usual = {"url": self.url, "ca_file": self.security.ca_file, "timeout_s": 20}
        if account:
            usual |= {"username": account, "password": self.passwords[account]}
        return OpenSearchConfig(**(usual | options))

    def settings(self) -> OpenSearchSettings:
        """Each part played by an account of its own."""
        main, *apart = (
            {"username": role.name, "password": self.passwords[role.name]}
            for role in (WRITER, READER, KEEPER, ADMIN)
        )
        reader, keeper, admin = (AccountSettings(**account) for account in apart)
        return OpenSearchSettings(
            url=self.url, ca_file=self.security.ca_file, reader=reader, keeper=keeper, admin=admin, **main
        )

    @property
    def trust(self) -> ssl.SSLContext:
        """Trusts the node, without a client certificate."""
        return ssl.create_default_context(cafile=self.security.ca_file)

    async def ask(
        self, account: tuple[str, str], method: str, path: str, body: Any = None
    ) -> tuple[int, Any]:
        """A request as it is; the status and body of its answer."""
        async with httpx.AsyncClient(auth=account, verify=self.trust, trust_env=False, timeout=30) as client:
            answer = await client.request(method, f"{self.url}{path}", json=body)
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return answer.status_code, answer.json() if is_json and answer.content else answer.text


@pytest.fixture(scope="session")
async def secured() -> AsyncIterator[Secured]:
    """Set up as docs/security.md says."""
    cache_dir = os.environ.get("ATLASLENS_ENGINE_CACHE") or REPOSITORY / ".atlaslens" / "engine"
    home = await install_async(Path(cache_dir), progress=print, how=install_secured)
    with tempfile.TemporaryDirectory(prefix="atlaslens-secured-") as folder:
        security = NodeSecurity.make(
            Path(folder) / "security", rest_roles=(ADMIN.name,), clients=CERTIFICATES
        )
        node = EmbeddedOpenSearch(
            home, Path(folder) / "node", cluster_name="secured", quick_start=True, security=security
        )
        async with node:
            config = OpenSearchConfig(
                node.url,
                ca_file=security.ca_file,
                client_cert=security.admin_cert,
                client_key=security.admin_key,
            )
            client = open_client(config)
            try:
                now_ms = time.time_ns() // 1_000_000
                await apply_plan(client, await make_plan(client, SetupOptions(now_ms=now_ms)))
                items = await plan_security(client)
                passwords = missing_passwords(items, {})
                await apply_security(client, items, passwords)
                yield Secured(node.url, security, client, passwords)
            finally:
                await client.close()
