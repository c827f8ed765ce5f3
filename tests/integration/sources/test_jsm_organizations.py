"""Every visible change of a customer organisation is one event, however the look at it ends."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace

import pytest

from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.pipeline.steps import Step
from atlaslens_forwarder.simulator import FaultPlan
from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
from tests.integration.crashes import Crash, crash_at, kill_at

SOURCE = "jsm-organizations"
FAULTS = replace(
    FaultPlan.everything(),
    bucket_size=100_000,
    page_limit=2,
    **dict.fromkeys(("throttle", "throttle_bare", "throttle_zero", "throttle_html", "unavailable"), 0.01),
)
JOINED, LEFT = "customer_added_to_organization", "customer_removed_from_organization"
CREATED, DELETED = "organization_created", "organization_deleted"


class Desk:
    """A site with organisations, watched: knows which changes must have been seen."""

    def __init__(self, rig):
        self.rig = rig
        self.part = rig.simulator.site.part(JiraPart)
        self.expected: Counter[tuple[str, ...]] = Counter()
        self.state: dict[str, set[str]] | None = None
        self.customers = [one.account_id for one in rig.simulator.site.world.people.customers]

    def do(self, **order):
        return self.part.orders["servicedesk"](order)

    def members(self):
        """Who belongs where, from the truth."""
        found: dict[str, set[str]] = {one.id: set() for one in self.part.organizations.living()}
        for row in self.rig.simulator.truth(SOURCE):
            if row.row["gone_at_ms"] is None:
                found[row.row["organization_id"]].add(row.row["account_id"])
        return found

    def look(self):
        """Reckon what a look at this moment must tell, after the one before."""
        now, then = self.members(), self.state
        self.state = now
        if then is None:
            return
        for key in then.keys() | now.keys():
            if key not in then:
                self.expected[CREATED, key, ""] += 1
                continue
            if key not in now:
                self.expected[DELETED, key, ""] += 1
            left, joined = then[key] - now.get(key, set()), now.get(key, set()) - then[key]
            self.expected.update((LEFT, key, person) for person in left)
            self.expected.update((JOINED, key, person) for person in joined)

    async def sync(self, **options):
        self.look()
        return self.rig.report(await self.rig.sync(**options), SOURCE)

    async def events(self):
        return [doc for doc in await self.rig.docs("audit") if doc["event"]["provider"] == "jsm"]

    async def assert_all_seen(self):
        stored = Counter(facts(doc) for doc in await self.events())
        missing, surplus = self.expected - stored, stored - self.expected
        assert not missing, f"{missing.total()} missing, such as {next(iter(missing))}"
        assert not surplus, f"{surplus.total()} too many, such as {next(iter(surplus))}"


def facts(doc):
    assert doc["atlassian"]["derived"]
    assert doc["atlassian"]["product"] == "jsm"
    assert doc["atlassian"]["actor_kind"] == "unknown"
    assert doc["group"]["id"] == doc["atlassian"]["object"]["id"]
    return (doc["event"]["action"], doc["group"]["id"], doc.get("user", {}).get("target", {}).get("id", ""))


async def open_desk(rigs, name, **world):
    rig = await rigs.open(name, size=10, issues=5, site_changes={"sources": (SOURCE,)}, **world)
    return Desk(rig)


def stir(desk, seed, count=8):
    """Organisations and their customers move at random."""
    chance = random.Random(seed)
    for _ in range(count):
        living = [one.id for one in desk.part.organizations.living()]
        lot, home, person = chance.random(), chance.choice(living), chance.choice(desk.customers)
        if lot < 0.15:
            desk.do(do="add-organization", name=f"Neue {chance.random()}")
        elif lot < 0.25 and len(living) > 2:
            desk.do(do="delete-organization", organization=home)
        else:
            desk.do(do="join" if lot < 0.7 else "leave", organization=home, account_id=person)


async def test_every_visible_change_is_one_event_through_every_fault(rigs):
    desk = await open_desk(rigs, "organizations-move", plan=FAULTS)
    reports = [await desk.sync()]
    assert await desk.events() == []
    for seed in range(1, 9):
        stir(desk, seed)
        desk.rig.clock.forward(minutes=5)
        reports.append(await desk.sync())

    await desk.assert_all_seen()
    assert {JOINED, LEFT, CREATED, DELETED} == {action for action, _, _ in desk.expected}
    assert {report.status for report in reports} == {SourceStatus.OK}
    assert all(report.conserved and not report.tally.conflict for report in reports)


async def test_an_unchanged_desk_tells_nothing(rigs):
    desk = await open_desk(rigs, "organizations-still")
    await desk.sync()
    desk.rig.clock.forward(minutes=5)

    report = await desk.sync()

    assert report.tally.events == 0
    assert report.tally.without_event.keys() == {"unchanged"}


async def test_an_empty_organisation_gains_its_first_customer(rigs):
    desk = await open_desk(rigs, "organizations-empty")
    await desk.sync()
    empty = next(key for key, members in desk.members().items() if not members)
    desk.do(do="join", organization=empty, account_id=desk.customers[0])
    desk.rig.clock.forward(minutes=5)
    await desk.sync()

    (event,) = await desk.events()
    assert facts(event) == (JOINED, empty, desk.customers[0])
    assert event["user"]["target"]["full_name"]
    assert event["event"]["category"] == ["iam", "configuration"]
    assert event["atlassian"]["permission_change"]


async def test_addresses_and_names_of_customers_are_not_remembered(rigs):
    desk = await open_desk(rigs, "organizations-private")
    desk.do(do="add-organization", name="Kontakt jana@kunde.example")
    await desk.sync()
    desk.do(do="add-organization", name="Kontakt piet@klant.example")
    stir(desk, 3)
    desk.rig.clock.forward(minutes=5)
    await desk.sync()

    await desk.rig.client.indices.refresh(index="atlaslens-state")
    query = {"query": {"term": {"connector": f"{desk.rig.site}:{SOURCE}"}}, "size": 1000}
    hits = (await desk.rig.client.search(index="atlaslens-state", body=query))["hits"]["hits"]
    kept = json.dumps([hits, await desk.events()])
    assert "[email:hidden]" in kept
    assert ".example" not in json.dumps(hits)
    assert "klant.example" not in kept
    world = desk.rig.simulator.site.world
    names = [world.names.of(person).display_name for person in world.people.customers]
    assert not [name for name in names if name in json.dumps(hits, ensure_ascii=False)]


async def test_who_is_no_agent_learns_it_and_nothing_is_inferred(rigs):
    desk = await open_desk(rigs, "organizations-refused")
    await desk.sync()
    site = desk.rig.simulator.site
    plain = site.faults
    site.set_faults(replace(plain, missing_rights=("service-desk",)))
    stir(desk, 1)
    desk.rig.clock.forward(minutes=5)

    refused = desk.rig.report(await desk.rig.sync(), SOURCE)

    assert refused.status is SourceStatus.NO_PERMISSION
    assert await desk.events() == []
    site.set_faults(plain)
    desk.rig.clock.forward(minutes=5)
    assert (await desk.sync()).status is SourceStatus.OK
    await desk.assert_all_seen()
    assert desk.expected


async def assert_recovered(desk):
    """The next look tells what the broken one found and what it did not come to; the one after goes on."""
    desk.rig.clock.forward(minutes=5)
    assert (await desk.sync()).tally.conflict == 0
    await desk.assert_all_seen()
    before = desk.expected.total()
    stir(desk, 6)
    desk.rig.clock.forward(minutes=5)
    assert (await desk.sync()).tally.conflict == 0
    await desk.assert_all_seen()
    assert desk.expected.total() > before > 0


@pytest.mark.parametrize("occurrence", [1, 2])
@pytest.mark.parametrize("step", list(Step), ids=lambda step: step.value)
async def test_an_exception_at_a_step_loses_and_doubles_nothing(rigs, step, occurrence):
    desk = await open_desk(rigs, f"organizations-raise-{step.value}-{occurrence}")
    await desk.sync()
    desk.do(do="delete-organization", organization="1")
    stir(desk, 5, count=12)
    desk.rig.clock.forward(minutes=5)
    try:
        await desk.sync(on_step=crash_at(step, occurrence))
    except Crash:
        crashed = True
    else:
        crashed = False
    await assert_recovered(desk)
    assert crashed or occurrence == 2


@pytest.mark.parametrize("step", [Step.FETCHED, Step.STORED, Step.PAGES_DONE], ids=lambda step: step.value)
async def test_a_kill_at_a_step_loses_and_doubles_nothing(rigs, tmp_path, step):
    desk = await open_desk(rigs, f"organizations-kill-{step.value}")
    await desk.sync()
    desk.do(do="delete-organization", organization="2")
    stir(desk, 7, count=12)
    desk.rig.clock.forward(minutes=5)
    desk.look()
    sources = {f"SITES__{desk.rig.site.upper()}__SOURCES": json.dumps([SOURCE])}

    await kill_at(desk.rig, tmp_path, step, **sources)

    await assert_recovered(desk)
