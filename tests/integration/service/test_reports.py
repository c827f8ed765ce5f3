"""Scheduled reports from a real store: due, made once by two runners, caught up, and verified."""

from __future__ import annotations

import asyncio

from atlaslens_forwarder.evidence.verify import verify
from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.service.custody_log import EXPORTED
from atlaslens_forwarder.service.reports.book import Books
from atlaslens_forwarder.service.reports.definition import parse_reports
from atlaslens_forwarder.service.reports.making import ReportMaker
from atlaslens_forwarder.service.reports.watch import ReportWatch
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.simulator import JIRA_AUDIT
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry

FILE = "reports:\n  day: {every: daily, keep: 2}\n  bad: {every: daily, filter: {groups: [nobody]}}\n"


async def test_each_period_is_made_once_and_verifies(rigs, tmp_path):
    rig = await rigs.open("reported", size=120, span_days=20)
    rig.simulator.site.feed(JIRA_AUDIT).add(rig.clock() - 90_000, rig.clock())
    await rig.sync()
    reports = parse_reports("reports.yml", FILE)
    folder = tmp_path / "reports"
    metrics = Metrics()
    async with open_store(rig.settings, rig.clock) as store:

        def watch():
            maker = ReportMaker(store, folder, rig.settings.signing_path, rig.clock)
            return ReportWatch(maker, reports, Telemetry(metrics), rig.clock)

        def counted(report, *outcomes):
            return sum(
                metrics.value("atlaslens_reports_total", report=report, outcome=each) for each in outcomes
            )

        one, two = watch(), watch()
        await one.tick()
        assert not folder.exists()  # a new report begins with the period under way
        rig.clock.forward(days=1)
        await asyncio.gather(one.tick(), two.tick())
        assert not folder.exists() or not list(folder.iterdir())  # time is missing, and may yet be read
        rig.clock.forward(minutes=61)
        await asyncio.gather(one.tick(), two.tick())

        assert [each.name for each in folder.iterdir()] == ["day-2026-11-23.zip"]
        assert counted("day", "made", "holes") == 1
        assert counted("bad", "failed") >= 1
        assert verify(folder / "day-2026-11-23.zip").ok
        assert ((await Books(store.state).open("day", 0)).of("2026-11-23").count or 0) >= 1

        rig.clock.forward(days=3)
        again = watch()  # after an outage: another process
        await again.tick()
        rig.clock.now_ms += 61 * MINUTE_MS
        await again.tick()
        assert counted("day", "made", "holes") == 4
        assert sorted(each.name for each in folder.iterdir()) == ["day-2026-11-25.zip", "day-2026-11-26.zip"]
        assert len(await store.custody.rows([EXPORTED])) == 4
