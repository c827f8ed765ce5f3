"""One connector that hangs or fails keeps no other from its rounds."""

from __future__ import annotations

import asyncio
import random
from types import SimpleNamespace

import pytest

from atlaslens_forwarder.errors import TransientError
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.service import supervisor as module
from atlaslens_forwarder.service.connector import RoundReport
from atlaslens_forwarder.service.progress import RoundCounts
from atlaslens_forwarder.service.round import sync_once
from atlaslens_forwarder.service.supervisor import Supervisor
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from tests.unit.service.state_in_memory import State


class Job:
    """Rounds that end well at once, unless told otherwise."""

    least_interval_s = 0.0

    def __init__(self, source, act=None):
        self.id = ConnectorId("acme", source)
        self.rounds = 0
        self._act = act

    async def round(self, stop, since_ms=None, hold=None):
        self.rounds += 1
        report = RoundReport(self.id, SourceStatus.OK)
        if self._act is not None:
            await self._act(report)
        return report


async def hang(_report):
    await asyncio.sleep(3600)


async def break_off(_report):
    raise RuntimeError("unforeseen")


async def fail(report):
    report.error = TransientError("throttled", status=SourceStatus.THROTTLED, wait_s=3600)
    report.status = SourceStatus.THROTTLED


class Requests:
    """Nobody asks for anything; what is told with the heartbeat is kept."""

    holder = "here:1:a"

    def __init__(self):
        self.told = {}

    async def beat(self, names, progress, stored):
        self.told = progress

    async def end(self):
        return None

    async def take(self, held):
        return []


@pytest.mark.parametrize("trouble", [hang, break_off, fail])
async def test_the_others_go_on(monkeypatch, trouble):
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.02)
    monkeypatch.setattr("atlaslens_forwarder.service.stopping.GRACE_S", 0.05)
    bad, good = Job("bad", trouble), Job("good")
    requests, counts, stop = Requests(), RoundCounts(), asyncio.Event()
    state = State()
    forwarder = SimpleNamespace(
        connectors={job.id: job for job in (bad, good)}, store=SimpleNamespace(state=state)
    )
    supervisor = Supervisor(
        forwarder, requests, Telemetry(Metrics(), counts), counts,
        interval_s=0.01, lease_ttl_s=3, retention_days=365, clock=lambda: 0, rng=random.Random(1),
    )  # fmt: skip
    supervisor._keep_house = supervisor._follow_keys = lambda: asyncio.sleep(0)
    running = asyncio.ensure_future(supervisor.run(stop))

    await asyncio.sleep(0.5)
    told = requests.told
    stop.set()
    await asyncio.wait_for(running, 5)

    assert good.rounds > 10
    assert bad.rounds < good.rounds / 2
    assert ("acme:bad" in told) == (trouble is hang)
    assert {doc.holder for doc in state.docs.values()} == {""}, "what was held is given back"


async def test_a_failing_source_spoils_no_round_of_another():
    jobs = [Job("bad", fail), Job("good")]
    forwarder = SimpleNamespace(connectors={job.id: job for job in jobs})

    reports = await sync_once(forwarder, asyncio.Event())

    assert [report.status for report in reports.values()] == [SourceStatus.THROTTLED, SourceStatus.OK]
