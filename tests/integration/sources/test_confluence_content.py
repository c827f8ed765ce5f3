"""The store holds what people did with pages, posts and comments, whatever goes wrong on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from atlaslens_forwarder.errors import AccessError
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.simulator import FaultPlan
from tests.integration.sources.content import (
    CONTENT,
    ONLY,
    Looks,
    act,
    assert_resolutions_equal_truth,
    assert_versions_equal_truth,
    look,
    stored,
    sync,
    true_versions,
    versions,
)

# Every kind of failure, but fewer of those that cost a second of waiting each.
EVERYTHING = replace(
    FaultPlan.everything(),
    bucket_size=100_000,
    slow=0.0,
    **dict.fromkeys(("throttle", "throttle_bare", "throttle_zero", "throttle_html", "unavailable"), 0.004),
)
ALL_AT_A_LOOK = {"hours": 7}


async def world(rigs, name, **options):
    return await rigs.open(name, **({"size": 10, "pages": 25, "site_changes": ONLY} | options))


async def test_a_full_sync_through_every_fault_stores_every_version_once(rigs):
    rig = await world(rigs, "content-faults", plan=replace(EVERYTHING, page_limit=25))

    report = await sync(rig)

    assert report.status.value == "ok"
    assert report.tally.stored > 50
    assert not await versions(rig) - true_versions(rig)
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, arriving_changes=0))
    rig.clock.forward(minutes=5)
    await sync(rig)
    await assert_versions_equal_truth(rig)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_moving_site_is_followed_through_walks_and_looks(rigs, seed):
    rig = await world(rigs, f"content-moving-{seed}", seed=seed)
    looks = Looks(rig)
    await sync(rig)
    looks.look()
    for number in range(9):
        rig.clock.forward(minutes=25)
        act(rig, "random", count=12, seed=100 * seed + number)
        rig.clock.forward(**(ALL_AT_A_LOOK if number % 3 == 2 else {"minutes": 20}))
        await sync(rig)
        if number % 3 == 2:
            looks.look()
            await assert_versions_equal_truth(rig)
        await looks.assert_equal()

    await assert_resolutions_equal_truth(rig)
    assert len({action for action, *_ in looks.expected}) >= 4


async def test_a_moving_site_with_every_fault_ends_equal_to_its_truth(rigs):
    # Windows side by side ask for the same pages: one's tries use up those that let the other through.
    plan = replace(EVERYTHING, page_limit=30, arriving_limit=60, failures_in_a_row=1)
    rig = await world(rigs, "content-restless", pages=15, plan=plan)
    await sync(rig)
    for number in range(4):
        rig.clock.forward(hours=3)
        act(rig, "random", count=15, seed=number)
        rig.clock.forward(minutes=2)
        await sync(rig)
    rig.simulator.site.set_faults(replace(plan, arriving_changes=0))
    rig.clock.forward(**ALL_AT_A_LOOK)
    await sync(rig)

    await assert_versions_equal_truth(rig)
    await assert_resolutions_equal_truth(rig)


async def test_a_sync_of_an_unchanged_site_stores_nothing_and_asks_for_the_front_of_each_list_only(rigs):
    rig = await world(rigs, "content-unchanged", pages=60)
    await sync(rig)
    rig.clock.forward(hours=2)
    await sync(rig)
    before = len(rig.simulator.requests)
    rig.clock.forward(minutes=5)

    report = await sync(rig)

    assert report.tally.stored == 0
    asked = [request["path"] for request in rig.simulator.requests[before:]]
    assert not any(path.endswith("versions") for path in asked)
    lists = [path for path in asked if "/api/v2/" in path]
    assert len(lists) == 4 + 2  # the front of four lists, and two of them to prove access
    assert (await look(rig)).tally.stored == 0
    assert not any(request["path"].endswith("versions") for request in rig.simulator.requests[before:])


async def test_no_address_in_a_title_or_message_is_kept_in_clear(rigs):
    rig = await world(rigs, "content-private", pages=3)
    page = act(rig, "create", space="ENG", title="Ask oncall@acme.example")["id"]
    act(rig, "edit", id=page, message="as legal@acme.example said")
    rig.clock.forward(minutes=5)
    await sync(rig)
    act(rig, "trash", id=page)
    await look(rig)

    (turn,) = await stored(rig, "turn")
    assert turn["message"].startswith("Page trashed: Ask [email:")
    await rig.client.indices.refresh(index="atlaslens-*")
    query = {"size": 1000, "query": {"prefix": {"connector": f"{rig.site}:"}}}
    state = await rig.client.search(index="atlaslens-state", body=query)
    assert len(state["hits"]["hits"]) > 3
    assert "@acme" not in str(state["hits"]["hits"])
    assert "@acme" not in str(await rig.docs("activity"))


async def test_every_version_between_two_polls_is_an_event(rigs):
    rig = await world(rigs, "content-between")
    page = act(rig, "create", space="ENG", title="One")["id"]
    rig.clock.forward(minutes=5)
    await sync(rig)
    act(rig, "edit", id=page, times=300, message="on it", minor=True)
    rig.clock.forward(minutes=5)

    assert (await sync(rig)).tally.stored == 300
    await assert_versions_equal_truth(rig)
    newest = max(await stored(rig, "version"), key=lambda doc: doc["atlassian"]["version"])
    assert newest["atlassian"]["version"] == 301
    assert newest["event"]["action"] == "page_updated"
    assert newest["message"] == "Page updated: One – on it"
    assert newest["atlassian"]["minor_edit"]
    assert newest["event"]["url"].endswith("/wiki/spaces/ENG/pages/" + page + "/One")
    assert "on it" not in newest["event"]["original"]


async def test_comments_carry_the_page_they_stand_on(rigs):
    rig = await world(rigs, "content-comments", pages=3)
    page = act(rig, "create", space="ENG", title="Topic")["id"]
    comment = act(rig, "comment", on=page, selection="words")["id"]
    rig.clock.forward(minutes=5)
    await sync(rig)

    (doc,) = [doc for doc in await stored(rig, "version") if doc["atlassian"]["object"]["id"] == comment]
    assert doc["event"]["action"] == "comment_created"
    work_item = doc["atlassian"]["work_item"]
    assert (work_item["type"], work_item["id"], work_item["name"]) == ("page", page, "Topic")


async def test_turns_are_told_at_the_next_look_and_collapse(rigs):
    rig = await world(rigs, "content-turns", pages=3)
    ids = [act(rig, "create", space="ENG", title=f"Page {number}")["id"] for number in range(6)]
    comment = act(rig, "comment", on=ids[5], selection="words")["id"]
    rig.clock.forward(minutes=5)
    await sync(rig)
    act(rig, "trash", id=ids[0])
    for do in ("trash", "restore"):
        act(rig, do, id=ids[1])
    for do in ("trash", "purge"):
        act(rig, do, id=ids[2])
    act(rig, "move", id=ids[3], space="OPS")
    act(rig, "archive", id=ids[4])
    person = rig.simulator.site.world.people.staff[3].account_id
    act(rig, "resolve", id=comment, actor=person)
    new = act(rig, "create", space="ENG", title="Short life")["id"]
    act(rig, "trash", id=new)
    rig.clock.forward(minutes=30)
    await sync(rig)
    assert await stored(rig, "turn") == []
    await look(rig)

    turns = await stored(rig, "turn")
    assert {(doc["event"]["action"], doc["atlassian"]["object"]["id"]) for doc in turns} == {
        ("page_trashed", ids[0]),
        ("page_deleted", ids[2]),
        ("page_moved", ids[3]),
        ("page_archived", ids[4]),
        ("page_trashed", new),
    }
    for doc in turns:
        assert doc["atlassian"]["derived"]
        assert "user" not in doc
    (resolution,) = await stored(rig, "resolution")
    assert (resolution["event"]["action"], resolution["user"]["id"]) == ("comment_resolved", person)
    assert "derived" not in resolution["atlassian"]
    assert (moved := next(doc for doc in turns if doc["event"]["action"] == "page_moved"))
    assert moved["atlassian"]["change_summary"] == ["space: ENG → OPS"]


async def test_nothing_follows_from_absence_but_a_comment_gone_from_a_page_that_is_there(rigs):
    rig = await world(rigs, "content-absence", pages=3)
    pages = [act(rig, "create", space="ENG", title=f"Page {number}")["id"] for number in range(4)]
    comments = [act(rig, "comment", on=page)["id"] for page in pages]
    rig.clock.forward(minutes=5)
    await sync(rig)
    act(rig, "delete", id=comments[0])
    act(rig, "restrict", id=pages[1])
    act(rig, "trash", id=pages[2])
    await look(rig)

    turned = {(doc["event"]["action"], doc["atlassian"]["object"]["id"]) for doc in await stored(rig, "turn")}
    assert turned == {("comment_deleted", comments[0]), ("page_trashed", pages[2])}
    act(rig, "unrestrict", id=pages[1])
    act(rig, "restore", id=pages[2])
    assert (await look(rig)).tally.stored == 1
    assert len(await stored(rig, "turn")) == 3


async def test_a_crash_anywhere_in_a_look_loses_and_doubles_no_turn(rigs):
    rig = await world(rigs, "content-crash", pages=3)
    pages = [act(rig, "create", space="ENG", title=f"Page {number}")["id"] for number in range(5)]
    comment = act(rig, "comment", on=pages[4])["id"]
    rig.clock.forward(minutes=5)
    await sync(rig)
    for page in pages[:4]:
        act(rig, "trash", id=page)
    act(rig, "delete", id=comment)
    rig.clock.forward(hours=7)
    for number in range(1, 200, 3):
        crash = CrashAt(number)
        try:
            await rig.sync(on_step=crash)
        except (Crash, ExceptionGroup):
            rig.clock.forward(minutes=1)
        else:
            break
    assert number > 20

    turned = sorted(doc["atlassian"]["object"]["id"] for doc in await stored(rig, "turn"))
    assert turned == sorted([*pages[:4], comment])
    await assert_versions_equal_truth(rig)


class Crash(Exception):  # noqa: N818  no error, but the end
    """The forwarder stops dead."""


class CrashAt:
    """Lets so many steps of a round happen."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def __call__(self, _step: object) -> None:
        self._left -= 1
        if self._left == 0:
            raise Crash


