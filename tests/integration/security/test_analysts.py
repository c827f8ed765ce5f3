"""Accounts of analysts, from their making to their end, on the real plugin."""

from __future__ import annotations

import time

import bcrypt
import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.provision.security.api import USERS, SecurityApi
from atlaslens_forwarder.provision.security.roles import ADMIN, ANALYST
from atlaslens_forwarder.service.analysts import Analyst, Analysts
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.storage.client import open_client
from tests.integration.rig import make_settings

FIRST, SECOND = "gravel-otter-lantern", "window.basil.forty"


class Written(SecurityApi):
    """The real thing, which remembers what it sent."""

    def __init__(self, client) -> None:
        super().__init__(client)
        self.sent: list[dict] = []

    async def put(self, kind, name, body) -> None:
        self.sent.append(body)
        await super().put(kind, name, body)


@pytest.fixture
async def desk(secured, tmp_path):
    """The accounts, managed as the account of the admin; the API and the custody log behind them."""
    settings = make_settings(tmp_path, secured.url, {}).model_copy(update={"opensearch": secured.settings()})
    client = open_client(secured.config(ADMIN.name))
    try:
        async with open_store(settings, lambda: time.time_ns() // 1_000_000) as store:
            api = Written(client)
            yield Analysts(api, store.custody), api, store.custody
    finally:
        await client.close()


async def test_an_account_is_made_disabled_enabled_and_reset(secured, desk):
    analysts, api, custody = desk

    async def status(password):
        return (await secured.ask(("maria.k", password), "GET", "/atlaslens-events/_search"))[0]

    await analysts.create("maria.k", FIRST, reason="ticket 7")
    assert await status(FIRST) == 200
    _, who = await secured.ask(("maria.k", FIRST), "GET", "/_plugins/_security/authinfo")
    assert who["roles"] == [ANALYST.name]
    await analysts.disable("maria.k")
    assert await status(FIRST) == 401
    assert Analyst("maria.k", enabled=False) in await analysts.all()
    with pytest.raises(ConfigError, match="is disabled"):
        await analysts.reset("maria.k", SECOND)
    await analysts.enable("maria.k", SECOND)
    assert (await status(FIRST), await status(SECOND)) == (401, 200)
    await analysts.reset("maria.k", FIRST)
    assert (await status(FIRST), await status(SECOND)) == (200, 401)

    assert all("password" not in body for body in api.sent)
    hashes = [body["hash"].encode() for body in api.sent]
    assert [bcrypt.checkpw(FIRST.encode(), each) for each in hashes] == [True, False, False, True]
    rows = [row for row in await custody.rows() if "maria.k" in row["custody"]["body"]]
    assert [row["event"]["action"] for row in rows] == [
        "account_created",
        "account_disabled",
        "account_enabled",
        "account_password_reset",
    ]
    assert rows[0]["custody"]["reason"] == "ticket 7"


async def test_accounts_of_others_are_neither_listed_nor_touched(secured, desk):
    analysts, api, custody = desk
    await SecurityApi(secured.admin).put(USERS, "kibanaserver", {"password": "window-basil-forty-9"})
    before = len(await custody.rows())

    assert {"kibanaserver", ADMIN.name}.isdisjoint(one.name for one in await analysts.all())
    for name in ("kibanaserver", ADMIN.name):
        with pytest.raises(ConfigError, match="was not made here"):
            await analysts.disable(name)
    with pytest.raises(ConfigError, match="there is an account kibanaserver already"):
        await analysts.create("kibanaserver", FIRST)
    with pytest.raises(ConfigError, match="there is no account nobody"):
        await analysts.reset("nobody", FIRST)
    assert (api.sent, len(await custody.rows())) == ([], before)


@pytest.mark.parametrize("name", ["maria@corp.example", "atlaslens-writer2", "x", "../roles/all", "a b"])
async def test_a_name_that_does_not_fit_is_refused(desk, name):
    with pytest.raises(ConfigError, match="name does not fit"):
        await desk[0].create(name, FIRST)
