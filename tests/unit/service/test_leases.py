"""Leases as tasks see them: begun, ended, lost; and what a lost one may not write any more."""

from __future__ import annotations

import asyncio

import pytest

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.errors import FencedError, UnreachableError
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.pipeline.report import WindowReport
from atlaslens_forwarder.service.cursors import FENCE, OpenCursor
from atlaslens_forwarder.service.leases import Hold, Leases
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from tests.unit.service.state_in_memory import State

CONNECTOR = ConnectorId("acme", "jira-audit")
TTL_S = 0.3


class Rows:
    """A ledger that takes every row."""

    def __init__(self):
        self.reports = []

    async def append(self, report, number):
        self.reports.append((report.error, number))
        return number


class Outage(State):
    """A store that can go away."""

    away = False

    async def list(self, *kinds):
        if self.away:
            raise UnreachableError("OpenSearch does not answer")
        return await super().list(*kinds)


def hold(token, now_s=lambda: 0.0):
    return Hold(str(CONNECTOR), token, 10.0, now_s)


def report():
    return WindowReport(
        CONNECTOR, Window(1_000, 1_999, Purpose.POLL), 0, access_proven=True, end_reached=True
    )


def opened(state, rows, hold):
    return OpenCursor.load(CONNECTOR, state=state, ledger=rows, clock=lambda: 5_000, hold=hold)


async def test_a_new_holder_fences_the_old_one_before_it_has_read_anything():
    state, rows = State(), Rows()
    old = await opened(state, rows, hold(1))
    new = await opened(state, rows, hold(2))

    # The old one's clock stood still, so it believes in its lease.
    with pytest.raises(FencedError, match="taken over"):
        await old.commit(report())

    assert (await state.load(f"cursor:{CONNECTOR}")).value["covered"] == []
    await new.commit(report())
    stored = (await state.load(f"cursor:{CONNECTOR}")).value
    assert (stored["covered"], stored[FENCE]) == (Intervals.of([(1_000, 1_999)]).to_json(), 2)
    with pytest.raises(FencedError):
        await opened(state, rows, hold(1))


async def test_the_ledger_says_that_a_lease_was_lost():
    state, rows, now_s = State(), Rows(), 0.0
    lease = hold(1, lambda: now_s)
    cursor = await opened(state, rows, lease)
    now_s = 10.0

    with pytest.raises(FencedError, match="was lost"):
        await cursor.commit(report())

    ((error, number),) = rows.reports
    assert (type(error), number) == (FencedError, 1)
    assert (await state.load(f"cursor:{CONNECTOR}")).value["covered"] == []


async def test_a_round_without_a_lease_keeps_the_fence():
    state, rows = State(), Rows()
    await opened(state, rows, hold(7))

    await (await opened(state, rows, None)).commit(report())

    stored = (await state.load(f"cursor:{CONNECTOR}")).value
    assert (stored[FENCE], len(stored["covered"])) == (7, 1)


async def test_work_ends_when_the_store_is_away_and_begins_again_after_it():
    state, stop, metrics = Outage(), asyncio.Event(), Metrics()
    begun: asyncio.Queue[Hold] = asyncio.Queue()
    work: list[asyncio.Future[None]] = []

    async def do(hold):
        await hold.ending.wait()
        await leases.give_back(hold)

    def begin(hold):
        begun.put_nowait(hold)
        work.append(asyncio.ensure_future(do(hold)))

    leases = Leases(
        state, "here:1:a", ["x"], TTL_S,
        monotonic_s=asyncio.get_running_loop().time, telemetry=Telemetry(metrics), begin=begin,
    )  # fmt: skip
    running = asyncio.ensure_future(leases.run(stop))
    async with asyncio.timeout(10):
        first = await begun.get()
        assert [*leases.held] == ["x"]
        state.away = True
        await first.ending.wait()
        with pytest.raises(FencedError):
            first.check()
        state.away = False
        second = await begun.get()
        assert second.token == first.token + 1
        stop.set()
        await running
        await asyncio.gather(*work)

    assert state.docs["lease:x"].holder == ""
    assert metrics.value("atlaslens_leases_lost_total", connector="x") == 1
    assert metrics.value("atlaslens_lease_held", connector="x") == 0
