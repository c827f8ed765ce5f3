"""A window that breaks off keeps what it got: the next one reads the rest only."""

from __future__ import annotations

from atlaslens_forwarder.simulator import JIRA_AUDIT, FaultPlan
from tests.integration.rig import query_ms

PATIENT = {"bucket_size": 100_000}


async def test_what_was_delivered_is_not_read_again(rigs):
    rig = await rigs.open("broken-off", size=900, page_limit=50, service={"backfill_slice_days": 365})
    site = rig.simulator.site
    site.set_faults(FaultPlan(page_limit=50, expires_after=6, **PATIENT))

    failed = rig.report(await rig.sync(wanted=[JIRA_AUDIT]), JIRA_AUDIT)

    assert failed.status.value == "expired"
    assert not failed.ok
    (kept,) = (await rig.cursor(JIRA_AUDIT)).covered.spans
    windows = await rig.windows(JIRA_AUDIT)
    assert windows[-1]["covered"] is False
    assert min(span["from_ms"] for window in windows for span in window["read"]) == kept[0]
    stored = len(await rig.events(JIRA_AUDIT))
    assert stored > 100

    site.set_faults(FaultPlan(page_limit=50, **PATIENT))
    before = len(rig.pages(JIRA_AUDIT))
    rig.clock.forward(minutes=1)
    reports = await rig.sync(wanted=[JIRA_AUDIT])

    assert rig.report(reports, JIRA_AUDIT).ok
    backfill = [
        request for request in rig.pages(JIRA_AUDIT)[before:] if query_ms(JIRA_AUDIT, request) < kept[0]
    ]
    assert backfill
    assert rig.report(reports, JIRA_AUDIT).tally.repeat < 50
    await rig.assert_equals_truth_of(JIRA_AUDIT)
    (whole,) = (await rig.cursor(JIRA_AUDIT)).covered.spans
    assert whole[1] > kept[1]
