"""Broken promises of a service desk are stored once each, whether or not anybody touches their request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from atlaslens_forwarder.model.time import HOUR_MS, MINUTE_MS, parse_iso_ms
from atlaslens_forwarder.simulator import FaultPlan
from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart

if TYPE_CHECKING:
    from tests.integration.rig import Rig, Rigs

SOURCE = "jsm-sla"
RARE = dict.fromkeys(("throttle", "throttle_zero", "throttle_html", "unavailable"), 0.005)
EVERYTHING = replace(
    FaultPlan.everything(),
    bucket_size=100_000,
    slow=0.0,
    throttle_bare=0.02,
    server_error=0.02,
    cut_body=0.02,
    page_limit=7,
    **RARE,
)
STEPS = (
    {"minutes": 20},
    {"hours": 3},
    {"hours": 5},
    {"hours": 9},
    {"hours": 30},
    {"minutes": 50},
    {"days": 2},
)


class Breaches:
    """What a rig must hold: every breach that was ever shown, as it was when it was shown."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.ever: dict[str, tuple[Any, ...]] = {}
        self.must: set[str] = set()

    def look(self) -> None:
        """Note what the API shows now; to be called before and after a sync."""
        for truth in self.rig.simulator.truth("jsm-breaches"):
            row = truth.row
            facts = (truth.at_ms, row["sla"], row["goal_ms"], row["issue_id"])
            self.ever[f"{row['issue_id']}:{truth.key.split(':')[1]}:{truth.at_ms - row['goal_ms']}"] = facts

    def shown(self) -> set[str]:
        """Keys of those that are shown now and that a search leads to, or led to."""
        now_ms = self.rig.simulator.site.now_ms()
        return {
            f"{truth.row['issue_id']}:{truth.key.split(':')[1]}:{truth.at_ms - truth.row['goal_ms']}"
            for truth in self.rig.simulator.truth("jsm-breaches")
            if truth.row["gone_at_ms"] is None
            and truth.row["found_at_ms"] is not None
            and truth.row["found_at_ms"] <= now_ms
            and truth.visible_at_ms <= now_ms
            and truth.at_ms < now_ms
        }


async def _stored(rig: Rig) -> dict[str, dict[str, Any]]:
    docs = [doc for doc in await rig.docs("activity") if doc["event"]["provider"] == "jsm"]
    by_key = {doc["event"]["id"].removeprefix(f"jsm:sla:{rig.simulator.cloud_id}:"): doc for doc in docs}
    assert len(by_key) == len(docs)
    return by_key


async def _assert_equal(rig: Rig, breaches: Breaches) -> None:
    stored = await _stored(rig)
    assert breaches.shown() <= stored.keys()
    assert stored.keys() <= breaches.ever.keys()
    for key, doc in stored.items():
        at_ms, sla, goal_ms, issue_id = breaches.ever[key]
        assert parse_iso_ms(doc["@timestamp"]) == at_ms
        assert doc["event"]["action"] == "sla_breached"
        assert "user" not in doc
        told = doc["atlassian"]
        assert (told["actor_kind"], told["product"]) == ("system", "jsm")
        assert told["sla"]["name"] == sla
        assert told["sla"]["goal_ms"] == goal_ms
        assert told["work_item"]["id"] == told["object"]["container_id"] == issue_id


async def _open(rigs: Rigs, name: str, **world: Any) -> Rig:
    return await rigs.open(
        name, size=0, span_days=120, site_changes={"sources": (SOURCE,), "requests_per_second": 900}, **world
    )


async def _round(rig: Rig, breaches: Breaches) -> Any:
    breaches.look()
    report = rig.report(await rig.sync(), SOURCE)
    breaches.look()
    assert report.conserved
    assert report.tally.conflict == report.tally.quarantined == 0
    return report


async def test_a_full_sync_through_every_fault_stores_every_breach_once(rigs):
    rig = await _open(rigs, "slafaults", issues=80, plan=replace(EVERYTHING, late_changes=0.0))
    breaches = Breaches(rig)

    report = await _round(rig, breaches)

    assert report.error is None
    await _assert_equal(rig, breaches)
    stored = await _stored(rig)
    assert len(stored) > 10
    assert {doc["atlassian"]["sla"]["name"] for doc in stored.values()} == {
        "Time to first response",
        "Time to resolution",
    }
    assert not any("ALL_REQUESTS" in str(request["query"]) for request in rig.simulator.requests)
    assert not any("requestOwnership" in request["query"] for request in rig.simulator.requests)


async def test_a_second_sync_of_an_unchanged_site_stores_nothing_and_asks_for_the_overlap_only(rigs):
    rig = await _open(rigs, "slaquiet", issues=60)
    breaches = Breaches(rig)
    await _round(rig, breaches)
    asked = len(rig.simulator.requests)
    rig.clock.forward(minutes=3)

    report = await _round(rig, breaches)

    assert report.tally.stored == 0
    new = rig.simulator.requests[asked:]
    searches = [request["body"] for request in new if request["path"].endswith("search/jql")]
    assert len(searches) == 1
    assert f"updated >= {rig.clock() - 8 * MINUTE_MS} " in searches[0]
    assert sum(request["path"].endswith("/sla") for request in new) <= 1


