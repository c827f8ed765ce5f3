"""One budget, several readers: who waits for whom, and what becomes of turns that nobody uses."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest
from aiolimiter import AsyncLimiter

from atlaslens_forwarder.http.access import Api, SiteAccess, TokenKind
from atlaslens_forwarder.http.budget import FairBudget, per_rolling, per_second
from atlaslens_forwarder.http.client import AtlassianClient
from tests.unit.http.conftest import Seen


class Counting(AsyncLimiter):
    """Writes down what is taken, and when."""

    def __init__(self, rate, period_s):
        super().__init__(rate, period_s)
        self.taken = 0

    async def acquire(self, amount=1):
        await super().acquire(amount)
        self.taken += 1


async def test_a_reader_that_comes_late_waits_for_one_request_of_each_other():
    budget, order = FairBudget(per_second(100)), []

    async def one(reader):
        await budget.acquire(reader)
        order.append(reader)

    async with asyncio.TaskGroup() as group:
        for _ in range(150):  # the first 100 pass at once
            group.create_task(one("backfill"))
        for _ in range(5):
            group.create_task(one("other"))
        await asyncio.sleep(0.05)
        group.create_task(one("poll"))
        behind = len(order)

    # The permit that was waited for, one of each other reader, and one that was had but not yet written down.
    assert order.index("poll") - behind <= 4
    assert len(order) == 156


async def test_within_one_reader_the_first_comes_first():
    budget, order = FairBudget(AsyncLimiter(1, 0.001)), []

    async def one(number):
        await budget.acquire("reader")
        order.append(number)

    await asyncio.gather(*(one(number) for number in range(30)))

    assert order == [*range(30)]


async def test_cancelled_waiters_take_nothing_and_hold_up_nobody():
    limiter = Counting(1, 0.02)
    budget = FairBudget(limiter)
    tasks = [asyncio.ensure_future(budget.acquire(f"reader-{number % 3}")) for number in range(12)]
    await asyncio.sleep(0.01)  # one has its permit, one waits at the limiter, ten in line

    for task in tasks[1::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert [isinstance(result, asyncio.CancelledError) for result in results] == [False, True] * 6
    assert limiter.taken == 6
    assert budget.waiting == 0
    await asyncio.wait_for(budget.acquire("reader-0"), 1)


async def test_a_turn_that_was_handed_to_somebody_who_is_cancelled_goes_on():
    budget = FairBudget(AsyncLimiter(1_000, 1))
    blocker = budget._turn("first")
    await blocker.__aenter__()
    waiting = [asyncio.ensure_future(budget.acquire(name)) for name in ("second", "third", "fourth")]
    await asyncio.sleep(0)

    waiting[1].cancel()  # still in line when the turn is passed on, and cancelled already
    await blocker.__aexit__(None, None, None)
    waiting[0].cancel()  # holds the turn and does not know it yet

    await asyncio.wait_for(waiting[2], 1)
    *dropped, served = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in dropped] == [asyncio.CancelledError] * 2
    assert served is None


@pytest.mark.parametrize(("amount", "period_s"), [(900, 3600.0), (10, 60.0), (1, 60.0), (100_000, 3600.0)])
def test_no_stretch_of_the_period_holds_more_than_the_allowance(amount, period_s):
    limiter = per_rolling(amount, period_s)

    evenly = period_s * limiter.max_rate / limiter.time_period

    assert limiter.max_rate + evenly <= max(amount, 2) + 1e-6
    assert limiter.max_rate >= 1


@pytest.mark.parametrize("rate", [0.1, 1, 10, 1000])
def test_a_rate_lets_a_second_through_at_once(rate):
    limiter = per_second(rate)

    assert limiter.max_rate / limiter.time_period == pytest.approx(rate)
    assert limiter.max_rate == max(1, rate)


@pytest.fixture
async def ask():
    """Requests of named readers through one client, at a server that is slow where it is asked to be."""

    async def answer(request):
        await asyncio.sleep(float(request.url.params.get("slow", 0)))
        return httpx.Response(200, json={})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        access = SiteAccess("acme", "https://acme.example", "", "", TokenKind.CLASSIC, "a@b.example", "t")
        seen = Seen()
        client = AtlassianClient(
            access, http, budget=FairBudget(per_second(50)), observer=seen, clock=lambda: 0
        )

        async def one(reader, **params):
            await client.for_reader(reader).get(Api.JIRA, "/", params, endpoint="any")
            return time.monotonic()

        one.seen = seen
        yield one


async def test_a_poll_passes_the_backfill_of_another_source(ask):
    backfill = [asyncio.ensure_future(ask("backfill")) for _ in range(120)]  # 1.4 s beyond the burst
    await asyncio.sleep(0.1)
    started_s = time.monotonic()

    took_s = await ask("poll") - started_s

    assert took_s < 0.2
    assert sum(not task.done() for task in backfill) > 40
    await asyncio.gather(*backfill)
    assert {reason for _, reason, _ in ask.seen.waits} == {"budget"}


async def test_a_slow_source_holds_no_turn(ask):
    slow = [asyncio.ensure_future(ask("slow", slow="1")) for _ in range(30)]
    await asyncio.sleep(0.02)
    started_s = time.monotonic()

    took_s = await ask("quick") - started_s

    assert took_s < 0.3
    assert not any(task.done() for task in slow)
    await asyncio.gather(*slow)


async def test_a_budget_tells_what_it_has_left():
    budget = FairBudget(per_rolling(100, 3600))
    burst = budget.available

    for _ in range(5):
        await budget.acquire()

    assert burst == 20
    assert budget.available == pytest.approx(15, abs=0.5)
    assert budget.waiting == 0
