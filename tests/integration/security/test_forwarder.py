"""The forwarder with an account for each part, from a site to an export, and what ``status`` finds."""

from __future__ import annotations

import json
import time
from contextlib import AsyncExitStack

import pytest

from atlaslens_forwarder.errors import UnreachableError
from atlaslens_forwarder.provision.security.api import ROLES, SecurityApi
from atlaslens_forwarder.provision.security.roles import KEEPER, READER
from atlaslens_forwarder.service.account_rights import account_problems
from atlaslens_forwarder.service.housekeeping import keep_house
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.settings import AccountSettings
from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, JIRA_AUDIT
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from tests.integration.cli.conftest import Program
from tests.integration.rig import SOURCES, Clock, Rigs, env_text


@pytest.fixture
async def rig(secured, keys_folder):
    """A site of the present, on the secured node."""
    async with AsyncExitStack() as stack:
        rigs = Rigs(stack, secured.admin, secured.url, keys_folder)
        clock = Clock(time.time_ns() // 1_000_000)
        sources = {"sources": (*SOURCES, "people")}
        rig = await rigs.open("guarded", clock=clock, size=60, span_days=60, site_changes=sources)
        rig.settings = rig.settings.model_copy(update={"opensearch": secured.settings()})
        yield rig


async def test_each_account_does_its_part_and_all_is_there(secured, rig, tmp_path):
    reports = await rig.sync()
    assert all(report.error is None for report in reports.values()), reports
    await rig.assert_equals_truth()
    rig.clock.forward(days=8)  # every kind of re-reading is due; the reader tells repeats from conflicts
    again = await rig.sync()
    assert all(report.error is None for report in again.values()), again
    assert sum(rig.report(again, source).tally.repeat for source in (JIRA_AUDIT, CONFLUENCE_AUDIT)) > 30
    async with rig.forwarder() as forwarder:
        store = forwarder.store
        assert len({id(client) for client in (store.client, store.reader, store.keeper)}) == 3
        old = "atlaslens-audit-2020.01"
        await store.months.ensure_months([old])
        await keep_house(store, Telemetry(Metrics()), time.time_ns() // 1_000_000, 365)
        assert not await secured.admin.indices.exists(index=old)
        assert await account_problems(store, rig.clock()) == []
    await _commands(rig, secured, tmp_path)


async def _commands(rig, secured, tmp_path):
    """What an operator runs, in a process of its own."""
    apart = secured.settings()
    more = {"OPENSEARCH__CA_FILE": str(apart.ca_file)}
    for part, account in (("", apart), ("READER__", apart.reader), ("KEEPER__", apart.keeper)):
        more |= {
            f"OPENSEARCH__{part}USERNAME": account.username,
            f"OPENSEARCH__{part}PASSWORD": account.password.get_secret_value(),
        }
    env_file = tmp_path / "guarded.env"
    env_file.write_text(env_text(rig.settings, **more))
    program = Program(tmp_path)
    program.secrets |= set(secured.passwords.values())
    status = await program("status", "--json", "--env-file", env_file)
    assert (status.code, status.json["store"]["accounts"]) == (0, [])
    output = tmp_path / "out"
    interval = ("--from", "2020-01-01", "--to", "2030-01-01")
    export = await program("export", *interval, "-o", output, "--env-file", env_file)
    assert export.code == 0, export.err
    assert len([json.loads(line) for line in (output / "events.jsonl").read_text().splitlines()]) >= len(
        await rig.docs("audit")
    )
    refused = await program("setup", "--check", "--security", "--env-file", env_file)
    assert refused.code == 3
    assert "docs/security.md" in refused.error


async def _problems(settings, store_settings):
    changed = settings.model_copy(update={"opensearch": store_settings})
    async with open_store(changed, lambda: time.time_ns() // 1_000_000) as store:
        return await account_problems(store, time.time_ns() // 1_000_000)


async def test_a_keeper_without_delete_and_a_writer_with_it_are_noticed(secured, rig):
    usual = secured.settings()
    assert await _problems(rig.settings, usual) == []

    api = SecurityApi(secured.admin)
    weak = KEEPER.body()
    weak["index_permissions"][0]["allowed_actions"].remove("indices:admin/delete")
    await api.put(ROLES, KEEPER.name, weak)
    (found,) = await _problems(rig.settings, usual)
    await api.put(ROLES, KEEPER.name, KEEPER.body())
    assert "the keeper may not delete a month (indices:admin/delete)" in found

    everything = usual.model_copy(update={"username": usual.admin.username, "password": usual.admin.password})
    assert await _problems(rig.settings, everything) == [
        "the writer may read events, which it need not: see docs/security.md",
        "the writer may delete months, which it must not: see docs/security.md",
    ]
    assert await _problems(rig.settings, usual.model_copy(update={"reader": usual.admin})) == [
        "the reader may write events, which it must not: see docs/security.md"
    ]


async def test_an_account_that_is_not_let_in_is_named(secured, rig):
    wrong = secured.settings().model_copy(
        update={"reader": AccountSettings(username=READER.name, password="not-this-one")}
    )

    with pytest.raises(UnreachableError, match="log in as the reader"):
        await _problems(rig.settings, wrong)
