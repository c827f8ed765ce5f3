"""Every command on a real store: what it prints, and the code it ends with."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from atlaslens_forwarder.cli.main import cli
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.simulator import JIRA_AUDIT, FaultPlan
from atlaslens_forwarder.storage.months import MonthKeeper
from atlaslens_forwarder.storage.names import Family, month_index
from atlaslens_forwarder.storage.plugins import Plugins
from tests.integration.rig import SOURCES

COMMANDS = [
    (),
    ("config",),
    ("config", "check"),
    ("coverage",),
    ("custody",),
    ("custody", "list"),
    ("custody", "verify"),
    ("demo",),
    ("export",),
    ("gaps",),
    ("hold",),
    ("hold", "add"),
    ("hold", "list"),
    ("hold", "remove"),
    ("keys",),
    ("keys", "generate"),
    ("keys", "list"),
    ("keys", "rotate"),
    ("quarantine",),
    ("quarantine", "list"),
    ("quarantine", "replay"),
    ("run",),
    ("seals",),
    ("seals", "export"),
    ("seals", "head"),
    ("seals", "list"),
    ("seals", "make"),
    ("seals", "verify"),
    ("setup",),
    ("simulate",),
    ("status",),
    ("sync",),
    ("verify",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command):
    ended = CliRunner().invoke(cli, [*command, "--help"], prog_name="atlaslens-forwarder")

    assert ended.exit_code == 0
    assert ended.stdout.startswith(f"Usage: {' '.join(('atlaslens-forwarder', *command))} ")
    assert ended.stderr == ""


async def test_exit_codes_are_part_of_the_help(program):
    out = (await program("--help")).out
    for code in ("0 ok", "1 a check failed", "2 usage", "3 a server is unreachable", "4 some sources failed"):
        assert code in " ".join(out.split())


async def test_the_main_job_from_set_up_to_status(program, open_site):
    async with open_site("main", size=200, poisoned_rows=2) as (rig, env_file):
        env = ("--env-file", env_file)
        assert (await program("setup", *env, "--json")).code == 0
        synced = await program("sync", *env, "--json")
        again = await program("sync", *env, "--json")
        status = await program("status", *env, "--json")
        text = await program("status", *env)
        quarantine = await program("quarantine", "list", *env, "--json")
        replayed = await program("quarantine", "replay", *env, "--json")
        await rig.assert_equals_truth()

    assert (synced.code, synced.json["failed"]) == (0, [])
    assert set(synced.json["connectors"]) == {f"main:{name}" for name in SOURCES}
    assert synced.json["totals"]["stored"] == 200
    assert (again.code, again.json["totals"]["stored"]) == (0, 0)
    found = status.json
    assert found["store"]["append_only"] is True
    assert found["sources"]["main:jira-audit"]["status"] == "ok"
    assert found["coverage"]["verdict"] == "provisional"
    assert (
        found["ledger"]["main:jira-audit"]["stored"] + found["ledger"]["main:confluence-audit"]["stored"]
        == 200
    )
    assert found["coverage"]["connectors"]["main:jira-audit"]["holes"] == []
    assert found["coverage"]["connectors"]["main:jira-audit"]["provisional_from"]
    assert "main:jira-audit" in text.out
    assert quarantine.json["count"] == found["quarantine"]["open"] == 4
    assert replayed.code == 1
    assert replayed.json == {"outcomes": {"refused": 4}, "left": 4}


async def test_sync_of_one_source_since_a_day_reads_it_again(program, open_site):
    async with open_site("since", size=100) as (rig, env_file):
        await program("sync", "--env-file", env_file)
        day = iso_ms(rig.clock() - 60 * 86_400_000)[:10]
        asked = await program(
            "sync", "--source", "jira-audit", "--since", day, "--env-file", env_file, "--json"
        )
        expected = sum(1 for _ in rig.simulator.truth(JIRA_AUDIT, rig.clock() - 60 * 86_400_000))

    assert set(asked.json["connectors"]) == {"since:jira-audit"}
    assert asked.json["totals"]["stored"] == 0
    assert asked.json["totals"]["repeat"] >= expected > 0


async def test_sync_removes_an_expired_month(program, open_site, opensearch):
    async with open_site("tidy") as (rig, env_file):
        long_ago = month_index(Family.AUDIT, rig.clock() - 430 * 86_400_000)
        await MonthKeeper(opensearch, plugins=Plugins()).ensure_months([long_ago])

        assert (await program("sync", "--env-file", env_file)).code == 0

        assert not await opensearch.indices.exists(index=long_ago)


async def test_a_source_that_fails_is_exit_4_and_told_in_one_line(program, open_site):
    async with open_site("failing", no_permission=("jira",)) as (_, env_file):
        as_json = await program("sync", "--env-file", env_file, "--json")
        text = await program("sync", "--env-file", env_file)

    assert as_json.code == text.code == 4
    assert as_json.json["failed"] == ["failing:jira-audit"]
    assert as_json.json["connectors"]["failing:confluence-audit"]["stored"] == 24
    assert "failing:jira-audit: the account is not allowed to read this: give it the permission" in text.err


async def test_set_up_is_idempotent_and_notices_drift(program, open_site, opensearch):
    async with open_site("drift") as (_, env_file):
        env = ("--env-file", env_file)
        assert (await program("setup", *env)).code == 0
        assert (await program("setup", "--check", *env)).code == 0
        second = await program("setup", *env, "--json")
        assert (second.json["drift"], second.json["applied"]) == (False, True)
        await opensearch.cluster.put_component_template(
            name="atlaslens-ecs", body={"template": {"mappings": {}}}
        )

        drifted = await program("setup", "--check", *env, "--json")
        refused = await program("status", *env)
        repaired = await program("setup", *env)

        assert drifted.code == 1
        assert [item["name"] for item in drifted.json["items"] if item["diff"]] == ["atlaslens-ecs"]
        assert refused.code == 2
        assert refused.error.endswith("run: atlaslens-forwarder setup")
        assert repaired.code == 0
        assert (await program("setup", "--check", *env)).code == 0


async def test_an_export_verifies_until_a_byte_changes(program, open_site):
    async with open_site("evidence", size=120) as (rig, env_file):
        env = ("--env-file", env_file)
        await program("sync", *env)
        await program("seals", "make", *env)
        file, redacted = program.folder / "evidence.zip", program.folder / "redacted"
        bounds = ("--from", iso_ms(rig.clock() - 300 * 86_400_000)[:10], "--to", iso_ms(rig.clock())[:10])
        order = ("export", *bounds, "--format", "csv", "--format", "jsonl", "-o", file, *env)
        exported = await program(*order, "--json")
        again = await program(*order)
        key = exported.json["signing_key"]
        good = await program("verify", file, "--trust", key, "--store", "--json", *env)
        public = await program("keys", "signing", "export-public", "-o", program.folder / "key.pem", *env)
        rotated = await program("keys", "signing", "rotate", "--json", *env)
        windows = await program(
            "export", "--view", "sync-health", *bounds, "-o", program.folder / "w.zip", *env, "--json"
        )
        await _signing_keys_are_looked_after(program, Path(rotated.json["path"]), env)
        proof = program.folder / "row.json"
        proven = await program("prove", file, "--row", "3", "-o", proof)
        of_row = await program("verify", proof, "--trust", program.folder / "key.pem")
        await rig.client.indices.delete(index="atlaslens-seals")
        await program("setup", *env)
        unsealed = await program("verify", file, "--store", "--json", *env)
        noted = await program("custody", "list", "--action", "keys_changed", "--json", *env)
        withheld = await program("redact", file, "-o", redacted, "--rows", "2,4-6", "--reason", "x", *env)
    assert exported.json["count"] >= 120
    assert again.code == 2
    assert (good.code, good.json["ok"]) == (0, True)
    checks = {check["name"]: check["verdict"] for check in good.json["checks"]}
    assert checks["store"] == checks["seal"] == checks["key"] == "ok"
    lacking = [check["name"] for check in unsealed.json["checks"] if check["verdict"] == "failed"]
    assert (unsealed.code, lacking) == (1, ["seal"])
    assert public.code == 0
    assert json.dumps(noted.json).count("signing") == 2
    assert [each["state"][:5] for each in rotated.json["keys"]] == ["signs", "signs"]
    assert windows.json["count"] > 0
    assert (await program("verify", program.folder / "w.zip", "--trust", key)).code == 0
    assert (proven.code, of_row.code) == (0, 0)
    assert proof.stat().st_mode & 0o007 == 0
    assert (await program("verify", file, "--row", "3")).code == 0
    assert (await program("verify", file, "--row", "3", "--strict")).code == 1
    assert withheld.code == 0
    left = await program("verify", redacted, "--json", "--trust", key)
    assert (left.code, left.json["ok"]) == (0, True)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    assert (await program("verify", file)).code == 1


async def _signing_keys_are_looked_after(program, signing, env):
    asked = ("--from", "2020-01-01", "--to", "2020-01-02", "-o", program.folder / "x.zip", *env)
    await asyncio.to_thread(signing.chmod, 0o644)
    readable = await program("export", *asked)
    await asyncio.to_thread(signing.rename, signing.with_name("lost.json"))
    lost = await program("export", *asked)
    await asyncio.to_thread(signing.with_name("lost.json").rename, signing)
    await asyncio.to_thread(signing.chmod, 0o600)
    assert (readable.code, lost.code) == (2, 2)
    assert "chmod 600" in readable.error
    assert lost.error.endswith("restore it from your backup")


async def test_config_check_shows_settings_without_secrets(program, open_site):
    async with open_site("shown") as (rig, env_file):
        as_json = await program("config", "check", "--env-file", env_file, "--json")
        text = await program("config", "check", "--env-file", env_file)

    assert as_json.json["settings"]["sites"]["shown"]["api_token"] == "set"
    assert as_json.json["connectors"] == [f"shown:{name}" for name in SOURCES]
    assert rig.simulator.url in text.out


async def test_without_a_store_only_static_gaps_are_listed_and_that_is_said(program):
    ended = await program("gaps", "--json")
    text = await program("gaps")

    assert (ended.code, ended.json["live"]) == (0, None)
    assert all(set(gap) >= {"product", "what", "why", "closes"} for gap in ended.json["static"])
    assert (text.code, "bitbucket" in text.out) == (0, True)
    assert "no store" in text.err


async def test_gaps_of_a_source_are_listed_while_open_and_afterwards_on_request(program, open_site):
    async with open_site("gapped", size=40, free_plan=("jira",)) as (rig, env_file):
        env = ("--env-file", env_file)
        assert (await program("setup", *env)).code == 0
        await program("sync", *env)
        found = await program("gaps", *env, "--json")
        text = await program("gaps", *env)
        status = await program("status", *env)
        status_json = await program("status", *env, "--json")
        rig.simulator.site.set_faults(FaultPlan(bucket_size=100_000))
        await program("sync", *env)
        now = await program("gaps", *env, "--json")
        ever = await program("gaps", *env, "--all", "--json")
        told = await program("gaps", *env, "--all")

    def own(gaps):
        gaps = [gap for gap in gaps if gap["connector"] == "gapped:jira-audit"]
        return [(gap["reason"], gap["closed_at"] is None) for gap in gaps]

    assert set(found.json) == {"static", "live"}
    assert {gap["state"] for gap in found.json["static"]} == {"open"}
    assert own(found.json["live"]) == own(status_json.json["gaps"]["live"]) == [("no-plan", True)]
    assert "no-plan" in text.out
    assert "Gaps of your sources" in status.out
    assert own(now.json["live"]) == []
    assert own(ever.json["live"]) == [("no-plan", False)]
    assert "closed" in told.out


async def test_simulate_tells_where_it_is_and_ends_when_interrupted(program):
    process = await program.start("simulate", "--size", "10", "--json")
    assert process.stdout is not None
    told = json.loads(await process.stdout.readline())
    process.send_signal(2)
    ended = await program.finish(process)

    assert told["url"].startswith("http://127.0.0.1:")
    assert {"cloud_id", "email", "classic_token", "scoped_token", "bearer_token"} <= set(told)
    assert (ended.code, ended.out) == (0, "")
