"""A row that cannot be an event waits sealed, its source goes on, a repaired normaliser brings it home."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from atlaslens_forwarder.model.time import HOUR_MS, iso_ms
from atlaslens_forwarder.normalise import jira_audit
from atlaslens_forwarder.service.replay import replay
from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, JIRA_AUDIT
from atlaslens_forwarder.sources.registry import SOURCES as SPECS
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from tests.integration.rig import NOW_MS

ADDRESS = "someone.hidden@badrows.example"


def repaired(row, context):
    """A normaliser that has learnt what the poisoned rows mean; all others read as before."""
    if isinstance(row.data.get("objectItem"), list):
        row = replace(row, data={**row.data, "objectItem": {"name": "x"}})
    return jira_audit.normalise(row, context)


def add_poison(rig, at_ms, count=1):
    """Jira rows whose object is of an undocumented type and holds an address."""
    for number in range(count):
        rig.simulator.site.feed(JIRA_AUDIT).add(
            at_ms + number, at_ms, override={"objectItem": ["PROJECT", ADDRESS], "description": ADDRESS}
        )


async def test_a_poisoned_row_is_kept_sealed_and_its_source_goes_on(rigs):
    rig = await rigs.open("poisoned", size=100)
    add_poison(rig, NOW_MS - 3 * HOUR_MS)

    report = rig.report(await rig.sync(), JIRA_AUDIT)

    assert (report.status.value, report.tally.quarantined) == ("ok", 1)
    (doc,) = await rig.docs("quarantine")
    assert doc["quarantine"]["reason"] == "wrong-type"
    text = json.dumps(doc)
    assert ADDRESS not in text
    assert "PROJECT" not in text


async def test_a_sealed_row_opens_whole_again_with_the_keys(rigs):
    rig = await rigs.open("sealed", size=40)
    add_poison(rig, NOW_MS - 3 * HOUR_MS)
    await rig.sync()

    async with rig.forwarder() as forwarder:
        quarantine = forwarder.store.quarantine
        rows = [
            quarantine.unseal(kept)
            async for kept in quarantine.open_rows()
            if kept.connector.startswith("sealed")
        ]

    assert [row.data["objectItem"] for row in rows] == [["PROJECT", ADDRESS]]


async def test_a_row_is_kept_once_however_often_it_is_read(rigs):
    rig = await rigs.open("kept-once", size=40)
    add_poison(rig, NOW_MS - HOUR_MS // 2)
    await rig.sync()
    rig.clock.forward(minutes=5)

    report = rig.report(await rig.sync(), JIRA_AUDIT)

    assert report.tally.quarantined == 1
    assert len(await rig.docs("quarantine")) == 1


async def test_a_repaired_normaliser_replays_what_waited(rigs, monkeypatch):
    rig = await rigs.open("replayed", size=40)
    add_poison(rig, NOW_MS - 3 * HOUR_MS)
    await rig.sync()
    before = len(await rig.events(JIRA_AUDIT))
    assert await open_rows(rig) == 1
    assert await replay_all(rig) == {"refused": 1}

    monkeypatch.setitem(SPECS, JIRA_AUDIT, replace(SPECS[JIRA_AUDIT], normalise=repaired))
    assert await replay_all(rig) == {"stored": 1}

    events = await rig.events(JIRA_AUDIT)
    assert len(events) == before + 1
    assert ADDRESS not in json.dumps(events)
    assert await open_rows(rig) == 0
    assert await replay_all(rig) == {}
    (mark,) = [doc for doc in await rig.docs("quarantine") if "replay_of" in doc["quarantine"]]
    assert mark["quarantine"]["detail"] == "stored"
    rig.clock.forward(days=8)
    assert rig.report(await rig.sync(), JIRA_AUDIT).tally.conflict == 0


async def test_a_row_that_grew_older_than_the_retention_is_not_brought_back(rigs, monkeypatch):
    rig = await rigs.open("outlived", size=40)
    add_poison(rig, NOW_MS - 360 * 24 * HOUR_MS)
    await rig.sync()
    rig.clock.forward(days=60)

    monkeypatch.setitem(SPECS, JIRA_AUDIT, replace(SPECS[JIRA_AUDIT], normalise=repaired))

    assert await replay_all(rig) == {"expired": 1}
    assert await open_rows(rig) == 0


async def test_many_unreadable_rows_mean_that_the_format_changed(rigs):
    rig = await rigs.open("changed", size=100)
    add_poison(rig, NOW_MS - 30 * 24 * HOUR_MS, count=25)

    reports = await rig.sync()

    report = rig.report(reports, JIRA_AUDIT)
    assert report.status.value == "unreadable"
    assert "quarantine" in report.error.hint
    assert rig.report(reports, CONFLUENCE_AUDIT).status.value == "ok"
    failed = [window for window in await rig.windows(JIRA_AUDIT) if not window["covered"]]
    assert len(failed) == 1
    assert failed[0]["quarantined"] == 25
    assert not (await rig.cursor(JIRA_AUDIT)).covered.contains(NOW_MS - 30 * 24 * HOUR_MS)
    # What could be read of that window is stored all the same.
    await rig.assert_equals_truth_of(CONFLUENCE_AUDIT)


@pytest.mark.parametrize(("count", "status"), [(19, "ok"), (20, "unreadable")])
async def test_the_limit_is_twenty_rows(rigs, count, status):
    rig = await rigs.open(f"limit-{count}", size=40)
    add_poison(rig, NOW_MS - 30 * 24 * HOUR_MS, count=count)

    assert rig.report(await rig.sync(), JIRA_AUDIT).status.value == status


async def test_a_document_of_another_origin_in_the_way_is_a_conflict(rigs):
    rig = await rigs.open("forged", size=60)
    first = next(rig.simulator.truth(JIRA_AUDIT))
    event_id = f"jira:audit:{rig.simulator.cloud_id}:{first.key}"
    forged = {"@timestamp": iso_ms(first.at_ms), "event": {"id": event_id, "hash": "00000000:" + "0" * 64}}
    await rig.client.create(
        index=f"atlaslens-audit-{iso_ms(first.at_ms)[:7].replace('-', '.')}", id=event_id, body=forged
    )

    report = rig.report(await rig.sync(), JIRA_AUDIT)

    assert (report.status.value, report.tally.conflict, report.tally.quarantined) == ("ok", 1, 0)
    (doc,) = await rig.docs("quarantine")
    assert doc["quarantine"]["reason"] == "conflict"
    assert doc["quarantine"]["target_index"].startswith("atlaslens-audit-")
    assert await replay_all(rig) == {"conflict": 1}
    async with rig.forwarder() as forwarder:
        assert (await forwarder.store.client.get(index="atlaslens-audit-2026.11", id=event_id))[
            "_source"
        ] == forged


async def open_rows(rig):
    """How many rows of this site wait."""
    async with rig.forwarder() as forwarder:
        rows = [kept async for kept in forwarder.store.quarantine.open_rows()]
    return sum(kept.connector.startswith(f"{rig.site}:") for kept in rows)


async def replay_all(rig):
    """Outcomes of a replay, without rows of other sites."""
    async with rig.forwarder() as forwarder:
        outcomes = await replay(forwarder, rig.settings, Telemetry(Metrics()), rig.clock)
    return {name: count for name, count in outcomes.items() if name != "not-configured"}
