"""Coverage is proven by untouched rows of the ledger; held months outlive their retention."""

from __future__ import annotations

import json
import time

import pytest

from atlaslens_forwarder.errors import CheckFailedError, ConfigError
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, iso_ms
from atlaslens_forwarder.privacy.origin import origin_of
from atlaslens_forwarder.service.custody_log import body_of, check_log
from atlaslens_forwarder.service.holds import Hold
from atlaslens_forwarder.service.housekeeping import keep_house
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.simulator import JIRA_AUDIT
from atlaslens_forwarder.storage.months import month_names
from atlaslens_forwarder.storage.names import Family, month_index
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from tests.integration.rig import Clock

SMALL = {"size": 60}


def opened(rig):
    return open_store(rig.settings, rig.clock)


async def tamper(rig, change):
    """Replace the ledger's month, each row as ``change`` makes it, None leaving it out: an admin can."""
    index = month_index(Family.WINDOWS, rig.clock())
    await rig.client.indices.refresh(index=index)
    hits = (await rig.client.search(index=index, body={"size": 10_000}))["hits"]["hits"]
    await rig.client.indices.delete(index=index)
    async with opened(rig) as store:
        await store.months.ensure_months([index])
    lines = []
    for hit in hits:
        row = change(hit["_source"]) if hit["_source"]["window"]["site"] == rig.site else hit["_source"]
        if row is not None:
            lines += [json.dumps({"create": {"_id": hit["_id"]}}), json.dumps(row)]
    answer = await rig.client.bulk(index=index, body="\n".join(lines) + "\n")
    assert not answer["errors"]


async def test_removed_and_altered_rows_prove_nothing_and_are_named(rigs):
    rig = await rigs.open("ledger", **SMALL, service={"backfill_slice_days": 60})
    await rig.sync()
    name = f"{rig.site}:{JIRA_AUDIT}"
    rows = await rig.windows(JIRA_AUDIT)
    from_ms, to_ms = rig.clock() - 300 * DAY_MS, rig.clock() - HOUR_MS
    inside = [row for row in rows if row["purpose"] == "backfill" and row["from_ms"] > from_ms]
    removed, _, altered, *_ = sorted(inside, key=lambda row: row["from_ms"])  # slices finish in any order
    whole = (await rig.coverage(from_ms, to_ms, sources=[name]))["connectors"]
    assert [*whole] == [name]
    assert (whole[name]["verdict"], whole[name]["holes"]) == ("complete", [])
    (span,) = whole[name]["covered"]
    assert (span["from"], span["to"], span["first"], span["last"]) == (
        iso_ms(from_ms),
        iso_ms(to_ms),
        1,
        len(rows),
    )
    assert (await rig.coverage(from_ms, rig.clock()))["verdict"] == "provisional"

    def change(row):
        number = row["window"]["number"]
        if row["window"]["source"] != JIRA_AUDIT or number not in {removed["number"], altered["number"]}:
            return row
        row["window"]["rows"] += 1
        return None if number == removed["number"] else row

    await tamper(rig, change)
    found = await rig.coverage(from_ms, to_ms)

    assert found["verdict"] == "holes"
    assert found["connectors"]["ledger:confluence-audit"]["verdict"] == "complete"
    mine = found["connectors"][name]
    assert mine["ledger"]["missing"] == [[removed["number"]] * 2]
    assert [(row["row"], "hash is wrong" in row["why"]) for row in mine["ledger"]["refused"]] == [
        (altered["id"], True)
    ]
    assert {hole["kind"] for hole in mine["holes"]} == {"not-proven"}
    holes = {(hole["from"], hole["to"]) for hole in mine["holes"]}
    for window in (removed, altered):
        assert (iso_ms(max(from_ms, window["from_ms"])), iso_ms(min(to_ms, window["to_ms"] + 1))) in holes

    state = await rig.client.get(index="atlaslens-state", id=f"cursor:{name}")
    cursor = state["_source"]["state"]
    cursor["covered"], cursor["window_number"] = [], cursor["window_number"] + 2
    await rig.client.index(
        index="atlaslens-state", id=f"cursor:{name}", body=state["_source"], params={"refresh": "true"}
    )
    mine = (await rig.coverage(from_ms, to_ms))["connectors"][name]
    assert {hole["kind"] for hole in mine["holes"]} == {"not-read"}
    assert mine["not_in_memory"]
    assert mine["ledger"]["missing"][-1] == [len(rows) + 1, len(rows) + 2]
    with pytest.raises(ConfigError, match="nothing was ever read of nowhere"):
        await rig.coverage(from_ms, to_ms, sources=["nowhere"])
    with pytest.raises(ConfigError, match="people are no source"):
        await rig.coverage(from_ms, to_ms, sources=["people"])


