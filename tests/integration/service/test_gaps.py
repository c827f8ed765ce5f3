"""Live gaps open, carry the right period, close on evidence, and go with status, coverage and exports."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.state import Cursor
from atlaslens_forwarder.evidence.export import export
from atlaslens_forwarder.evidence.filters import ExportFilter, View
from atlaslens_forwarder.evidence.row_formats import ExportFormat
from atlaslens_forwarder.gaps.history import Holding
from atlaslens_forwarder.gaps.pulse import Pulse
from atlaslens_forwarder.gaps.reasons import GapReason
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS, iso_ms
from atlaslens_forwarder.service.gap_report import gaps_between, open_gaps
from atlaslens_forwarder.service.gap_store import GapStore
from atlaslens_forwarder.service.health import Health, save_health
from atlaslens_forwarder.service.round import sync_once
from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, EVERYWHERE, JIRA_AUDIT, FaultPlan
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.sources.source import Service
from atlaslens_forwarder.storage.state import StateStore

SMALL = {"size": 60}


def set_faults(rig, **faults):
    rig.simulator.site.set_faults(FaultPlan(**({"bucket_size": 100_000} | faults)))


def state(rig):
    return StateStore(rig.client, clock=rig.clock)


async def told(rig, source=JIRA_AUDIT, *, past=False):
    """The live gaps of one connector, but for what the settings leave out."""
    report = await open_gaps(state(rig), rig.clock(), past=past)
    return [gap for gap in report.live if gap["connector"] == f"{rig.site}:{source}"]


async def status(rig, source=JIRA_AUDIT):
    found = await rig.client.get(index="atlaslens-state", id=f"health:{rig.site}:{source}")
    return found["_source"]["state"]["status"]


def scoped(rig):
    """The rig's site, read with its scoped token through the gateway."""
    site = rig.settings.sites[rig.site]
    token = type(site.api_token)(rig.simulator.credentials.scoped_token)
    changes = {"token_kind": "scoped", "gateway_url": rig.simulator.url, "api_token": token}
    return rig.settings.model_copy(update={"sites": {rig.site: site.model_copy(update=changes)}})


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"free_plan": ("jira",)}, "no-plan"),
        ({"no_permission": ("jira",)}, "no-permission"),
        ({"no_scope": EVERYWHERE}, "no-scope"),
        ({"expired_token": True}, "expired"),
        ({"gone": ("jira",)}, "unreadable"),
    ],
)
async def test_a_refusal_is_a_gap_from_what_was_read_until_it_ends(rigs, fault, reason):
    rig = await rigs.open(f"gap-{reason}", **SMALL)
    rig.settings = scoped(rig)
    await rig.sync()
    assert await told(rig, past=True) == []
    read_until = (await rig.cursor(JIRA_AUDIT)).covered.end_ms
    set_faults(rig, **fault)
    rig.clock.forward(hours=3)
    noticed = rig.clock()

    await rig.sync()
    rig.clock.forward(hours=1)
    await rig.sync()

    (gap,) = await told(rig)
    assert (gap["reason"], gap["from"], gap["to"]) == (reason, iso_ms(read_until + 1), None)
    assert (gap["opened_at"], gap["closed_at"], gap["filled"]) == (iso_ms(noticed), None, False)
    assert gap["why"]
    assert gap["closes"]
    set_faults(rig)
    rig.clock.forward(hours=1)
    ended = rig.clock()
    await rig.sync()
    assert await told(rig) == []
    rig.clock.forward(minutes=5)
    await rig.sync()
    (gap,) = await told(rig, past=True)
    assert (gap["to"], gap["closed_at"], gap["filled"]) == (iso_ms(ended), iso_ms(ended), True)


async def test_a_source_that_was_never_let_in_lacks_everything_and_the_other_nothing(rigs):
    rig = await rigs.open("gap-never", **SMALL, free_plan=("jira",))

    await rig.sync()

    (gap,) = await told(rig)
    assert (gap["reason"], gap["from"], gap["to"]) == ("no-plan", None, None)
    assert await told(rig, CONFLUENCE_AUDIT) == []


