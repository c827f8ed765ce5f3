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
    """Requests of a process; its heartbeat is gone after the test."""
    made = []

    def make():
        made.append(Requests(clean_store, StateStore(clean_store, clock=clock), clock))
        return made[-1]

    yield make
    for each in made:
        await each.end()


async def test_runs_are_active_for_what_they_read_together_until_they_end(make_requests):
    run, second, other = make_requests(), make_requests(), make_requests()
    assert await other.active_runs() == []

    await run.beat(NAMES, stored=3)

    assert await other.active_runs() == [run.holder]
    assert await other.active_runs(NAMES[:1]) == [run.holder]
    assert await other.active_runs(["b:jira-audit", NAMES[0]]) == []
    await second.beat(["b:jira-audit"], stored=4)
    assert sorted(await other.active_runs(["b:jira-audit", NAMES[0]])) == sorted([run.holder, second.holder])
    assert await other.stored_by_runs() == 7
    await run.end()
    await second.end()
    assert await other.active_runs() == []


async def test_a_run_that_is_silent_is_dead_and_cleared_away(make_requests, clock):
    run, other = make_requests(), make_requests()
    await run.beat(NAMES)
    asked = await other.ask(NAMES, None)
    clock.now_ms += DEAD_AFTER_MS

    assert await other.active_runs() == []
    clock.now_ms += 10 * DEAD_AFTER_MS
    await make_requests().clear_dead()
    assert await other.progress(asked.values()) == []


async def test_a_request_is_served_by_the_holder_and_by_the_next_one_after_it(make_requests):
    asking, wrong, right, late = (make_requests() for _ in range(4))
    asked = await asking.ask(NAMES, 12345)

    assert await wrong.take(["b:x"]) == []
    (request,) = await right.take(NAMES[:1])
    assert (request.id, request.connector, request.since_ms) == (asked[NAMES[0]], NAMES[0], 12345)
    assert await right.take(NAMES[:1]) == []
    await right.answer(request, "running", {"rows": 3})
    (again,) = await late.take(NAMES[:1])
    assert again == request
    await late.answer(again, "done", {"status": "ok"})
    assert await right.take(NAMES[:1]) == []
    answers = {doc.connector: doc.value for doc in await asking.progress(asked.values())}
    assert answers[NAMES[0]]["phase"] == "done"
    assert answers[NAMES[0]]["result"] == {"status": "ok"}
    assert answers[NAMES[1]]["phase"] == "asked"
    await asking.withdraw(asked.values())
    await late.answer(again, "done", {})
    assert await asking.progress(asked.values()) == []


async def test_a_run_tells_its_progress_and_keeps_house(rigs, make_requests, clock):
    clock.now_ms = time.time_ns() // 1_000_000
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
        requests = Requests(rig.client, forwarder.store.state, clock)
        supervisor = Supervisor(
            forwarder,
            requests,
            telemetry,
            counts,
            interval_s=600,
            lease_ttl_s=3,
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
                (answer,) = await asking.progress(asked.values())
                result = answer.value["result"]
                seen.append((result.get("status", answer.value["phase"]), result.get("rows", 0)))
                if answer.value["phase"] == "done":
                    break
                await asyncio.sleep(0.2)
        stop.set()
        await running

    assert seen[-1][0] == "ok"
    assert not await rig.client.indices.exists(index=long_ago)
    assert len({rows for status, rows in seen if status == "running"}) > 2
