"""The organisation's events are stored once each; without Guard they are a gap that troubles nobody else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from atlaslens_forwarder.model.time import MINUTE_MS, parse_iso_ms
from atlaslens_forwarder.normalise.actions.organisation import action_of
from atlaslens_forwarder.settings import OrganisationSettings
from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec
from atlaslens_forwarder.simulator.apis.organisation.part import OrganisationPart
from tests.integration.rig import Clock, Rig, make_settings, site_settings

if TYPE_CHECKING:
    from tests.integration.rig import Rigs

SOURCE = "org-events"
RARE = dict.fromkeys(("throttle", "throttle_zero", "throttle_html", "unavailable"), 0.01)
EVERYTHING = replace(FaultPlan.everything(), bucket_size=100_000, slow=0.0, page_limit=60, **RARE)


@pytest.fixture(autouse=True)
def _generous(monkeypatch):
    """The budget of ten requests a minute is not waited for."""
    monkeypatch.setattr("atlaslens_forwarder.service.site.ORGANISATION_PER_MINUTE", 10_000)


async def _open(rigs: Rigs, name: str, *, events: int, sources=(SOURCE,), plan=None, seed=5) -> Rig:
    clock = Clock()
    spec = WorldSpec(seed, 60, clock() - 2 * MINUTE_MS, span_days=170, site=name, organisation_events=events)
    plan = replace(plan or FaultPlan(bucket_size=100_000), organisation_requests_per_min=100_000)
    simulator = await rigs._stack.enter_async_context(Simulator(spec, faults=plan, clock=clock))
    owned = simulator.credentials
    ours = OrganisationSettings(id=owned.organisation_id, api_key=owned.organisation_key, url=simulator.url)
    sites = {name: site_settings(simulator, sources=sources, organisation=ours)}
    return Rig(simulator, make_settings(rigs.folder, rigs.url, sites), clock, rigs.client, name)


async def _stored(rig: Rig) -> dict[str, dict[str, Any]]:
    docs = [doc for doc in await rig.docs("audit") if doc["event"]["provider"] == "organisation"]
    prefix = f"org:event:{rig.simulator.credentials.organisation_id}:"
    by_id = {doc["event"]["id"].removeprefix(prefix): doc for doc in docs}
    assert len(by_id) == len(docs)
    return by_id


async def _assert_equals_truth(rig: Rig) -> None:
    newest_ms = rig.clock() - MINUTE_MS
    truth = {row.key: row for row in rig.simulator.truth(SOURCE) if row.visible_at_ms <= newest_ms}
    stored = await _stored(rig)
    assert truth
    assert stored.keys() == truth.keys()
    for key, doc in stored.items():
        row = truth[key].row
        assert parse_iso_ms(doc["@timestamp"]) == truth[key].at_ms
        assert parse_iso_ms(doc["event"]["created"]) == truth[key].visible_at_ms
        assert doc["event"]["action"] == action_of(row["action"]).name
        told, user = doc["atlassian"], doc.get("user", {})
        assert (told["product"], told["summary"]) == ("organisation", row["action"])
        assert user.get("id") == (row["actor"] or row["app"])
        assert told["actor_kind"] == ("person" if row["actor"] else "app")
        target = user.get("target", {})
        assert target.get("id") == (None if row["action"] == "user_invitation_sent" else row["target"])
        assert doc.get("group", {}).get("id") == row["group"]
        assert doc.get("source", {}).get("address") == row["address"]
        if row["thing"]:
            assert told["object"]["id"] == row["thing"]


async def _round(rig: Rig) -> Any:
    report = rig.report(await rig.sync(), SOURCE)
    assert report.conserved
    assert report.tally.conflict == report.tally.quarantined == 0
    return report


def _order(rig: Rig, do: str, **fields: Any) -> None:
    rig.simulator.site.part(OrganisationPart).orders["organisation"]({"do": do, **fields})


async def test_a_full_sync_through_every_fault_stores_every_event_once(rigs):
    rig = await _open(rigs, "orgfaults", events=500, plan=EVERYTHING)

    report = await _round(rig)

    assert report.error is None
    assert report.tally.stored == 500
    await _assert_equals_truth(rig)
    text = json.dumps([*(await _stored(rig)).values()])
    assert ".example" not in text
    actions = {doc["event"]["action"] for doc in (await _stored(rig)).values()}
    assert {"unclassified", "user_logged_in", "user_added_to_group", "policy_updated"} <= actions


async def test_a_moving_organisation_is_followed_and_renames_change_nothing(rigs):
    rig = await _open(rigs, "orgmoving", events=200, plan=EVERYTHING)
    await _round(rig)
    for step in ({"minutes": 5}, {"minutes": 40}, {"hours": 4}, {"hours": 30}, {"days": 3}, {"minutes": 2}):
        _order(rig, "random", count=15)
        _order(rig, "add", count=2, ago_s=7000)
        rig.clock.forward(**step)
        assert (await _round(rig)).error is None
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, arriving_changes=0))
    rig.clock.forward(hours=7)
    await _round(rig)

    await _assert_equals_truth(rig)
    assert rig.simulator.site.world.names.renamed()
    late = [doc for doc in (await _stored(rig)).values() if doc["atlassian"]["late"]]
    assert late
    rig.clock.forward(minutes=3)
    assert (await _round(rig)).tally.stored == 0


async def test_a_last_page_without_cursor_is_the_end_too(rigs):
    plan = FaultPlan(bucket_size=100_000, organisation_no_last_cursor=True, page_limit=30)
    rig = await _open(rigs, "orgend", events=100, plan=plan)
    assert (await _round(rig)).error is None
    await _assert_equals_truth(rig)


async def test_a_second_sync_of_an_unchanged_organisation_asks_for_the_overlap_only(rigs):
    rig = await _open(rigs, "orgquiet", events=80)
    await _round(rig)
    asked = len(rig.simulator.requests)
    rig.clock.forward(minutes=3)

    report = await _round(rig)

    assert report.tally.stored == 0
    new = [request["query"] for request in rig.simulator.requests[asked:] if "/admin/" in request["path"]]
    assert len(new) <= 3
    assert min(int(query["from"]) for query in new if "from" in query) >= rig.clock() - 16 * MINUTE_MS


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_without_guard_it_is_a_gap_and_other_sources_go_on(rigs, status):
    plan = FaultPlan(bucket_size=100_000, organisation_no_guard=status)
    rig = await _open(
        rigs, f"orgguard{status}", events=20, sources=(SOURCE, "jira-audit", "confluence-audit"), plan=plan
    )

    reports = await rig.sync()

    ours = rig.report(reports, SOURCE)
    assert ours.status.value == "no-plan"
    assert "Guard" in ours.error.hint
    for other in ("jira-audit", "confluence-audit"):
        assert rig.report(reports, other).status.value == "ok"
        assert rig.report(reports, other).tally.stored > 0


async def test_without_a_key_there_is_no_such_source(rigs):
    rig = await rigs.open("orgnokey", size=20, site_changes={"sources": ()})
    async with rig.forwarder() as forwarder:
        assert not any(connector.source == SOURCE for connector in forwarder.connectors)


async def test_a_backfill_that_breaks_off_keeps_what_it_got(rigs):
    plan = FaultPlan(bucket_size=100_000, expires_after=6, page_limit=20)
    rig = await _open(rigs, "orgbroken", events=300, plan=plan)
    first = await _round(rig)
    assert first.status.value == "no-plan"
    assert 0 < first.tally.stored < 300
    rig.simulator.site.set_faults(replace(plan, expires_after=0, organisation_requests_per_min=100_000))
    second = await _round(rig)
    assert second.error is None
    assert first.tally.stored + second.tally.stored == 300
    assert second.tally.repeat <= 40
    await _assert_equals_truth(rig)
