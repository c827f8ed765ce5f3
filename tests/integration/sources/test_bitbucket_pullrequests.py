"""Pull requests and reviews: every visible deed once, and put down to who did it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from atlaslens_forwarder.model.time import HOUR_MS, MINUTE_MS, parse_iso_ms
from atlaslens_forwarder.simulator.world.names import Naming
from tests.integration.sources.bitbucket import (
    CALM,
    EVERYTHING,
    PULLS,
    assert_between,
    assert_clean,
    code_events,
    open_rig,
    order,
    pull_truth,
    pulls_stored,
    repositories,
    when_asked,
)


async def check(rig):
    until_ms = rig.clock() - MINUTE_MS
    least, most = pull_truth(rig, until_ms, gone=False), pull_truth(rig, rig.clock(), gone=True)
    assert_between(least, await pulls_stored(rig), most)


async def deeds(rig, action):
    return [doc for doc in await code_events(rig, "pull_request") if doc["event"]["action"] == action]


async def test_a_full_sync_through_every_fault_stores_every_deed_once(rigs):
    rig = await open_rig(rigs, "pfaults", PULLS, plan=EVERYTHING)
    reports = await rig.sync()
    rig.clock.forward(minutes=5)
    rig.simulator.site.set_faults(replace(EVERYTHING, arriving_changes=0))
    assert_clean(reports, await rig.sync())
    await check(rig)

    closed = [
        doc
        for doc in await code_events(rig, "pull_request")
        if doc["event"]["action"] in {"pull_request_merged", "pull_request_declined"}
    ]
    assert closed
    for doc in closed:
        took_ms = parse_iso_ms(doc["@timestamp"]) - parse_iso_ms(doc["event"]["start"])
        assert doc["event"]["duration"] == took_ms * 1_000_000
    assert [doc for doc in closed if doc["user"]["id"] != doc["atlassian"]["author"]["id"]]


@pytest.mark.parametrize("is_quiet", [False, True])
async def test_random_work_is_followed_through_many_polls(rigs, is_quiet):
    plan = replace(CALM, bitbucket_quiet_reviews=is_quiet)
    rig = await open_rig(rigs, f"prandom{is_quiet}".lower(), PULLS, plan=plan, repositories=3)
    rounds = [await rig.sync()]
    for number in range(8):
        order(rig, "random", count=25, seed=number)
        rig.clock.forward(minutes=20)
        order(rig, "random", count=15, seed=500 + number)
        rig.clock.forward(minutes=2)
        rounds.append(await rig.sync())
        await check(rig)
    assert_clean(*rounds)


async def test_quiet_reviews_during_an_outage_are_found(rigs):
    plan = replace(CALM, bitbucket_quiet_reviews=True)
    rig = await open_rig(rigs, "pquiet", PULLS, plan=plan, repositories=1)
    home = repositories(rig)[0]
    number = order(rig, "open", repository=home)["id"]
    rig.clock.forward(hours=3)
    rounds = [await rig.sync()]
    rig.clock.forward(hours=5)
    order(rig, "approve", repository=home, id=number)
    rig.clock.forward(days=20)

    rounds.append(await rig.sync())

    (doc,) = [
        doc
        for doc in await deeds(rig, "pull_request_approved")
        if doc["atlassian"]["work_item"]["key"] == f"{home}#{number}"
    ]
    assert rig.clock() - parse_iso_ms(doc["@timestamp"]) == 480 * HOUR_MS
    await check(rig)
    assert_clean(*rounds)


async def test_an_unchanged_world_stores_nothing_and_asks_for_the_overlap_only(rigs):
    rig = await open_rig(rigs, "pstill", PULLS)
    await rig.sync()
    rig.clock.forward(hours=2)
    await rig.sync()
    rig.clock.forward(minutes=50)
    before = len(rig.simulator.requests)

    report = rig.report(await rig.sync(), PULLS)

    assert report.tally.stored == 0
    asked = [one["path"] for one in rig.simulator.requests[before:] if one["path"].startswith("/2.0")]
    # Who we are, both workspaces, and for each repository its list and the newest page of its activity.
    assert len(asked) == 1 + 2 + 2 * len(repositories(rig))


async def test_comments_are_told_in_every_state_that_is_seen(rigs):
    rig = await open_rig(rigs, "pcomments", PULLS, repositories=1)
    home = repositories(rig)[0]
    number = order(rig, "open", repository=home)["id"]
    entry = order(rig, "comment", repository=home, id=number, text="call me at me@acme.example")["entry"]
    rounds = []
    for do in ("edit-comment", "edit-comment", "delete-comment"):
        rig.clock.forward(minutes=5)
        rounds.append(await rig.sync())
        order(rig, do, repository=home, id=number, entry=entry)
    rig.clock.forward(minutes=5)
    rounds.append(await rig.sync())

    docs = [
        doc
        for doc in await code_events(rig, "pull_request_comment")
        if doc["atlassian"]["work_item"]["key"] == f"{home}#{number}"
    ]
    names = sorted(doc["event"]["action"].removeprefix("pull_request_comment_") for doc in docs)
    assert names == ["added", "deleted", "edited", "edited"]
    assert not [doc for doc in docs if "call me" in str(doc)]
    (deleted,) = [doc for doc in docs if doc["event"]["action"].endswith("deleted")]
    assert "user" not in deleted
    assert deleted["atlassian"]["author"]["id"]
    await check(rig)
    assert_clean(*rounds)


async def test_names_may_change_and_repositories_too(rigs):
    rig = await open_rig(rigs, "pnames", PULLS, repositories=3)
    await rig.sync()
    first, second, *_ = repositories(rig)
    before = await pulls_stored(rig)
    rig.clock.forward(minutes=5)
    renamed = order(rig, "rename-repository", repository=first, slug="elsewhere")["repository"]
    number = order(rig, "open", repository=renamed)["id"]
    order(rig, "retitle", repository=renamed, id=number, title="Another title")
    order(rig, "delete-repository", repository=second)
    people = rig.simulator.site.world.people.staff[:20]
    naming = Naming("Somebody Else", "Somebody", "atlassian", is_external=False)
    for person in people:
        rig.simulator.site.world.names.rename(person, naming)
    rig.clock.forward(minutes=5)

    reports = await rig.sync(since_ms=rig.clock() - 300 * 24 * HOUR_MS)

    assert_clean(reports)
    await check(rig)
    assert (await pulls_stored(rig) - before).total() == 2
    assert rig.report(reports, PULLS).tally.repeat > 0


async def test_a_repository_that_is_deleted_while_it_is_read_does_not_stop_the_others(rigs):
    rig = await open_rig(rigs, "pmidway", PULLS)
    victim = repositories(rig)[1]

    async def delete_midway():
        await when_asked(rig, "/pullrequests")
        order(rig, "delete-repository", repository=victim)

    task = asyncio.create_task(delete_midway())
    reports = await rig.sync()
    await task
    assert_clean(reports)
    assert rig.report(reports, PULLS).tally.without_event["repository_gone"] >= 1
    rig.clock.forward(minutes=5)
    assert_clean(await rig.sync())
    await check(rig)
