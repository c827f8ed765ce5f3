"""Two forwarders on one store, as processes: shared work, a pause, a kill, and the truth at the end."""

from __future__ import annotations

import json
import signal
import socket
import time

from atlaslens_forwarder.model.time import DAY_MS, parse_iso_ms
from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, JIRA_AUDIT
from tests.integration.cli.waiting import eventually
from tests.integration.rig import SOURCES

TTL_S = 3
TAKEOVER_S = TTL_S + TTL_S / 3
SLACK_S = 4.0
"""For a busy machine, where processes wait for their turn."""
SLOW = {
    "SERVICE__LEASE_TTL_S": str(TTL_S),
    "SERVICE__BACKFILL_SLICE_DAYS": "365",
    "SITES__PAIR__REQUESTS_PER_SECOND": "5",
}
BOTH = {"both:jira-audit", "both:confluence-audit", "alerts", "housekeeping", "seals"}
WORK = {"pair:jira-audit", "pair:confluence-audit", "alerts", "housekeeping", "seals"}


def logged_s(service, message, part=""):
    """When a process logged a message, epoch seconds."""
    lines = [line for line in service.lines if f'"{message}"' in line and part in line]
    return [parse_iso_ms(json.loads(line)["@timestamp"]) / 1000 for line in lines]


async def leases(rig):
    """The lease documents, by name."""
    await rig.client.indices.refresh(index="atlaslens-state")
    found = await rig.client.search(index="atlaslens-state", body={"query": {"term": {"kind": "lease"}}})
    return {hit["_source"]["connector"]: hit["_source"] for hit in found["hits"]["hits"]}


async def held_by(rig, service):
    """What a process holds."""
    pid = f":{service.process.pid}:"
    return {name for name, lease in (await leases(rig)).items() if pid in lease.get("holder", "")}


def holds(rig, service, count):
    """Whether a process holds so many leases, or more."""

    async def found():
        return len(await held_by(rig, service)) >= count

    return found


async def test_a_pause_and_a_kill_cost_nothing(serving, open_site, program):
    async with (
        open_site("pair", size=250, page_limit=10, more=SLOW) as (rig, env_file),
        serving(env_file) as first,
    ):
        await eventually(holds(rig, first, len(WORK)))

        async def first_is_reading():
            return len(rig.pages(JIRA_AUDIT)) >= 4 and len(rig.pages(CONFLUENCE_AUDIT)) >= 4

        await eventually(first_is_reading)
        first.process.send_signal(signal.SIGSTOP)
        async with serving(env_file) as second:
            await eventually(holds(rig, second, len(WORK)))
            (started_s,) = logged_s(second, "service started")
            taken_s = logged_s(second, "lease taken", f":{first.process.pid}:")
            assert len(taken_s) == len(WORK)
            assert min(taken_s) - started_s >= TTL_S
            assert max(taken_s) - started_s < TAKEOVER_S + SLACK_S
            status = await program("status", "--env-file", env_file)
            assert f":{second.process.pid}\n  holds alerts, housekeeping, pair:" in status.out
            first.process.send_signal(signal.SIGCONT)
            await first.line("lease lost")
            broken = await first.line("the lease of pair:jira-audit was lost")
            assert '"message":"window failed"' in broken.replace(": ", ":")

            await eventually(holds(rig, first, 2), 40)
            second.process.kill()
            killed_s = time.time()
            await eventually(holds(rig, first, len(WORK)))
            taken_s = logged_s(first, "lease taken", f":{second.process.pid}:")
            assert max(taken_s) - killed_s < TAKEOVER_S + SLACK_S

        async def all_is_covered():
            covered = [(await rig.cursor(source)).covered for source in SOURCES]
            return all(len(each.spans) == 1 and each.length_ms > 364 * DAY_MS for each in covered)

        await eventually(all_is_covered, 60)
        await rig.assert_equals_truth()
        found = await leases(rig)
        for source in SOURCES:
            state = await rig.client.get(index="atlaslens-state", id=f"cursor:pair:{source}")
            assert state["_source"]["state"]["fence"] == found[f"pair:{source}"]["state"]["token"] >= 3
            errors = [row["error"]["type"] for row in await rig.windows(source) if "error" in row]
            assert "FencedError" in errors
        assert (await first.end(signal.SIGTERM))[1] == 0
        assert {lease.get("holder", "") for lease in (await leases(rig)).values()} == {""}


async def test_sync_beside_two_runs_is_answered_by_the_holders(serving, open_site, program):
    more = {"SERVICE__LEASE_TTL_S": str(TTL_S), "SERVICE__INTERVAL_S": "600"}
    async with (
        open_site("both", size=40, more=more) as (rig, env_file),
        serving(env_file) as one,
        serving(env_file) as two,
    ):

        async def is_shared():
            return sorted([len(await held_by(rig, one)), len(await held_by(rig, two))]) == [2, 3]

        await eventually(is_shared)
        rig.simulator.site.feed(JIRA_AUDIT).add(rig.clock() - 90_000, rig.clock())
        rig.simulator.site.feed(CONFLUENCE_AUDIT).add(rig.clock() - 90_000, rig.clock())

        synced = await program("sync", "--env-file", env_file, "--json")

        assert synced.code == 0
        assert "reading here" not in synced.err
        await rig.assert_equals_truth()
        assert (await one.end(signal.SIGTERM))[1] == 0
        await eventually(holds(rig, two, len(BOTH)))
        assert [line for line in one.lines if "lease given back" in line]
        waited = [line for line in two.lines if '"lease taken"' in line and '"holder"' in line]
        assert not waited, "what was given back is free at once"
        two.process.kill()

        async def its_silence_is_told():
            told = (await program("status", "--env-file", env_file)).out
            head = f"silent forwarder: {socket.gethostname()}:{two.process.pid}, for "
            return head in told and f"  had {', '.join(sorted(BOTH))}\n" in told

        await eventually(its_silence_is_told)


async def test_a_second_host_without_the_key_file_is_told_so(program, open_site, tmp_path):
    async with open_site("keyed", size=20) as (_, env_file):
        assert (await program("sync", "--env-file", env_file)).code == 0
        elsewhere = {"ATLASLENS_DATA_DIR": str(tmp_path / "host2")}

        refused = await program("run", "--env-file", env_file, env=elsewhere)

        assert refused.code == 2
        assert "there is no key file" in refused.error
        assert "copy it from another machine" in refused.error
        assert not (tmp_path / "host2" / "keys").exists()
