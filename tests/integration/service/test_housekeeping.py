"""Months expire by the time of their events, and no re-reading brings an expired one back."""

from __future__ import annotations

import time

import pytest

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS, iso_ms
from atlaslens_forwarder.service.housekeeping import keep_house
from atlaslens_forwarder.simulator import JIRA_AUDIT
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from tests.integration.rig import Clock


def month_of(at_ms):
    return f"atlaslens-audit-{iso_ms(at_ms)[:7].replace('-', '.')}"


@pytest.fixture
async def rig(rigs, request):
    """A site read when 460 days were kept; the clock is right, since deleting needs that."""
    clock = Clock(time.time_ns() // 1_000_000)
    rig = await rigs.open(
        f"old-{request.node.name.split('_')[2]}",
        clock=clock,
        size=200,
        span_days=455,
        service={"retention_days": 460},
    )
    rig.simulator.site.feed(JIRA_AUDIT).add(clock() - 364 * DAY_MS, clock())
    await rig.sync()
    await rig.assert_equals_truth()
    rig.settings = rig.settings.model_copy(
        update={"service": rig.settings.service.model_copy(update={"retention_days": 365})}
    )
    return rig


async def keep(rig):
    async with rig.forwarder() as forwarder:
        await keep_house(
            forwarder.store, Telemetry(Metrics()), rig.clock(), rig.settings.service.retention_days
        )


async def months(rig):
    rows = await rig.client.cat.indices(index="atlaslens-audit-*", params={"format": "json", "h": "index"})
    return {row["index"] for row in rows}


async def test_an_expired_month_goes_and_stays_away_while_364_days_are_kept(rig):
    now_ms = rig.clock()
    expired = month_of(now_ms - 440 * DAY_MS)
    year_old = iso_ms(now_ms - 364 * DAY_MS)
    assert expired in await months(rig)

    await keep(rig)

    left = await months(rig)
    assert expired not in left
    assert month_of(now_ms - 364 * DAY_MS) in left
    assert year_old in {doc["@timestamp"] for doc in await rig.events(JIRA_AUDIT)}

    rig.clock.forward(hours=20)  # our clock and the store's must agree within a day
    rig.clock.forward(days=8)
    reports = await rig.sync()  # the weekly re-reading of all that the site still serves
    assert rig.report(reports, JIRA_AUDIT).status.value == "ok"
    windows = await rig.windows(JIRA_AUDIT)
    assert any(window["purpose"] == "reread-weekly" for window in windows)
    assert await months(rig) & {name for name in left if name < month_of(now_ms - 400 * DAY_MS)} == set()
    assert expired not in await months(rig)


async def test_a_sync_since_the_beginning_does_not_bring_an_expired_month_back(rig):
    await keep(rig)
    left = await months(rig)
    rig.clock.forward(minutes=5)

    await rig.sync(since_ms=rig.clock() - 450 * DAY_MS)

    assert await months(rig) == left


async def test_housekeeping_makes_the_months_ahead(rig):
    await keep(rig)

    assert month_of(rig.clock() + 32 * DAY_MS - MINUTE_MS) in await months(rig)


async def test_a_wrong_clock_deletes_nothing(rig):
    before = await months(rig)
    rig.clock.forward(days=200)

    with pytest.raises(StoreError, match="clock"):
        await keep(rig)

    assert before <= await months(rig)
