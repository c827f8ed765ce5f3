"""A real Prometheus with our rules scrapes a running forwarder, and sees an alert fire and clear."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from pathlib import Path

import httpx
import pytest
import yaml

from atlaslens_forwarder.simulator import FaultPlan

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "prometheus"
RULES = "atlaslens.rules.yml"


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def prometheus(prometheus_folder, tmp_path):
    """Starts a Prometheus on a forwarder's endpoint, with our rules but without their waiting times."""
    processes = []

    def start(target):
        rules = yaml.safe_load((FOLDER / RULES).read_text())
        for rule in rules["groups"][0]["rules"]:
            rule.pop("for", None)
        config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
        often = "500ms"
        config["global"] = {"scrape_interval": often, "evaluation_interval": often, "scrape_timeout": often}
        config["scrape_configs"][0]["static_configs"][0]["targets"] = [target]
        (tmp_path / RULES).write_text(yaml.safe_dump(rules))
        (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
        port = free_port()
        command = [
            prometheus_folder / "prometheus",
            f"--config.file={tmp_path}/prometheus.yml",
            f"--storage.tsdb.path={tmp_path}/tsdb",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        with (tmp_path / "log").open("wb") as log:
            processes.append(subprocess.Popen(command, stdout=log, stderr=log))
        return f"http://127.0.0.1:{port}"

    yield start
    for process in processes:
        process.terminate()
        process.wait(20)


async def test_a_token_that_expires_is_seen_and_so_is_its_end(serving, open_site, prometheus):
    async with (
        open_site("watched", size=40, service={"interval_s": 5}) as (rig, env_file),
        serving(env_file) as service,
    ):
        address = prometheus((await service.url()).removeprefix("http://"))
        async with httpx.AsyncClient(base_url=address) as client:

            async def failing():
                """The alerts on failing sources, None while Prometheus has not evaluated its rules yet."""
                with contextlib.suppress(httpx.TransportError, ValueError):
                    answer = (await client.get("/api/v1/rules")).json()["data"]["groups"]
                    rules = {rule["name"]: rule for group in answer for rule in group["rules"]}
                    if all(rule["lastEvaluation"][:4] != "0001" for rule in rules.values()) and rules:
                        return rules["AtlaslensSourceFailing"]["alerts"]
                return None

            async def when(wanted):
                async with asyncio.timeout(60):
                    while (found := await failing()) is None or bool(found) is not wanted:  # noqa: ASYNC110
                        await asyncio.sleep(0.2)
                return found

            await service.line("round done")
            assert await when(False) == []  # noqa: FBT003  no alert yet
            rig.simulator.site.set_faults(FaultPlan(bucket_size=100_000, expired_token=True))
            alerts = await when(True)  # noqa: FBT003
            assert {alert["labels"]["status"] for alert in alerts} == {"expired"}
            summaries = {alert["annotations"]["summary"] for alert in alerts}
            assert summaries <= {
                f"watched:{source} cannot be read (expired)" for source in ("jira-audit", "confluence-audit")
            }
            rig.simulator.site.set_faults(FaultPlan(bucket_size=100_000))
            assert await when(False) == []  # noqa: FBT003
