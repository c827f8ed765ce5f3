"""Sources that share a credential: neither many windows nor slow answers of one hold up the others."""

from __future__ import annotations

import asyncio

from atlaslens_forwarder.service.forwarder import open_forwarder
from atlaslens_forwarder.service.overview import overview
from atlaslens_forwarder.service.progress import RoundCounts
from atlaslens_forwarder.service.requests import Requests
from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, JIRA_AUDIT
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry

FAST_WINDOWS = {"backfill_slice_days": 5, "parallel_windows": 16}


async def until(condition, timeout_s=20):
    """Wait until it holds at the server."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  it happens elsewhere
            await asyncio.sleep(0.01)


async def test_a_poll_passes_the_backfill_of_another_source(rigs):
    rig = await rigs.open("turns", service=FAST_WINDOWS, site_changes={"requests_per_second": 15})
    async with rig.forwarder() as forwarder:
        by_source = {connector.source: found for connector, found in forwarder.connectors.items()}
        stop = asyncio.Event()
        backfill = asyncio.ensure_future(by_source[JIRA_AUDIT].round(stop))
        await until(lambda: len(rig.pages(JIRA_AUDIT)) > 20)
        before = len(rig.pages(JIRA_AUDIT))

        other = asyncio.ensure_future(by_source[CONFLUENCE_AUDIT].round(stop))
        await until(lambda: rig.pages(CONFLUENCE_AUDIT))

        # Two requests prove access, the third is the poll; served in order of arrival each would wait for 16.
        assert len(rig.pages(JIRA_AUDIT)) - before < 16
        assert not backfill.done()
        stop.set()
        await asyncio.gather(backfill, other)


async def test_a_run_tells_status_how_far_its_backfill_is(rigs):
    service = {"backfill_slice_days": 5, "parallel_windows": 2}
    rig = await rigs.open("told", service=service, site_changes={"requests_per_second": 10})
    counts, stop = RoundCounts(), asyncio.Event()
    telemetry = Telemetry(Metrics(), counts)
    async with open_forwarder(rig.settings, telemetry, rig.clock, wanted=(JIRA_AUDIT,)) as forwarder:
        (connector,) = forwarder.connectors.values()
        requests = Requests(forwarder.store.client, forwarder.store.state, rig.clock)
        counts.begin(connector.id)
        reading = asyncio.ensure_future(connector.round(stop))
        await until(lambda: counts.of(connector.id)["left_s"])
        await requests.beat([str(connector.id)], counts.under_way())

        found = (await overview(forwarder.store, 365, rig.clock))["progress"][str(connector.id)]

        assert found["windows"] > 50
        assert 0 < found["windows_done"] < found["windows"]
        assert 0.01 <= found["share"] < 1
        assert found["rows_per_s"] > 0
        assert 0 < found["left_s"] < 60
        assert found["status"] == "running"
        stop.set()
        await reading
        counts.end(connector.id)
        await requests.beat(counts.under_way())
        assert (await overview(forwarder.store, 365, rig.clock))["progress"] == {}
        await requests.end()


async def test_an_interrupted_backfill_goes_on_where_it_was(rigs):
    rig = await rigs.open("resumed", service={"backfill_slice_days": 20, "parallel_windows": 1})
    stop = asyncio.Event()
    telemetry = Telemetry(Metrics(), RoundCounts())
    async with open_forwarder(rig.settings, telemetry, rig.clock, wanted=(JIRA_AUDIT,)) as forwarder:
        (connector,) = forwarder.connectors.values()
        reading = asyncio.ensure_future(connector.round(stop))
        await until(lambda: len(rig.pages(JIRA_AUDIT)) > 5)
        stop.set()
        report = await reading
    assert 1 < report.windows_covered < report.windows_planned

    again = rig.report(await rig.sync(wanted=(JIRA_AUDIT,)), JIRA_AUDIT)

    assert again.windows_planned <= report.windows_planned - report.windows_covered + 1
    await rig.assert_equals_truth_of(JIRA_AUDIT)
