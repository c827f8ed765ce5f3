"""Whatever readers come, wait and go: permits are conserved, turns are fair, nobody is forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.http.budget import FairBudget

READERS = ("a", "b", "c", "d")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.sampled_from(READERS)),
        st.tuples(st.just("permit"), st.integers(1, 3)),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
        st.tuples(st.just("breathe"), st.just(0)),
    ),
    max_size=60,
)


class Permits:
    """A limiter whose permits the test gives out one by one."""

    max_rate, time_period = 1.0, 1.0

    def __init__(self):
        self.given = asyncio.Semaphore(0)
        self.taken = 0

    async def acquire(self, amount=1):
        await self.given.acquire()
        self.taken += 1


class Scene:
    """A budget and those who came to it."""

    def __init__(self):
        self.permits = Permits()
        self.budget = FairBudget(self.permits)
        self.tasks = []
        self.order = []
        self.given = 0

    async def come(self, reader):
        await self.budget.acquire(reader)
        self.order.append(reader)

    def permit(self, count):
        self.given += count
        for _ in range(count):
            self.permits.given.release()

    async def breathe(self):
        for _ in range(12):
            await asyncio.sleep(0)


async def play(steps):
    scene = Scene()
    cancelled = set()
    for step, value in steps:
        if step == "come":
            scene.tasks.append(asyncio.ensure_future(scene.come(value)))
        elif step == "permit":
            scene.permit(value)
        elif step == "cancel" and scene.tasks:
            task = scene.tasks[value % len(scene.tasks)]
            if task.cancel():
                cancelled.add(task)
        else:
            await scene.breathe()
    waiting = [task for task in scene.tasks if not task.done() and task not in cancelled]
    scene.permit(len(waiting))
    results = await asyncio.wait_for(asyncio.gather(*scene.tasks, return_exceptions=True), 5)
    return scene, results


@given(STEPS)
@settings(deadline=None)
def test_every_permit_serves_somebody_or_is_left(steps):
    scene, results = asyncio.run(play(steps))

    served = sum(result is None for result in results)
    # A permit that was taken in the very step in which its taker was cancelled is the only one unused.
    assert served <= scene.permits.taken <= scene.given
    assert scene.permits.taken - served <= sum(result is not None for result in results)
    assert scene.budget.waiting == 0
    assert not scene.budget._taken


@given(st.lists(st.sampled_from(READERS), min_size=1, max_size=40))
@settings(deadline=None)
def test_while_two_readers_wait_neither_gets_two_more_than_the_other(arrivals):
    async def run():
        scene = Scene()
        scene.tasks = [asyncio.ensure_future(scene.come(reader)) for reader in arrivals]
        await scene.breathe()
        for _ in arrivals:
            scene.permit(1)
            await scene.breathe()
        await asyncio.gather(*scene.tasks)
        return scene.order

    order = asyncio.run(run())

    assert Counter(order) == Counter(arrivals)
    left, got = Counter(arrivals), Counter()
    for reader in order:
        left[reader] -= 1
        got[reader] += 1
        hungry = [got[each] for each in left if left[each] > 0]
        # The very first comer took the turn before anybody else was there.
        assert not hungry or got[reader] - min(hungry) <= 2
