"""Backup and restore as docs/operations.md tells them: its own commands, run by a shell, on real nodes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import stat
from contextlib import asynccontextmanager
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest

from atlaslens_forwarder.engine.node import EmbeddedOpenSearch
from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS, iso_ms
from atlaslens_forwarder.settings import OpenSearchSettings
from atlaslens_forwarder.simulator import JIRA_AUDIT
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from atlaslens_forwarder.storage.names import MONTHLY, SINGLE, Family, month_index, month_start_ms
from tests.integration.cli.conftest import PROGRAM
from tests.integration.people.test_sync import people

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operations.md"
SITE = "kept"
SOURCES = json.dumps(["jira-audit", "confluence-audit", "people"])


def commands(heading, until=r"\n##+ "):
    """The shell commands below a heading of the page."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n### {heading}\n", 1)[1]
    section = re.split(until, section, maxsplit=1)[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
    assert blocks, heading
    return "".join(blocks)


@pytest.fixture
def shell(program, tmp_path):
    """Runs the page's commands where an operator would: with the program on the path."""
    path = os.pathsep.join([str(PROGRAM.parent), os.environ.get("PATH", os.defpath)])
    (tmp_path / "backups").mkdir()

    async def run(heading, url, env_file, data_dir, until=r"\n##+ ", **more):
        environment = program.environment(
            {
                "PATH": path,
                "OPENSEARCH": url,
                "CURL_CONFIG": os.devnull,
                "DATA_DIR": str(data_dir),
                "BACKUPS": str(tmp_path / "backups"),
                "ATLASLENS_ENV_FILE": str(env_file),
            }
            | more
        )
        process = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            commands("Before you begin") + commands(heading, until),
            env=environment,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed = (await process.communicate())[0].decode()
        program.check(printed)
        assert process.returncode == 0, printed
        return printed

    return run


@pytest.fixture
async def empty_cluster(opensearch, engine_home, tmp_path):
    """Starts another node that has nothing but the session node's snapshots; the rig's site on it."""
    nodes = (await opensearch.nodes.info(metric="settings"))["nodes"]
    (settings,) = (node["settings"] for node in nodes.values())
    repository, folder = Path(settings["path"]["repo"][0]), tmp_path / "new"

    @asynccontextmanager
    async def opened(rig):
        shutil.copytree(repository, folder / "snapshots")
        async with EmbeddedOpenSearch(engine_home, folder, cluster_name="new", quick_start=True) as node:
            client = open_client(OpenSearchConfig(node.url))
            try:
                changes = {"opensearch": OpenSearchSettings(url=node.url)}
                yield replace(rig, settings=rig.settings.model_copy(update=changes), client=client)
            finally:
                await client.close()

    yield opened
    await opensearch.snapshot.delete_repository(repository="atlaslens")
    shutil.rmtree(repository / "atlaslens")


async def somebody(rig):
    """The account id of somebody whose address the store holds."""
    known = await people(rig)
    return next(account for account, person in known.items() if "email_sealed" in person)


async def test_a_lost_cluster_and_a_deleted_month_are_restored_by_the_page(
    open_site, program, shell, empty_cluster, tmp_path
):
    more = {f"SITES__{SITE.upper()}__SOURCES": SOURCES}
    async with open_site(SITE, size=120, more=more) as (rig, env_file):

        async def good(*arguments):
            ended = await program(*arguments, "--env-file", env_file)
            assert ended.code == 0, ended.out + ended.err
            return ended

        data_dir = rig.settings.data_dir
        await good("sync")
        await good("seals", "make")
        await shell("Back up", rig.settings.opensearch.url, env_file, data_dir)
        (backup,) = (tmp_path / "backups").glob("*.tar")
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600

        # What happens between the backup and the loss.
        account = await somebody(rig)
        await good("people", "forget", account, "--reason", "asked", "--yes")
        rig.simulator.site.feed(JIRA_AUDIT).add(rig.clock() - 90_000, rig.clock())
        await good("sync")
        await good("seals", "make")

        async with empty_cluster(rig) as new:
            url = new.settings.opensearch.url
            env_file.write_text(f"{env_file.read_text()}ATLASLENS_OPENSEARCH__URL={url}\n")
            printed = await shell("Restore", url, env_file, data_dir, NAME=backup.stem)

            assert "1 records were forgotten again" in printed
            assert "email_sealed" not in (await people(new))[account]
            await new.assert_equals_truth()
            from_text, to_text = iso_ms(rig.clock() - 100 * DAY_MS), iso_ms(rig.clock() - 10 * MINUTE_MS)
            covered = await good("coverage", "--from", from_text, "--to", to_text, "--json")
            assert {each["verdict"] for each in covered.json["connectors"].values()} <= {
                "complete",
                "provisional",
            }

            told = (await program("seals", "verify", "--env-file", env_file, "--json")).json
            assert {finding["kind"] for finding in told["findings"]} == {"rolled-back", "changed"}
            assert {finding["seal"] for finding in told["findings"] if finding["kind"] == "changed"} == {2}
            assert {notice["notice"] for notice in told["notices"]} == {"index-rebuilt"}

            month = month_index(Family.AUDIT, rig.clock())
            await new.client.indices.delete(index=month)
            since = iso_ms(month_start_ms(rig.clock()))
            options = {"NAME": backup.stem, "INDEX": month, "SINCE": since}
            await shell("Restore one index", url, env_file, data_dir, **options)
            await new.assert_equals_truth()

            # The data folder is lost as well: the copy of it has the keys that the store knows.
            shutil.rmtree(data_dir)
            await shell("Restore", url, env_file, data_dir, NAME=backup.stem, until="Then the indices")
            await good("status")
            await good("custody", "verify")


def test_the_snapshots_hold_every_index_of_ours_once_and_claims_come_before_what_they_claim():
    taken = re.findall(r"^take (\S+) '(.+)'$", commands("Back up"), flags=re.MULTILINE)
    names = [*(family.single_index for family in SINGLE), *(month_index(family, 0) for family in MONTHLY)]

    def holds(patterns, name):
        plus = [each for each in patterns.split(",") if not each.startswith("-")]
        minus = [each[1:] for each in patterns.split(",") if each.startswith("-")]
        return any(fnmatch(name, each) for each in plus) and not any(fnmatch(name, each) for each in minus)

    places = {
        name: [number for number, (_, patterns) in enumerate(taken) if holds(patterns, name)]
        for name in names
    }
    assert all(len(found) == 1 for found in places.values()), places
    (cursors,), (seals,) = places["atlaslens-state"], places["atlaslens-seals"]
    (ledger,), (custody,) = places[month_index(Family.WINDOWS, 0)], places["atlaslens-custody"]
    (events,) = places[month_index(Family.AUDIT, 0)]
    assert cursors < ledger < events
    assert seals < custody