async def test_what_was_hidden_when_its_time_was_read_is_found_by_a_look(rigs):
    rig = await world(rigs, "content-hidden")
    page = act(rig, "create", space="ENG", title="Secret")["id"]
    act(rig, "comment", on=page)
    act(rig, "restrict", id=page)
    rig.clock.forward(days=2)
    await sync(rig)
    act(rig, "unrestrict", id=page)

    assert (await look(rig)).tally.stored == 2
    await assert_versions_equal_truth(rig)


async def test_a_walk_that_breaks_off_keeps_its_newest_part(rigs):
    rig = await world(rigs, "content-broken", pages=120, page_limit=20, expires_after=90)
    report = rig.report(await rig.sync(), CONTENT)
    assert isinstance(report.error, AccessError)
    kept = (await rig.cursor(CONTENT)).covered.spans
    assert kept[0][0] > rig.clock() - 300 * DAY_MS
    already = sum((await versions(rig)).values())
    assert already > 20
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, expires_after=0))
    rig.clock.forward(minutes=5)

    again = await sync(rig)

    assert again.tally.repeat < already
    await assert_versions_equal_truth(rig)
    assert (await rig.cursor(CONTENT)).covered.spans[0][0] <= rig.clock() - 365 * DAY_MS


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"content_no_licence": True}, "no-permission"),
        ({"expired_token": True}, "expired"),
        ({"silent_anonymous": True}, "expired"),
        ({"login_page": "html"}, "expired"),
    ],
)
async def test_refused_access_is_told_apart_and_covers_nothing(rigs, fault, status):
    rig = await world(rigs, f"content-refused-{next(iter(fault)).replace('_', '-')}", pages=5)
    await sync(rig)
    covered = (await rig.cursor(CONTENT)).covered
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, **fault))
    rig.clock.forward(hours=8)

    report = rig.report(await rig.sync(), CONTENT)

    assert report.status.value == status
    assert (await rig.cursor(CONTENT)).covered == covered
    assert await stored(rig, "turn") == []


async def test_the_gateway_serves_the_same_and_a_missing_scope_is_named(rigs):
    def scoped(simulator):
        return ONLY | {
            "url": simulator.url,
            "gateway_url": simulator.url,
            "api_token": simulator.credentials.scoped_token,
            "token_kind": "scoped",
        }

    rig = await world(rigs, "content-gateway", page_limit=7, site_changes=scoped)
    await sync(rig)
    await assert_versions_equal_truth(rig)
    assert any(request["path"].startswith("/ex/confluence/") for request in rig.simulator.requests)
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, content_no_scope=True))
    rig.clock.forward(hours=1)

    assert rig.report(await rig.sync(), CONTENT).status.value == "no-scope"


async def test_asking_since_reads_everything_again_and_finds_only_repeats(rigs):
    rig = await world(rigs, "content-since")
    await sync(rig)
    before = sum((await versions(rig)).values())
    rig.clock.forward(hours=1)

    report = await sync(rig, since_ms=rig.clock() - 300 * DAY_MS)

    assert report.tally.stored == 0
    assert report.tally.repeat >= before * 0.9
