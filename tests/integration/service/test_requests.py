"""How one process asks another for a round: who answers, how far it is, and what happens when nobody does."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.service.forwarder import open_forwarder
from atlaslens_forwarder.service.progress import RoundCounts
from atlaslens_forwarder.service.requests import DEAD_AFTER_MS, Requests
from atlaslens_forwarder.service.supervisor import Supervisor
from atlaslens_forwarder.storage.names import Family, month_index
from atlaslens_forwarder.storage.state import StateStore
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from tests.integration.rig import Clock

NAMES = ("a:jira-audit", "a:confluence-audit")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def make_requests(clean_store, clock):
    """Requests of a process that reads these connectors; its heartbeat is gone after the test."""
    made = []

    def make(*connectors):
        made.append(Requests(clean_store, StateStore(clean_store, clock=clock), clock, connectors))
        return made[-1]

    yield make
    for each in made:
        await each.end()


async def test_a_run_is_active_for_what_it_reads_until_it_ends(make_requests):
    run, other = make_requests(*NAMES), make_requests()
    assert await other.active_run() is None

    await run.beat()

    assert await other.active_run() == run.holder
    assert await other.active_run(NAMES[:1]) == run.holder
    assert await other.active_run(["b:jira-audit"]) is None
    await run.end()
    assert await other.active_run() is None


async def test_a_run_that_is_silent_is_dead_and_cleared_away(make_requests, clock, clean_store):
    run, other = make_requests(*NAMES), make_requests()
    await run.beat()
    asked = await other.ask(NAMES, None)
    clock.now_ms += DEAD_AFTER_MS

    assert await other.active_run() is None
    clock.now_ms += 10 * DEAD_AFTER_MS
    await make_requests("b:jira-audit").clear_dead()
    assert await other.progress(asked) is None


async def test_a_request_is_taken_once_by_a_run_that_can_serve_it(make_requests):
    asking, wrong, right, late = (make_requests(*names) for names in ((), ["b:x"], NAMES, NAMES))
    asked = await asking.ask(NAMES[:1], 12345)

    assert await wrong.take() == []
    (request,) = await right.take()
    assert (request.id, request.connectors, request.since_ms) == (asked, NAMES[:1], 12345)
    assert await late.take() == []
    await right.answer(asked, "done", {"a:jira-audit": {"status": "ok"}})
    answer = await asking.progress(asked)
    assert answer.value["phase"] == "done"
    await asking.withdraw(asked)
    await right.answer(asked, "done", {})
    assert await asking.progress(asked) is None


async def test_a_run_tells_its_progress_and_keeps_house(rigs, make_requests):
    clock = Clock(time.time_ns() // 1_000_000)
    rig = await rigs.open("followed", clock=clock, size=300, page_limit=8, service={"parallel_windows": 1})
    asking = make_requests()
    counts, stop = RoundCounts(), asyncio.Event()
    rig.settings = rig.settings.model_copy(
        update={
            "sites": {
                "followed": rig.settings.sites["followed"].model_copy(update={"requests_per_second": 12.0})
            }
        }
    )
    telemetry = Telemetry(Metrics(), counts)
    seen: list[tuple[str, int]] = []
    async with open_forwarder(rig.settings, telemetry, clock) as forwarder:
        requests = Requests(
            rig.client, forwarder.store.state, clock, [str(connector) for connector in forwarder.connectors]
        )
        supervisor = Supervisor(
            forwarder,
            requests,
            telemetry,
            counts,
            interval_s=600,
            retention_days=365,
            clock=clock,
            rng=random.Random(1),
        )
        long_ago = month_index(Family.AUDIT, clock() - 430 * DAY_MS)
        await forwarder.store.months.ensure_months([long_ago])
        asked = await asking.ask(["followed:jira-audit"], None)
        running = asyncio.ensure_future(supervisor.run(stop))
        async with asyncio.timeout(60):
            while True:
                answer = await asking.progress(asked)
                result = answer.value["connectors"].get("followed:jira-audit", {})
                seen.append((result.get("status", answer.value["phase"]), result.get("rows", 0)))
                if answer.value["phase"] == "done":
                    break
                await asyncio.sleep(0.2)
        stop.set()
        await running

    assert seen[-1][0] == "ok"
    assert not await rig.client.indices.exists(index=long_ago)
    assert len({rows for status, rows in seen if status == "running"}) > 2
