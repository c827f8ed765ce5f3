"""Every visible change of who may do what in Bitbucket is one event, however the look at it ends."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.pipeline.steps import Step
from atlaslens_forwarder.simulator import FaultPlan
from atlaslens_forwarder.simulator.apis.bitbucket.part import BitbucketPart
from tests.integration.crashes import Crash, crash_at, kill_at
from tests.integration.rig import bitbucket_settings

SOURCE = "bitbucket-permissions"
FAULTS = replace(
    FaultPlan.everything(),
    bucket_size=100_000,
    page_limit=40,
    **dict.fromkeys(("throttle", "throttle_bare", "throttle_zero", "throttle_html", "unavailable"), 0.01),
)
KINDS = {
    "workspace_member_added": "granted",
    "workspace_permission_changed": "changed",
    "workspace_member_removed": "removed",
    "repository_permission_added": "granted",
    "repository_permission_changed": "changed",
    "repository_permission_removed": "removed",
    "branch_restriction_added": "granted",
    "branch_restriction_changed": "changed",
    "branch_restriction_removed": "removed",
}


class World:
    """A site with repositories, watched: knows which changes of permissions must have been seen."""

    def __init__(self, rig):
        self.rig = rig
        self.part = rig.simulator.site.part(BitbucketPart)
        self.expected: Counter[tuple[str, ...]] = Counter()
        self.known: set[str] = set()
        self.grants = 0

    def do(self, **order):
        return self.part.orders["bitbucket"](order)

    def repository(self, number=0):
        living = [one for home in self.part.forge.workspaces for one in home.living()]
        return living[number % len(living)]

    def look(self):
        """Reckon what a look at this moment must tell, after the one before."""
        first: dict[tuple[str, str, str], tuple[str, str]] = {}
        truth = sorted(self.rig.simulator.truth(SOURCE), key=lambda row: row.key)
        for row in truth[self.grants :]:
            place = row.row["repository_uuid"] or row.row["workspace"]
            key = (row.row["scope"], place, row.row["subject"])
            before, _ = first.get(key, (row.row["before"], ""))
            first[key] = (before, row.row["after"])
        living = {one.uuid for home in self.part.forge.workspaces for one in home.living()}
        for (scope, place, subject), (before, after) in first.items():
            seen = scope == "workspace" or place in living & self.known
            if self.known and seen and before != after:
                kind = "changed" if before and after else "granted" if after else "removed"
                self.expected[kind, scope, place, subject, before, after] += 1
        self.grants, self.known = len(truth), living

    async def sync(self, **options):
        self.look()
        return self.rig.report(await self.rig.sync(**options), SOURCE)

    async def events(self):
        return [doc for doc in await self.rig.docs("audit") if doc["event"]["provider"] == "bitbucket"]

    async def lives(self):
        """Events about repositories themselves: action and uuid."""
        return Counter(
            (doc["event"]["action"], doc["atlassian"]["object"]["id"])
            for doc in await self.events()
            if doc["event"]["action"] not in KINDS
        )

    async def assert_all_seen(self):
        stored = Counter(facts(doc) for doc in await self.events() if doc["event"]["action"] in KINDS)
        missing, surplus = self.expected - stored, stored - self.expected
        assert not missing, f"{missing.total()} missing, such as {next(iter(missing))}"
        assert not surplus, f"{surplus.total()} too many, such as {next(iter(surplus))}"


def facts(doc):
    original, vendor = json.loads(doc["event"]["original"]), doc["atlassian"]
    scope, place = original["scope"], vendor["object"]
    assert vendor["derived"]
    assert vendor["actor_kind"] == "unknown"
    assert "id" not in doc["user"] if "user" in doc else True
    before, after = (text_of(scope, original[side]) for side in ("before", "after"))
    where = place["key"] if scope == "workspace" else place["id"]
    if scope == "branch-restriction":
        return (KINDS[doc["event"]["action"]], scope, place["container_id"], place["id"], before, after)
    assert doc["user"]["target"]["id"] in doc["related"]["user"]
    return (KINDS[doc["event"]["action"]], scope, where, doc["user"]["target"]["id"], before, after)


def text_of(scope, value):
    if value is None:
        return ""
    if scope != "branch-restriction":
        return value["permission"]
    return f"{value['kind']}|{value['pattern']}|{','.join(value['users'])}|{value.get('value', '')}"


async def open_world(rigs, name, repositories=4, **world):
    def changes(simulator):
        slugs = [one.slug for one in simulator.site.part(BitbucketPart).forge.workspaces]
        return {"sources": (SOURCE,), "bitbucket": bitbucket_settings(simulator, *slugs)}

    rig = await rigs.open(name, size=10, repositories=repositories, site_changes=changes, **world)
    return World(rig)


def stir(world, seed, count=12):
    """Permissions and restrictions move at random, with pushes and reviews beside."""
    world.do(do="random", count=count, seed=seed)
    people = [one.account_id for one in world.rig.simulator.site.world.people.staff]
    repository = world.repository(seed)
    for number in range(4):
        person = people[(seed * 5 + number) % len(people)]
        level = ("read", "write", "admin", "")[(seed + number) % 4]
        world.do(do="permit", repository=repository.full_name, account_id=person, permission=level)
    world.do(
        do="protect", repository=repository.full_name, kind="push", pattern=f"release/{seed}", id=9_000 + seed
    )
    if repository.rules and seed % 2:
        world.do(do="unprotect", repository=repository.full_name, id=repository.rules[0].id)


async def test_every_visible_change_is_one_event_through_every_fault(rigs):
    world = await open_world(rigs, "permissions-move", plan=FAULTS)
    reports = [await world.sync()]
    assert await world.events() == []
    for seed in range(1, 7):
        stir(world, seed)
        world.rig.clock.forward(minutes=5)
        reports.append(await world.sync())

    await world.assert_all_seen()
    assert len(world.expected) > 20
    assert {report.status for report in reports} == {SourceStatus.OK}
    assert all(report.conserved and not report.tally.conflict for report in reports)
    assert reports[0].tally.without_event["first_sight"] > 100


async def test_an_unchanged_world_tells_nothing_and_writes_nothing(rigs):
    world = await open_world(rigs, "permissions-still")
    await world.sync()
    world.rig.clock.forward(minutes=5)
    memory = await memory_of(world.rig)

    report = await world.sync()

    assert report.tally.stored == report.tally.events == 0
    assert report.tally.without_event.keys() == {"unchanged"}
    assert await memory_of(world.rig) == memory


async def memory_of(rig):
    await rig.client.indices.refresh(index="atlaslens-state")
    query = {
        "query": {"term": {"connector": f"{rig.site}:{SOURCE}"}},
        "size": 1000,
        "seq_no_primary_term": True,
    }
    hits = (await rig.client.search(index="atlaslens-state", body=query))["hits"]["hits"]
    return {hit["_id"]: hit["_seq_no"] for hit in hits if hit["_source"]["kind"] == "memory"}


async def test_what_was_undone_between_two_looks_is_seen_by_nobody(rigs):
    world = await open_world(rigs, "permissions-undone", repositories=1)
    await world.sync()
    repository = world.repository()
    (person, level), *_ = repository.permissions.items()
    world.do(do="permit", repository=repository.full_name, account_id=person, permission="")
    world.do(do="permit", repository=repository.full_name, account_id=person, permission=level)
    world.rig.clock.forward(minutes=5)

    assert (await world.sync()).tally.events == 0
    await world.assert_all_seen()


async def test_a_loosened_branch_restriction_says_what_was_loosened(rigs):
    world = await open_world(rigs, "permissions-rules", repositories=1)
    await world.sync()
    repository = world.repository()
    rule = next(one for one in repository.rules if one.value is not None)
    world.do(
        do="protect",
        repository=repository.full_name,
        id=rule.id,
        kind=rule.kind,
        pattern=rule.pattern,
        value=0,
    )
    world.do(do="unprotect", repository=repository.full_name, id=repository.rules[0].id)
    world.rig.clock.forward(minutes=5)
    await world.sync()

    found = {doc["event"]["action"]: doc for doc in await world.events()}
    assert found.keys() == {"branch_restriction_changed", "branch_restriction_removed"}
    changed = found["branch_restriction_changed"]["atlassian"]
    assert changed["changes"] == [{"field": "value", "from": "1", "to": "0"}]
    assert changed["object"]["id"] == str(rule.id)
    assert changed["object"]["container"] == repository.full_name
    assert changed["permission_change"]
    assert changed["sensitivity"] == "high"
    await world.assert_all_seen()


async def test_repositories_that_come_move_and_go_are_told(rigs):
    world = await open_world(rigs, "permissions-places")
    await world.sync()
    moved, gone = world.repository(0), world.repository(1)
    made = world.do(do="create-repository", workspace=moved.workspace.slug, slug="brand-new")
    world.do(do="rename-repository", repository=moved.full_name, slug="called-otherwise")
    world.do(do="delete-repository", repository=gone.full_name)
    world.rig.clock.forward(minutes=5)
    await world.sync()
    world.rig.clock.forward(minutes=5)
    await world.sync()

    assert await world.lives() == {
        ("repository_created", made["uuid"]): 1,
        ("repository_renamed", moved.uuid): 1,
        ("repository_deleted", gone.uuid): 1,
    }
    await world.assert_all_seen()


async def test_a_new_repository_is_watched_from_its_first_sight_on(rigs):
    world = await open_world(rigs, "permissions-new", repositories=1)
    await world.sync()
    made = world.do(do="create-repository", workspace=world.repository().workspace.slug, slug="brand-new")
    people = [one.account_id for one in world.rig.simulator.site.world.people.staff]
    world.do(do="permit", repository=made["repository"], account_id=people[1], permission="read")
    world.rig.clock.forward(minutes=5)
    await world.sync()
    world.do(do="permit", repository=made["repository"], account_id=people[2], permission="admin")
    world.rig.clock.forward(minutes=5)
    await world.sync()

    await world.assert_all_seen()
    assert len(world.expected) == 1


async def test_who_is_no_administrator_learns_it_and_nothing_is_inferred(rigs):
    world = await open_world(rigs, "permissions-refused", repositories=2)
    await world.sync()
    site = world.rig.simulator.site
    plain = site.faults
    site.set_faults(replace(plain, bitbucket_no_admin=True))
    stir(world, 1)
    world.rig.clock.forward(minutes=5)

    refused = world.rig.report(await world.rig.sync(), SOURCE)

    assert refused.status is SourceStatus.NO_PERMISSION
    assert await world.events() == []
    site.set_faults(plain)
    world.rig.clock.forward(minutes=5)
    assert (await world.sync()).status is SourceStatus.OK
    await world.assert_all_seen()
    assert world.expected


async def assert_recovered(world):
    """The next look tells what the broken one found and what it did not come to; the one after goes on."""
    world.rig.clock.forward(minutes=5)
    assert (await world.sync()).tally.conflict == 0
    await world.assert_all_seen()
    before = world.expected.total()
    stir(world, 2)
    world.rig.clock.forward(minutes=5)
    assert (await world.sync()).tally.conflict == 0
    await world.assert_all_seen()
    assert world.expected.total() > before > 0


@pytest.mark.parametrize("occurrence", [1, 2])
@pytest.mark.parametrize("step", list(Step), ids=lambda step: step.value)
async def test_an_exception_at_a_step_loses_and_doubles_nothing(rigs, step, occurrence):
    world = await open_world(rigs, f"permissions-raise-{step.value}-{occurrence}", repositories=2)
    await world.sync()
    gone = world.repository(0)
    stir(world, 1)
    world.do(do="delete-repository", repository=gone.full_name)
    world.rig.clock.forward(minutes=5)
    try:
        await world.sync(on_step=crash_at(step, occurrence))
    except Crash:
        crashed = True
    else:
        crashed = False
    await assert_recovered(world)
    assert sum((await world.lives()).values()) == 1
    assert crashed or (step, occurrence) in {
        (Step.PAGES_DONE, 2),
        (Step.LEDGER_WRITTEN, 2),
        (Step.CURSOR_SAVED, 2),
    }


@pytest.mark.parametrize("step", [Step.FETCHED, Step.STORED, Step.PAGES_DONE], ids=lambda step: step.value)
async def test_a_kill_at_a_step_loses_and_doubles_nothing(rigs, tmp_path, step):
    world = await open_world(rigs, f"permissions-kill-{step.value}", repositories=2)
    await world.sync()
    stir(world, 3)
    world.rig.clock.forward(minutes=5)
    world.look()
    (site,) = world.rig.settings.sites.values()
    prefix = f"SITES__{world.rig.site.upper()}__"
    more = {
        f"{prefix}SOURCES": json.dumps([SOURCE]),
        f"{prefix}BITBUCKET__WORKSPACES": json.dumps(list(site.bitbucket.workspaces)),
        f"{prefix}BITBUCKET__EMAIL": site.bitbucket.email,
        f"{prefix}BITBUCKET__API_TOKEN": site.bitbucket.api_token.get_secret_value(),
        f"{prefix}BITBUCKET__URL": site.bitbucket.url,
        f"{prefix}BITBUCKET__REQUESTS_PER_HOUR": "100000",
    }

    await kill_at(world.rig, tmp_path, step, **more)

    await assert_recovered(world)