async def test_a_site_that_is_down_is_a_gap_after_an_hour_and_says_nothing_of_the_plan(rigs):
    rig = await rigs.open("gap-down", **SMALL)
    await rig.sync()
    set_faults(rig, free_plan=("jira",))
    rig.clock.forward(minutes=5)
    await rig.sync()
    port = int(rig.simulator.url.rpartition(":")[2])
    await rig.simulator.stop()
    rig.clock.forward(minutes=5)
    began = rig.clock()
    await rig.sync()
    assert [gap["reason"] for gap in await told(rig)] == ["no-plan"]

    rig.clock.forward(hours=1)
    await rig.sync()

    gaps = {gap["reason"]: gap for gap in await told(rig)}
    assert set(gaps) == {"no-plan", "unreachable"}
    assert gaps["unreachable"]["opened_at"] == iso_ms(began)
    rig.simulator._port = port
    await rig.simulator.start()
    set_faults(rig)
    await rig.sync()
    assert await told(rig) == []


async def test_long_throttling_is_a_gap(rigs):
    rig = await rigs.open("gap-throttled", **SMALL, throttle_bare=1.0, failures_in_a_row=1000)
    await rig.sync()
    assert await told(rig) == []

    rig.clock.forward(hours=2)
    await rig.sync()

    assert [gap["reason"] for gap in await told(rig)] == ["throttled"]


async def test_an_outage_longer_than_the_api_remembers_stays_a_hole_for_good(rigs, tmp_path):
    rig = await rigs.open("gap-outage", **SMALL)
    await rig.sync()
    read_until = (await rig.cursor(JIRA_AUDIT)).covered.end_ms
    rig.clock.forward(days=200)
    forgotten_until = rig.clock() - 180 * DAY_MS - 1

    await rig.sync()
    rig.clock.forward(minutes=5)
    await rig.sync()

    (gap,) = [gap for gap in await told(rig) if gap["reason"] == "beyond-retention"]
    assert (gap["from"], gap["to"]) == (iso_ms(read_until + 1), iso_ms(forgotten_until))
    assert (gap["closed_at"], gap["filled"]) == (None, False)
    assert "beyond-retention" not in {gap["reason"] for gap in await told(rig, CONFLUENCE_AUDIT)}
    from_ms, to_ms = read_until - DAY_MS, forgotten_until + DAY_MS
    stated = await rig.coverage(from_ms, to_ms)
    (hole,) = stated["connectors"][f"{rig.site}:{JIRA_AUDIT}"]["holes"]
    assert (hole["from"], hole["to"]) == (iso_ms(read_until + 1), iso_ms(forgotten_until + 1))
    assert (hole["kind"], hole["gaps"]) == ("forgotten", ["beyond-retention"])
    assert not (await rig.cursor(JIRA_AUDIT)).covered.missing(from_ms, to_ms), "the cursor knows no better"

    report = await gaps_between(state(rig), from_ms, to_ms, rig.clock())
    result = await export(
        rig.client,
        ExportFilter(View.SECURITY, from_ms, to_ms),
        ExportFormat.JSONL,
        tmp_path / "out.jsonl",
        clock=rig.clock,
        tool_version="0",
        coverage=stated,
        gaps=report.manifest(),
    )
    carried = json.loads(result.manifest_path.read_text())["gaps"]
    static = {gap["id"]: gap["state"] for gap in carried if gap["kind"] == "static"}
    assert static["sign-ins"] == static["views"] == static["bitbucket-audit"] == "open"
    own = [gap for gap in carried if gap.get("connector") == f"{rig.site}:{JIRA_AUDIT}"]
    assert "beyond-retention" in {gap["reason"] for gap in own if gap["kind"] == "live"}
    earlier = await gaps_between(state(rig), from_ms - DAY_MS, from_ms, rig.clock())
    assert "beyond-retention" not in {gap["reason"] for gap in earlier.live}


async def test_time_that_the_api_still_had_after_all_is_not_lost(rigs):
    rig = await rigs.open("gap-kept", **SMALL)
    await rig.sync()
    rig.clock.forward(days=200)
    site = rig.simulator.site
    at_ms = site.now_ms() - 199 * DAY_MS
    site.feed(JIRA_AUDIT).add(at_ms, at_ms)

    await rig.sync()

    assert "beyond-retention" not in {gap["reason"] for gap in await told(rig)}


