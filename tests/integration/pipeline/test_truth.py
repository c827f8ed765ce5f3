"""The store holds what the site holds, record by record, whatever goes wrong on the way."""

from __future__ import annotations

from dataclasses import replace

from atlaslens_forwarder.model.time import HOUR_MS, MINUTE_MS
from atlaslens_forwarder.simulator import JIRA_AUDIT, FaultPlan
from tests.integration.rig import SOURCES, query_ms

EVERYTHING = replace(FaultPlan.everything(), bucket_size=100_000)
QUIET = {"arriving_rows": 0, "arriving_late_rows": 0}


async def test_a_full_sync_through_every_fault_stores_every_record_once(rigs):
    plan = replace(EVERYTHING, **QUIET)
    rig = await rigs.open("faults", size=1200, plan=plan)

    reports = await rig.sync()

    assert {report.status.value for report in reports.values()} == {"ok"}
    await rig.assert_equals_truth()
    assert sum(report.tally.conflict for report in reports.values()) == 0


async def test_a_moving_site_is_followed_through_polls_and_re_readings(rigs):
    # Every kind of failure, but fewer of those that cost a second of waiting each.
    rare = dict.fromkeys(("throttle", "throttle_zero", "throttle_html", "unavailable"), 0.01)
    plan = replace(EVERYTHING, burst_size=60, burst_every=300, **rare)
    rig = await rigs.open("moving", size=700, plan=plan)
    rounds = [await rig.sync()]
    for step in ({"minutes": 40}, {"minutes": 30}, {"hours": 5}, {"hours": 20}, {"days": 3}):
        rig.clock.forward(**step)
        rounds.append(await rig.sync())
    assert rig.simulator.site.world.names.renamed()
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, **QUIET))
    rig.clock.forward(days=8)
    rounds.append(await rig.sync())

    await rig.assert_equals_truth()
    for report in (report for reports in rounds for report in reports.values()):
        assert report.error is None
        assert report.tally.conflict == 0
        assert report.conserved
    for source in SOURCES:
        # Late rows of a day are found by the daily re-reading, back-dated ones by the weekly one.
        late = [doc for doc in await rig.events(source) if doc["atlassian"]["late"]]
        assert len(late) == sum(rig.report(reports, source).tally.late for reports in rounds)
        assert rig.report(rounds[4], source).tally.late >= EVERYTHING.late_rows
        assert rig.report(rounds[6], source).tally.late >= EVERYTHING.back_dated_rows


async def test_a_second_sync_of_an_unchanged_site_stores_nothing_and_asks_for_the_overlap_only(rigs):
    rig = await rigs.open("unchanged", size=300)
    await rig.sync()
    before = {source: len(rig.pages(source)) for source in SOURCES}
    rig.clock.forward(minutes=5)

    reports = await rig.sync()

    assert sum(report.tally.stored for report in reports.values()) == 0
    for source in SOURCES:
        asked = rig.pages(source)[before[source] :]
        assert asked
        assert min(query_ms(source, request) for request in asked) >= rig.clock() - HOUR_MS - MINUTE_MS


async def test_rows_that_keep_arriving_are_stored_by_the_next_poll(rigs):
    rig = await rigs.open("arriving", size=300)
    await rig.sync()
    rig.clock.forward(minutes=3)
    rig.simulator.site.feed(JIRA_AUDIT).add(rig.clock(), rig.clock())

    assert rig.report(await rig.sync(), JIRA_AUDIT).tally.stored == 0
    rig.clock.forward(minutes=2)
    assert rig.report(await rig.sync(), JIRA_AUDIT).tally.stored == 1
    await rig.assert_equals_truth()
