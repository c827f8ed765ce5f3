"""An upgrade of a store in use, as docs/operations.md has it: set-up first, the former version runs on."""

from __future__ import annotations

import asyncio
import copy

import pytest

from atlaslens_forwarder import __version__
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.provision.templates import load_templates
from atlaslens_forwarder.service.round import sync_once
from atlaslens_forwarder.simulator import JIRA_AUDIT
from atlaslens_forwarder.storage.names import EVENTS_ALIAS
from tests.integration.cli.conftest import wall_ms
from tests.integration.rig import SOURCES

ATLASSIAN = "atlaslens-atlassian"
NEW_FIELDS = ("sla", "time_spent_s")
"""Fields of activity: what the former version stores here has none of them."""
DAY_MS = 86_400_000


def former():
    """The templates of the version before: some fields fewer."""
    templates = copy.deepcopy(load_templates())
    for body in (*templates.component.values(), *templates.index.values()):
        mappings = body["template"].get("mappings", {})
        for meta in (body["_meta"], mappings.get("_meta", {})):
            if meta:
                meta["version"] -= 1
        body["version"] -= 1
    properties = templates.component[ATLASSIAN]["template"]["mappings"]["properties"]["atlassian"][
        "properties"
    ]
    for name in NEW_FIELDS:
        del properties[name]
    return templates


@pytest.fixture
async def former_store(clean_store):
    """The store as the former version set it up; as ours again at the end."""
    ours = load_templates()

    async def without_templates():
        await clean_store.indices.delete(index=",".join(await clean_store.indices.get(index="atlaslens-*")))
        for name in ours.index:
            await clean_store.indices.delete_index_template(name=name)
        for name in ours.component:
            await clean_store.cluster.delete_component_template(name=name)

    await without_templates()
    options = SetupOptions(now_ms=wall_ms())
    await apply_plan(clean_store, await make_plan(clean_store, options, former()))
    yield clean_store
    await without_templates()


async def months_with(client, name):
    """Live months of events, and those of them that know a field."""
    found = await client.indices.get_mapping(index=EVENTS_ALIAS)
    fields = {
        index: body["mappings"]["properties"]["atlassian"]["properties"] for index, body in found.items()
    }
    return set(found), {index for index in found if name in fields[index]}


async def operations(client):
    """How many operations each index has seen."""
    stats = await client.indices.stats(index="atlaslens-*", metric="docs", params={"level": "shards"})
    return {
        name: [shard["seq_no"]["max_seq_no"] for copies in entry["shards"].values() for shard in copies]
        for name, entry in stats["indices"].items()
    }


async def test_an_upgrade_keeps_what_is_stored_and_a_downgrade_is_refused(program, open_site, former_store):
    client = former_store
    async with open_site("upgraded", size=80) as (rig, env_file):
        env = ("--env-file", env_file)
        async with rig.forwarder() as running:
            await sync_once(running, asyncio.Event())
            before = [event for source in SOURCES for event in await rig.events(source)]
            months, _ = await months_with(client, "sla")
            frozen = min(months)
            await client.indices.put_settings(index=frozen, body={"index.blocks.write": True})

            too_early = await program("sync", *env)
            upgraded = await program("setup", *env, "--json")
            checked = await program("setup", *env, "--check", "--json")
            rig.simulator.site.feed(JIRA_AUDIT).add(rig.clock() - 90_000, rig.clock())
            await sync_once(running, asyncio.Event())

        assert (too_early.code, "run: atlaslens-forwarder setup" in too_early.error) == (2, True)
        assert (upgraded.code, checked.code, checked.json["drift"]) == (0, 0, False)
        grown = {item["name"] for item in upgraded.json["items"] if item["kind"] == "mapping"} - {
            "atlaslens-*"
        }
        assert months <= grown
        for name in NEW_FIELDS:
            there, knowing = await months_with(client, name)
            assert frozen in there == knowing

        after = [event for source in SOURCES for event in await rig.events(source)]
        assert len(before) == 80
        assert len(after) == 81
        assert all(event in after for event in before)
        span = ("--from", iso_ms(rig.clock() - 400 * DAY_MS), "--to", iso_ms(rig.clock()))
        exported = await program("export", *env, *span, "-o", "all.jsonl", "--json")
        verified = await program("verify", "all.jsonl")
        again = await program("sync", *env, "--json")
        assert (exported.code, verified.code) == (0, 0), (exported, verified)
        assert (again.code, again.json["totals"]["stored"], again.json["totals"]["conflict"]) == (0, 0, 0)

        ours = load_templates().component[ATLASSIAN]
        version = ours["version"]
        newer = {**ours, "_meta": {**ours["_meta"], "version": version + 1, "forwarder": "99.1.0"}}
        await client.cluster.put_component_template(name=ATLASSIAN, body=newer)
        seen = await operations(client)
        refused = await asyncio.gather(
            *(
                program(*command, *env)
                for command in (
                    ("setup",),
                    ("setup", "--check"),
                    ("sync",),
                    ("run",),
                    ("status",),
                    ("export", *span, "-o", "none.jsonl"),
                )
            )
        )
        assert [ended.code for ended in refused] == [2] * len(refused)
        for ended in refused:
            assert f"newer forwarder (99.1.0, schema {version + 1})" in ended.error
            assert f"({__version__}, schema {version})" in ended.error
        assert await operations(client) == seen
        assert not (program.folder / "none.jsonl").exists()
