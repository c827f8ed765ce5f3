"""What comes over the wire is accounted for, row by row, in the window ledger."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from tests.integration.rig import SOURCES, Rigs

OUTCOMES = ("stored", "repeat", "conflict", "quarantined", "skipped_retention")


@pytest.fixture(scope="module")
async def rig(clean_store, opensearch_url, keys_folder):
    """A site with twins, bursts, poison and rows older than the retention, read several times."""
    async with AsyncExitStack() as stack:
        yield await read_twice(Rigs(stack, clean_store, opensearch_url, keys_folder))


async def read_twice(rigs):
    rig = await rigs.open(
        "conserved",
        size=500,
        span_days=380,
        twin_rate=0.1,
        burst_every=100,
        burst_size=30,
        page_limit=25,
        poisoned_rows=4,
        lying_total=True,
        lying_size=True,
        server_error=0.1,
        arriving_rows=1,
        arriving_late_rows=1,
        arriving_limit=40,
    )
    await rig.sync()
    rig.clock.forward(days=8)
    await rig.sync()
    return rig


async def test_rows_served_are_rows_counted(rig):
    for source in SOURCES:
        served = sum(request["rows"] for request in rig.pages(source) if request["status"] == 200)
        counted = sum(window["rows"] for window in await rig.windows(source))
        assert counted == served > 300


async def test_every_row_has_one_outcome_or_a_reason(rig):
    for source in SOURCES:
        windows = await rig.windows(source)
        assert len(windows) > 8
        for window in windows:
            assert window["complete"]
            assert window["events"] == sum(window[outcome] for outcome in OUTCOMES)
            assert window["rows"] == window["events"] + sum(window["rows_without_event"].values())
        assert sum(window["rows_without_event"].get("page_border", 0) for window in windows) > 0
        assert sum(window["quarantined"] for window in windows) >= 4


async def test_the_ledger_tells_how_many_events_there_are(rig):
    for source in SOURCES:
        stored = sum(window["stored"] for window in await rig.windows(source))
        assert stored == len(await rig.events(source))


async def test_ledger_rows_are_numbered_without_gaps(rig):
    for source in SOURCES:
        numbers = [window["number"] for window in await rig.windows(source)]
        assert numbers == list(range(1, len(numbers) + 1))