async def test_a_breach_by_time_alone_is_found_when_it_happens(rigs):
    rig = await _open(rigs, "slatime", issues=12)
    breaches = Breaches(rig)
    await _round(rig, breaches)
    request = _order(rig, "create", project="ITSM", summary="The printer is on fire")
    rig.clock.forward(minutes=10)
    assert (await _round(rig, breaches)).tally.stored == 0
    searched = len(await _stored(rig))
    rig.clock.forward(hours=4)

    report = await _round(rig, breaches)

    assert report.tally.stored >= 1
    stored = await _stored(rig)
    assert len(stored) == searched + report.tally.stored
    (doc,) = [doc for doc in stored.values() if doc["atlassian"]["work_item"]["id"] == request]
    assert doc["atlassian"]["work_item"]["key"].startswith("ITSM-")
    assert doc["atlassian"]["backfilled"] is doc["atlassian"]["late"] is False
    rig.clock.forward(hours=50)
    await _round(rig, breaches)
    await _assert_equal(rig, breaches)


async def test_a_breach_that_was_seen_while_running_stays_one_once_its_cycle_is_over(rigs):
    rig = await _open(rigs, "slaover", issues=12)
    breaches = Breaches(rig)
    request = _order(rig, "create", project="ITSM", summary="No coffee")
    rig.clock.forward(hours=5)
    await _round(rig, breaches)
    before = await _stored(rig)
    _order(rig, "comment", issue=request, text="Looking into it")
    rig.clock.forward(minutes=2)

    report = await _round(rig, breaches)

    assert report.tally.stored == 0
    assert report.tally.without_event["already_stored"] >= 1
    assert (await _stored(rig)).keys() == before.keys()


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_moving_desk_is_followed_through_every_fault(rigs, seed):
    rig = await _open(
        rigs, f"slamoving{seed}", issues=100, plan=replace(EVERYTHING, page_limit=11), seed=seed
    )
    breaches = Breaches(rig)
    await _round(rig, breaches)
    steps = (
        {"minutes": 20},
        {"hours": 3},
        {"hours": 5},
        {"hours": 9},
        {"hours": 30},
        {"minutes": 50},
        {"days": 2},
    )
    for number, step in enumerate(steps):
        _order(rig, "random", count=25, seed=100 * seed + number)
        breaches.look()
        rig.clock.forward(**step)
        await _round(rig, breaches)
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, arriving_changes=0))
    for _ in range(2):
        rig.clock.forward(hours=13)
        assert (await _round(rig, breaches)).error is None

    await _assert_equal(rig, breaches)
    rig.clock.forward(minutes=3)
    assert (await _round(rig, breaches)).tally.stored == 0


async def test_access_that_comes_back_finds_what_broke_meanwhile(rigs):
    rig = await _open(rigs, "slalost", issues=12)
    breaches = Breaches(rig)
    await _round(rig, breaches)
    _order(rig, "create", project="ITSM", summary="Locked out")
    rig.clock.forward(minutes=10)
    await _round(rig, breaches)
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, missing_rights=("work",)))
    rig.clock.forward(hours=6)
    assert (await _round(rig, breaches)).tally.stored == 0
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, missing_rights=()))
    rig.clock.forward(hours=25)

    await _round(rig, breaches)

    await _assert_equal(rig, breaches)


async def test_an_account_without_an_agents_licence_is_told_so(rigs):
    rig = await _open(rigs, "slanoagent", issues=12, missing_rights=("service-desk",))
    report = rig.report(await rig.sync(), SOURCE)
    assert report.status.value == "no-permission"
    assert report.tally.rows == 0


async def test_a_first_poll_that_breaks_off_goes_on_where_it_was(rigs):
    rig = await _open(rigs, "slabroken", issues=90, expires_after=18, page_limit=4)
    breaches = Breaches(rig)
    breaches.look()
    first = rig.report(await rig.sync(), SOURCE)
    assert first.error is not None
    assert first.tally.stored > 0
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, expires_after=0))
    rig.clock.forward(minutes=1)
    asked = len(rig.simulator.requests)

    second = await _round(rig, breaches)

    assert second.error is None
    await _assert_equal(rig, breaches)
    assert all(doc["atlassian"]["backfilled"] for doc in (await _stored(rig)).values())
    (search,) = {
        request["body"].split("updated >= ")[1].split()[0]
        for request in rig.simulator.requests[asked:]
        if request["path"].endswith("search/jql")
    }
    assert int(search) > rig.clock() - 120 * 24 * HOUR_MS


def _order(rig: Rig, do: str, **fields: Any) -> str:
    """Give an order to the simulated Jira; the id of the issue."""
    told = rig.simulator.site.part(JiraPart).orders["jira"]({"do": do, **fields})
    return str(told.get("issue_id", told.get("id", ""))) if isinstance(told, dict) else ""