async def test_a_world_that_stops_makes_its_source_silent_until_the_next_event(rigs):
    rig = await rigs.open("gap-silent", size=1200, span_days=100)
    await rig.sync()
    assert (await status(rig), await told(rig)) == ("ok", [])

    rig.clock.forward(days=60)
    reports = await rig.sync()
    assert rig.report(reports, JIRA_AUDIT).status.value == "silent"
    assert rig.report(reports, JIRA_AUDIT).error is None
    opened = rig.clock()
    for _ in range(3):
        rig.clock.forward(hours=20)
        await rig.sync()
        assert await status(rig) == "silent"
    (gap,) = await told(rig)
    newest = max(row.at_ms for row in rig.simulator.truth(JIRA_AUDIT))
    assert (gap["reason"], gap["from"]) == ("silent", iso_ms((newest // HOUR_MS + 1) * HOUR_MS - 1))
    assert (gap["opened_at"], gap["to"]) == (iso_ms(opened), None)

    feed = rig.simulator.site.feed(JIRA_AUDIT)
    feed.add(rig.clock(), rig.clock())
    rig.clock.forward(minutes=5)
    await rig.sync()

    assert (await status(rig), await told(rig)) == ("ok", [])
    assert [gap["reason"] for gap in await told(rig, past=True)] == ["silent"]
    assert await status(rig, CONFLUENCE_AUDIT) == "silent"


async def test_open_quarantine_is_a_gap_with_the_time_of_its_rows(rigs):
    rig = await rigs.open("gap-rows", size=200, poisoned_rows=4)

    await rig.sync()

    gaps = [gap for source in (JIRA_AUDIT, CONFLUENCE_AUDIT) for gap in await told(rig, source)]
    assert {gap["reason"] for gap in gaps} == {"quarantined"}
    assert all(gap["from"] <= gap["to"] <= iso_ms(rig.clock()) for gap in gaps)


async def test_a_source_left_out_is_a_gap_unless_somebody_reads_it(rigs):
    rig = await rigs.open("gap-off", **SMALL)
    await rig.sync()
    read_until = (await rig.cursor(CONFLUENCE_AUDIT)).covered.end_ms
    both = rig.settings
    site = both.sites[rig.site].model_copy(update={"sources": (JIRA_AUDIT,)})
    rig.settings = both.model_copy(update={"sites": {rig.site: site}})
    await rig.sync()
    assert await told(rig, CONFLUENCE_AUDIT) == [], "it was read a moment ago"

    rig.clock.forward(days=2)
    await rig.sync()

    (gap,) = await told(rig, CONFLUENCE_AUDIT)
    assert (gap["reason"], gap["from"]) == ("switched-off", iso_ms(read_until + 1))
    rig.settings = both
    await rig.sync()
    assert "switched-off" not in {gap["reason"] for gap in await told(rig, CONFLUENCE_AUDIT)}


async def test_two_forwarders_at_once_keep_one_history(rigs):
    rig = await rigs.open("gap-two", **SMALL)
    await rig.sync()
    set_faults(rig, free_plan=("jira",))
    rig.clock.forward(hours=1)

    async with rig.forwarder() as one, rig.forwarder() as other:
        await asyncio.gather(*(sync_once(each, asyncio.Event()) for each in (one, other)))
        set_faults(rig)
        rig.clock.forward(minutes=10)
        await asyncio.gather(*(sync_once(each, asyncio.Event()) for each in (one, other)))

    (history,) = await GapStore(state(rig), rig.clock).histories(ConnectorId(rig.site, JIRA_AUDIT))
    assert history.reason is GapReason.NO_PLAN
    (period,) = history.periods
    assert (period.opened_ms, period.closed_ms) == (rig.clock() - 10 * MINUTE_MS, rig.clock())


async def test_metrics_count_open_gaps_by_reason(rigs):
    rig = await rigs.open("gap-metric", **SMALL, free_plan=("jira",))

    async with rig.forwarder() as forwarder:
        await sync_once(forwarder, asyncio.Event())
        (connector,) = [each for each in forwarder.connectors.values() if each.id.source == JIRA_AUDIT]
        labels = {"site": rig.site, "source": JIRA_AUDIT}
        metrics = connector._telemetry.metrics
        assert metrics.value("atlaslens_gaps", **labels, reason="no-plan") == 1
        assert metrics.value("atlaslens_gaps", **labels, reason="expired") == 0
        assert metrics.value("atlaslens_source_status", **labels, status="no-plan") == 1


async def test_a_log_that_never_had_an_event_is_silent_only_where_its_product_is_in_use(rigs):
    rig = await rigs.open("gap-empty", size=0)
    await rig.sync()
    assert (await status(rig), await status(rig, CONFLUENCE_AUDIT)) == ("ok", "ok")

    used = ConnectorId(rig.site, "jira-issues")
    await GapStore(state(rig), rig.clock).hear(used, [rig.clock() // HOUR_MS])
    rig.clock.forward(minutes=5)
    await rig.sync()

    assert (await status(rig), await status(rig, CONFLUENCE_AUDIT)) == ("silent", "ok")
    (gap,) = await told(rig)
    assert (gap["reason"], gap["from"], gap["to"]) == ("silent", None, None)


async def test_a_source_that_tells_the_present_only_lacks_the_time_before_the_first_look(rigs, monkeypatch):
    monkeypatch.setitem(SOURCES, JIRA_AUDIT, replace(SOURCES[JIRA_AUDIT], has_history=False))
    rig = await rigs.open("gap-present", **SMALL)
    first_ms = rig.clock()
    await rig.sync()

    (gap,) = await told(rig)
    assert (gap["reason"], gap["from"], gap["to"]) == ("before-first-poll", None, iso_ms(first_ms - 1))
    found = await rig.coverage(first_ms - 9 * DAY_MS, first_ms - 8 * DAY_MS)
    assert found["connectors"][f"{rig.site}:{JIRA_AUDIT}"]["verdict"] == "holes"
    assert found["connectors"][f"{rig.site}:{CONFLUENCE_AUDIT}"]["verdict"] == "complete"

    rig.clock.forward(days=400)
    await rig.sync()
    assert "before-first-poll" not in {gap["reason"] for gap in await told(rig)}


async def test_bitbucket_and_organisation_that_are_not_set_up_are_gaps(rigs, monkeypatch):
    made_up = {"bitbucket-made-up": Service.BITBUCKET, "organisation-made-up": Service.ORGANISATION}
    for name, service in made_up.items():
        monkeypatch.setitem(SOURCES, name, replace(SOURCES[JIRA_AUDIT], name=name, service=service))
    rig = await rigs.open("gap-unset", **SMALL)

    await rig.sync()

    for name in made_up:
        (gap,) = await told(rig, name)
        assert (gap["reason"], gap["from"], gap["to"]) == ("not-set-up", None, None)


async def test_static_gaps_close_by_what_was_read_of_the_organisation(rigs, wipe, monkeypatch):
    name = "organisation-made-up"
    monkeypatch.setitem(SOURCES, name, replace(SOURCES[JIRA_AUDIT], name=name, service=Service.ORGANISATION))
    await wipe()
    rig = await rigs.open("gap-org", **SMALL)
    store, now_ms, connector = state(rig), rig.clock(), ConnectorId("gap-org", name)

    async def stands():
        month = await gaps_between(store, now_ms - 30 * DAY_MS, now_ms, now_ms)
        return [gap["state"] for gap in month.static if gap["id"] in {"sign-ins", "views"}]

    refused = Health().after_round(SourceStatus.NO_PLAN, now_ms, "not licensed")
    await save_health(store, connector, refused)
    assert await stands() == ["open", "open"]
    cursor = Cursor(now_ms, Intervals.of([(now_ms - 90 * DAY_MS, now_ms)]))
    await store.save(f"cursor:{connector}", "cursor", cursor.to_json(), None, connector=str(connector))
    assert await stands() == ["partly closed", "open"]
    await save_health(store, connector, refused.after_round(SourceStatus.OK, now_ms))
    assert await stands() == ["closed", "open"]
    report = await open_gaps(store, now_ms)
    assert {gap["state"] for gap in report.static if gap["by_organisation"]} == {"closed"}


async def test_writers_that_meet_lose_neither_gap_nor_pulse(rigs):
    rig = await rigs.open("gap-race", **SMALL)
    connector = ConnectorId(rig.site, JIRA_AUDIT)
    stores = [GapStore(state(rig), rig.clock) for _ in range(3)]
    hour = rig.clock() // HOUR_MS

    await asyncio.gather(*(store.hear(connector, [hour - n]) for n, store in enumerate(stores)))
    await asyncio.gather(
        *(store.reconcile(connector, GapReason.NO_PLAN, lambda _: [Holding(5, None)]) for store in stores)
    )

    assert await stores[0].pulse(connector) == Pulse((hour - 2, hour - 1, hour))
    (history,) = await stores[0].histories(connector)
    assert len(history.periods) == 1
