"""The long-running service as a process: probes, new rows, requests of other processes, an orderly end."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import time

import httpx
import pytest

from atlaslens_forwarder.simulator import JIRA_AUDIT
from tests.integration.rig import SOURCES

END_S = 10.0


async def eventually(condition, timeout_s=20.0):
    """Wait until it holds."""
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110  it comes true in another process
            await asyncio.sleep(0.2)


async def test_it_answers_probes_picks_up_new_rows_and_ends_on_sigterm(serving, open_site):
    async with open_site("served", size=80) as (rig, env_file), serving(env_file) as service:
        async with httpx.AsyncClient(base_url=await service.url()) as client:

            async def is_ready():
                return (await client.get("/readyz")).status_code == 200

            await eventually(is_ready)
            assert (await client.get("/healthz")).json()["loop_lag_ms"] < 30_000
            assert (await client.get("/nothing")).status_code == 404

            async def history_is_there():
                return sum([len(await rig.events(source)) for source in SOURCES]) == 80

            await eventually(history_is_there)
            rig.simulator.site.feed(JIRA_AUDIT).add(rig.clock() - 90_000, rig.clock())
            rows = len(list(rig.simulator.truth(JIRA_AUDIT)))

            async def new_row_is_there():
                return len(await rig.events(JIRA_AUDIT)) == rows

            await eventually(new_row_is_there)
            sealed = json.loads(await service.line("store sealed"))
            metrics = (await client.get("/metrics")).text
            status = await program_json(service, "status", env_file)

        took_s, code = await service.end(signal.SIGTERM)

    assert 'atlaslens_source_status{site="served",source="jira-audit",status="ok"} 1.0' in metrics
    assert status["run"] is not None
    assert (status["seals"]["number"], status["seals"]["hash"]) == (sealed["seal"], sealed["seal_hash"])
    prefix = re.search(r"^atlaslens_seal_hash_prefix (\S+)$", metrics, flags=re.MULTILINE)
    assert f"{int(float(prefix[1])):013x}" == sealed["seal_hash"][:13]
    assert (code, took_s < END_S) == (0, True)
    for line in service.lines[1:]:
        assert json.loads(line)["ecs.version"]
    assert {"service started", "service stopping", "service stopped"} <= {
        json.loads(line)["message"] for line in service.lines if line.startswith("{")
    }


async def program_json(service, command, env_file):
    return (await service._program(command, "--env-file", env_file, "--json")).json


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("slow", {"slow": 1.0, "slow_s": 25.0}),
        ("waiting", {"throttle": 1.0, "retry_after_s": 60, "failures_in_a_row": 1000}),
    ],
)
async def test_it_ends_on_ctrl_c_also_while_a_request_hangs(serving, open_site, name, faults):
    async with open_site(f"hang-{name}", size=40, **faults) as (rig, env_file), serving(env_file) as service:
        await service.url()

        async def was_asked():
            return bool(rig.simulator.requests)

        await eventually(was_asked)
        took_s, code = await service.end(signal.SIGINT)
        rig.simulator.site.set_faults(type(rig.simulator.site.faults)())

    assert (code, took_s < END_S) == (0, True), took_s


async def test_it_ends_while_opensearch_is_away(serving, open_site):
    more = {"OPENSEARCH__URL": "http://127.0.0.1:9"}
    async with open_site("storeless", more=more) as (_, env_file), serving(env_file) as service:
        async with asyncio.timeout(20):
            assert await service.process.wait() == 3


async def test_sync_asks_the_run_and_follows_it(program, serving, open_site):
    more = {"SERVICE__INTERVAL_S": "600"}
    async with open_site("asked", size=80, more=more) as (rig, env_file), serving(env_file) as service:
        await service.line("asked:jira-audit")
        await service.line('"round done"')
        rig.simulator.site.feed(JIRA_AUDIT).add(rig.clock() - 90_000, rig.clock())

        synced = await program("sync", "--source", "jira-audit", "--env-file", env_file, "--json")

        assert "asking the forwarder that is running" in synced.err
        assert synced.code == 0
        assert set(synced.json["connectors"]) == {"asked:jira-audit"}
        assert synced.json["totals"]["stored"] == 1
        assert await service.line("sync requested")
        rig.simulator.site.set_faults(type(rig.simulator.site.faults)(no_permission=("confluence",)))
        failed = await program("sync", "--env-file", env_file, "--json")
        assert failed.code == 4
        assert failed.json["failed"] == ["asked:confluence-audit"]
        await rig.client.indices.refresh(index="atlaslens-state")
        left = await rig.client.search(
            index="atlaslens-state", body={"query": {"term": {"kind": "sync-request"}}}
        )
        assert left["hits"]["total"]["value"] == 0
        assert (await service.end(signal.SIGTERM))[1] == 0


async def test_a_run_of_one_source_is_not_asked_for_another(program, serving, open_site):
    async with (
        open_site("partial", size=80) as (rig, env_file),
        serving(env_file, "--source", "jira-audit") as service,
    ):
        await service.line('"round done"')

        synced = await program("sync", "--source", "confluence-audit", "--env-file", env_file, "--json")

        assert "asking" not in synced.err
        assert synced.json["totals"]["stored"] == len(await rig.events("confluence-audit")) == 32
        assert (await service.end(signal.SIGTERM))[1] == 0


async def test_a_run_that_was_killed_is_noticed(program, serving, open_site):
    async with open_site("killed", size=80) as (rig, env_file):
        async with serving(env_file) as service:
            await service.line('"round done"')
            service.process.kill()
            await service.process.wait()

        synced = await program("sync", "--env-file", env_file, "--json")

        assert "asking the forwarder that is running" in synced.err
        assert "reading here instead" in synced.err
        assert synced.code == 0
        rig.clock = lambda: 0  # compare all rows, however young
        assert synced.json["failed"] == []


async def test_sync_ends_on_ctrl_c_while_a_request_hangs(program, open_site):
    async with open_site("impatient", size=40, slow=1.0, slow_s=25.0) as (rig, env_file):
        process = await program.start("sync", "--env-file", env_file)

        async def was_asked():
            return bool(rig.simulator.requests)

        await eventually(was_asked)
        started_s = time.monotonic()
        process.send_signal(signal.SIGINT)
        ended = await program.finish(process)

    assert ended.code == 130
    assert "interrupted" in ended.err
    assert time.monotonic() - started_s < END_S + 2


async def test_a_running_forwarder_goes_over_to_rotated_keys(program, open_site, serving):
    async with open_site("rotating") as (rig, env_file), serving(env_file) as service:
        await service.url()
        rotated = await program("keys", "rotate", "--env-file", env_file, "--json")
        listed = await program("keys", "list", "--env-file", env_file, "--json")
        await service.line("keys rotated")
        current = {key["use"]: key["id"] for key in json.loads(listed.out)["keys"] if key["current"]}
        assert rotated.code == listed.code == 0
        assert json.loads(rotated.out) == json.loads(listed.out)

        rig.simulator.site.feed(JIRA_AUDIT).add(rig.clock() - 61_000, rig.clock())

        async def stored_under_the_new_key():
            docs = await rig.events(JIRA_AUDIT)
            return any(doc["event"]["hash"].startswith(current["origin"]) for doc in docs)

        await eventually(stored_under_the_new_key)