async def test_a_held_month_outlives_its_retention_with_its_ledger_and_then_goes(rigs):
    clock = Clock(time.time_ns() // 1_000_000)  # deleting needs a clock that is right
    rig = await rigs.open("held", clock=clock, **SMALL, span_days=455, service={"retention_days": 460})
    rig.simulator.site.feed(JIRA_AUDIT).add(clock() - 440 * DAY_MS, clock())
    await rig.sync()
    from_ms = clock() - 441 * DAY_MS
    expired = month_index(Family.AUDIT, clock() - 440 * DAY_MS)
    telemetry = Telemetry(Metrics())

    async def keep(store):
        await keep_house(store, telemetry, clock(), 365)
        return await month_names(rig.client)

    async with opened(rig) as store:
        await keep_house(store, telemetry, clock(), 460)
        first, _ = await store.holds.add(Hold(0, from_ms, from_ms + 2 * DAY_MS, reason="case 1"))
        second, _ = await store.holds.add(
            Hold(0, from_ms, from_ms + DAY_MS, source=JIRA_AUDIT, reason="case 2")
        )
        assert expired in first.months
        assert month_index(Family.WINDOWS, clock()) in first.months
        assert {
            month_index(family, clock()) for family in (Family.QUARANTINE, Family.UNDATED)
        } <= await store.holds.months()

        assert expired in await keep(store)
        with pytest.raises(CheckFailedError, match="legal hold"):
            await store.holds.refuse_to_forget()
        await store.holds.remove(first.number, "closed")
        with pytest.raises(ConfigError, match=f"no hold {first.number}"):
            await store.holds.remove(first.number, "again")
        assert expired in await keep(store), "the second hold keeps it"
        assert await store.holds.missing() == {}

        await rig.client.indices.delete(index=expired)
        assert await store.holds.missing() == {second.number: [expired]}
        late, _ = await store.holds.add(Hold(0, from_ms, from_ms + DAY_MS, reason="too late"))
        assert (await store.holds.missing())[late.number] == [expired]
        await keep(store)
        await store.holds.remove(second.number, "closed")
        await store.holds.remove(late.number, "closed")
        assert await store.holds.missing() == {}
        left = await keep(store)
        await store.holds.refuse_to_forget()

        rows = await store.custody.rows()
        told = [(row["event"]["action"], body_of(row)) for row in rows]
        assert [action for action, _ in told if action.startswith("hold")] == [
            "hold_added", "hold_added", "hold_removed", "hold_added", "hold_removed", "hold_removed",
        ]  # fmt: skip
        assert ("months_missing", {"months": [expired]}) in told
        gone = {name for action, body in told if action == "months_deleted" for name in body["months"]}
        assert gone.isdisjoint(left)
        assert told[0] == ("keys_changed", told[0][1])
        checked = await check_log(store.custody.each(), lambda row: origin_of(row, store.keyring))
        assert (checked.rows, checked.fault) == (len(rows), "")

    stated = (await rig.coverage(from_ms, from_ms + DAY_MS))["connectors"]["held:jira-audit"]
    assert [hole["kind"] for hole in stated["holes"]] == ["deleted"]
    assert "custody log" in stated["holes"][0]["reason"]
