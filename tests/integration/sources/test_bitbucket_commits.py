"""Commits are followed by what branches reach: nothing is lost, doubled or put down to somebody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pydantic import SecretStr

from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, parse_iso_ms
from tests.integration.sources.bitbucket import (
    CALM,
    COMMITS,
    EVERYTHING,
    assert_between,
    assert_clean,
    code_events,
    commit_truth,
    commits_stored,
    open_rig,
    order,
    repositories,
    set_bitbucket,
    when_asked,
)


async def check(rig):
    assert_between(commit_truth(rig, gone=False), await commits_stored(rig), commit_truth(rig, gone=True))


async def stored_hashes(rig):
    return [doc["atlassian"]["commit"]["hash"] for doc in await code_events(rig, "commit")]


async def test_a_full_sync_through_every_fault_stores_every_commit_once(rigs):
    rig = await open_rig(rigs, "cfaults", COMMITS, plan=EVERYTHING)
    reports = await rig.sync()
    rig.clock.forward(minutes=5)
    rig.simulator.site.set_faults(replace(EVERYTHING, arriving_changes=0))
    assert_clean(reports, await rig.sync())
    await check(rig)

    docs = await code_events(rig, "commit")
    assert {doc["atlassian"]["object"]["container"].split("/")[0] for doc in docs} == {
        "cfaults",
        "cfaults-labs",
    }
    by_hash = {row.row["hash"]: row.row for row in rig.simulator.truth(COMMITS)}
    strangers = 0
    for doc in docs:
        row, author = by_hash[doc["atlassian"]["commit"]["hash"]], doc["atlassian"].get("author", {})
        assert doc["message"] == row["message"].splitlines()[0]
        if row["author_id"] is None:
            strangers += 1
            assert doc["atlassian"]["actor_kind"] == "unidentified"
            assert "id" not in author
            assert ("email_blind" in author) == ("@" in row["author_raw"])
    assert strangers


async def test_random_work_is_followed_through_many_polls(rigs):
    rig = await open_rig(rigs, "crandom", COMMITS, plan=CALM)
    rounds = [await rig.sync()]
    for number in range(12):
        order(rig, "random", count=25, seed=number)
        rig.clock.forward(minutes=7)
        order(rig, "random", count=15, seed=1000 + number)
        rounds.append(await rig.sync())
        await check(rig)
    assert_clean(*rounds)


async def test_an_unchanged_world_stores_nothing_and_asks_for_branches_only(rigs):
    rig = await open_rig(rigs, "cstill", COMMITS)
    await rig.sync()
    before = len(rig.simulator.requests)
    rig.clock.forward(minutes=5)

    report = rig.report(await rig.sync(), COMMITS)

    assert (report.tally.rows, report.tally.stored) == (0, 0)
    asked = [
        request["path"] for request in rig.simulator.requests[before:] if request["path"].startswith("/2.0")
    ]
    assert len(asked) == 1 + 2 + len(repositories(rig))
    assert not [path for path in asked if path.endswith("/commits")]


@pytest.mark.parametrize("days", [400, -3000, 3000])
async def test_a_commit_whose_date_cannot_be_is_kept_with_its_date_and_never_comes_twice(rigs, days):
    rig = await open_rig(rigs, f"cdate{days}".replace("-", "m"), COMMITS, repositories=1)
    await rig.sync()
    home = repositories(rig)[0]
    date_ms = rig.clock() + days * DAY_MS
    rig.clock.forward(minutes=5)
    (name,) = order(rig, "push", repository=home, date_ms=date_ms)["hashes"]
    rig.clock.forward(minutes=5)
    (after,) = order(rig, "push", repository=home)["hashes"]
    rounds = [await rig.sync()]
    (doc,) = [doc for doc in await code_events(rig, "commit") if doc["atlassian"]["commit"]["hash"] == name]
    assert doc["atlassian"]["undated"] is True
    assert parse_iso_ms(doc["@timestamp"]) == date_ms // 1000 * 1000

    # What comes after it is not held up, and reading it again stores nothing.
    assert after in await stored_hashes(rig)
    rig.clock.forward(hours=1)
    rounds.append(await rig.sync(since_ms=rig.clock() - 30 * DAY_MS))
    if days == 400:
        rig.clock.forward(days=399)  # by now the date is possible
        rounds.append(await rig.sync(since_ms=rig.clock() - 365 * DAY_MS))
    assert (await stored_hashes(rig)).count(name) == 1
    assert sum(report.tally.stored for reports in rounds[1:] for report in reports.values()) == 0
    assert_clean(*rounds)


async def test_late_pushes_force_pushes_and_lost_heads(rigs):
    rig = await open_rig(rigs, "cforce", COMMITS, repositories=1)
    await rig.sync()
    home = repositories(rig)[0]
    rounds = []
    for number, (rebased, forget) in enumerate([(True, False), (True, True), (False, True), (False, False)]):
        branch = f"work-{number}"
        rig.clock.forward(minutes=5)
        order(rig, "push", repository=home, branch=branch, count=3, date_ms=rig.clock() - 90 * DAY_MS)
        rounds.append(await rig.sync())
        late = [doc for doc in await code_events(rig, "commit") if doc["atlassian"]["late"]]
        assert len(late) == sum(report.tally.late for reports in rounds for report in reports.values())
        rig.clock.forward(minutes=5)
        order(rig, "force-push", repository=home, branch=branch, drop=2, rebased=rebased, forget=forget)
        order(rig, "push", repository=home, branch=branch, count=1)
        rounds.append(await rig.sync())
        await check(rig)
        rig.clock.forward(minutes=5)
        order(rig, "delete-branch", repository=home, branch=branch)
        rounds.append(await rig.sync())
        await check(rig)
    # Even the whole of the only branch can be lost.
    rig.clock.forward(minutes=5)
    order(rig, "force-push", repository=home, branch="main", drop=2, rebased=True, forget=True)
    rounds.append(await rig.sync())
    await check(rig)
    assert_clean(*rounds)
    assert len(await stored_hashes(rig)) == len(set(await stored_hashes(rig)))


async def test_renamed_deleted_and_new_repositories(rigs):
    rig = await open_rig(rigs, "cplaces", COMMITS, repositories=5)
    await rig.sync()
    first, second, *_ = repositories(rig)
    before = await stored_hashes(rig)
    rig.clock.forward(minutes=5)
    renamed = order(rig, "rename-repository", repository=first, slug="other-name")["repository"]
    order(rig, "push", repository=renamed)
    order(rig, "delete-repository", repository=second)
    order(rig, "create-repository", slug=second.split("/")[1])
    made = order(rig, "create-repository", workspace="cplaces-labs", slug="brand-new")["repository"]
    order(rig, "push", repository=made, date_ms=rig.clock() - 3000 * DAY_MS)

    rounds = [await rig.sync()]

    await check(rig)
    assert_clean(*rounds)
    after = await stored_hashes(rig)
    assert set(before) < set(after)
    assert len(after) == len(set(after)) == len(before) + 4
    docs = {doc["atlassian"]["commit"]["hash"]: doc for doc in await code_events(rig, "commit")}
    homes = {docs[name]["atlassian"]["object"]["container"] for name in set(after) - set(before)}
    assert homes == {renamed, second, made}


async def test_a_repository_that_is_deleted_while_it_is_read_does_not_stop_the_others(rigs):
    rig = await open_rig(rigs, "cmidway", COMMITS, repositories=5)
    victim = repositories(rig)[1]

    async def delete_midway():
        await when_asked(rig, "/refs/branches")
        order(rig, "delete-repository", repository=victim)

    task = asyncio.create_task(delete_midway())
    reports = await rig.sync()
    await task

    report = rig.report(reports, COMMITS)
    assert report.status.value == "ok"
    assert report.tally.without_event["repository_gone"] == 1
    await check(rig)


async def test_one_unreadable_workspace_leaves_the_other_read_and_the_window_open(rigs):
    rig = await open_rig(rigs, "chalf", COMMITS)
    found = rig.settings.sites["chalf"].bitbucket.workspaces
    set_bitbucket(rig, workspaces=("no-such-workspace", *found))

    report = rig.report(await rig.sync(), COMMITS)

    assert report.status.value == "no-permission"
    assert "no-such-workspace" in str(report.error)
    assert report.windows_covered == 0
    await check(rig)


@pytest.mark.parametrize(
    ("fault", "status"), [("bitbucket_expired", "expired"), ("bitbucket_no_scope", "no-scope")]
)
async def test_refused_access_has_its_status(rigs, fault, status):
    rig = await open_rig(rigs, f"c{status}".replace("-", ""), COMMITS, repositories=1)
    rig.simulator.site.set_faults(replace(CALM, **{fault: True}))

    report = rig.report(await rig.sync(), COMMITS)

    assert report.status.value == status
    assert not await code_events(rig, "commit")


async def test_an_access_token_without_an_account_reads_too(rigs):
    rig = await open_rig(rigs, "ctoken", COMMITS, repositories=1)
    set_bitbucket(rig, email="", api_token=SecretStr(rig.simulator.credentials.bitbucket_access_token))
    assert_clean(await rig.sync())
    await check(rig)


async def test_work_that_a_broken_round_had_not_stored_is_read_again(rigs):
    rig = await open_rig(rigs, "cbroken", COMMITS)
    rig.simulator.site.set_faults(replace(CALM, expires_after=6))
    report = rig.report(await rig.sync(), COMMITS)
    assert report.status.value == "expired"
    rig.simulator.site.set_faults(CALM)
    rig.clock.now_ms += HOUR_MS
    assert_clean(await rig.sync())
    await check(rig)


async def test_many_branches_are_asked_for_with_a_form(rigs):
    rig = await open_rig(rigs, "cmany", COMMITS, repositories=1)
    rounds = [await rig.sync()]
    home = repositories(rig)[0]
    for _ in range(2):
        rig.clock.forward(minutes=5)
        for number in range(60):
            order(rig, "push", repository=home, branch=f"many-{number}")
        rounds.append(await rig.sync())
        await check(rig)
    assert_clean(*rounds)
    assert rounds[-1]["cmany:bitbucket-commits"].tally.rows == 60


async def test_history_before_the_retention_is_no_news_when_it_is_listed_again(rigs):
    rig = await open_rig(rigs, "cold", COMMITS, repositories=1)
    home = repositories(rig)[0]
    order(rig, "push", repository=home, branch="old", count=3, date_ms=rig.clock() - 2000 * DAY_MS)
    first = rig.report(await rig.sync(), COMMITS)
    assert first.tally.skipped == 3
    rig.clock.forward(minutes=5)

    again = rig.report(await rig.sync(since_ms=rig.clock() - DAY_MS), COMMITS)

    assert again.tally.stored == 0
    assert again.tally.without_event["before_retention"] == 3
    assert again.tally.without_event["already_stored"] == first.tally.stored
    # What is pushed from now on is news, whatever its date.
    rig.clock.forward(minutes=5)
    order(rig, "push", repository=home, branch="old", date_ms=rig.clock() - 2000 * DAY_MS)
    assert rig.report(await rig.sync(), COMMITS).tally.stored == 1
