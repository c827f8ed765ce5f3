"""``rules`` as a user runs it, and alerts of ``sync``."""

from __future__ import annotations

from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.simulator import JIRA_AUDIT
from tests.integration.cli.conftest import wall_ms

GRANT = {
    "summary": "Global permission added",
    "category": "permissions",
    "objectItem": {"name": "Global Permissions", "typeName": "PERMISSIONS"},
    "changedValues": [{"fieldName": "Group", "changedTo": "contractors"}],
    "associatedItems": [],
}


async def count_alerts(client):
    await client.indices.refresh(index="atlaslens-alerts")
    return (await client.count(index="atlaslens-alerts"))["count"]


async def test_rules_are_listed_and_tested(program, open_site):
    async with open_site("rules-tested") as (_, env_file):
        listed = await program("rules", "list", "--env-file", env_file, "--json")
        tested = await program("rules", "test", "--rule", "mass-deletion", "--env-file", env_file)
        unknown = await program("rules", "test", "--rule", "none-such", "--env-file", env_file)

    assert {rule["name"] for rule in listed.json["rules"]} == load_catalogue().rules.keys()
    assert (tested.code, tested.out) == (0, "6 of 6 samples of 1 rules are as they must be\n")
    assert (unknown.code, unknown.error) == (2, "error: no rule is called none-such: see: rules list")


async def test_sync_alerts_on_what_is_new_and_replay_shows_the_past_too(program, open_site):
    async with open_site("rules-synced", size=10) as (rig, env_file):
        old_ms, new_ms = wall_ms() - 40 * 86_400_000, wall_ms() - 120_000
        for at_ms in (old_ms, new_ms):
            rig.simulator.site.feed(JIRA_AUDIT).add(at_ms, at_ms, override=GRANT)
        await program("sync", "--env-file", env_file)
        found = await rig.client.search(
            index="atlaslens-alerts", body={"query": {"term": {"atlassian.site": rig.site}}}
        )
        before = await count_alerts(rig.client)
        options = ("--from", "2020-01-01", "--to", "2100-01-01", "--rule", "global-permission-granted")
        replayed = await program("rules", "replay", *options, "--env-file", env_file, "--json")
        table = await program("rules", "replay", *options, "--env-file", env_file)
        wrong = await program(
            *("rules", "replay", "--from", "2026-02-01", "--to", "2026-01-01", "--env-file", env_file)
        )
        after = await count_alerts(rig.client)

    alerts = [hit["_source"] for hit in found["hits"]["hits"]]
    granted = [each for each in alerts if each["alert"]["rule"] == "global-permission-granted"]
    assert len(granted) == 1
    shown = [each for each in replayed.json["alerts"] if each["group"]["name"] == "contractors"]
    assert len(shown) == 2
    assert granted[0]["key"] in {each["id"] for each in shown}
    assert table.err.splitlines()[-1].endswith(" alerts")
    assert "What would have alerted" in table.out
    assert wrong.code == 2
    assert before == after
