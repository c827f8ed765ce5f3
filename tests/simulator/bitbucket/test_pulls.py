"""Pull requests and their activity name who really did it."""

from __future__ import annotations

import pytest

STATES = [("state", state) for state in ("OPEN", "MERGED", "DECLINED", "SUPERSEDED")]


def pulls(repository):
    return f"/repositories/{repository}/pullrequests"


def said_by(entry):
    """Kind, account and time of an activity entry; the time stands elsewhere in each kind."""
    (kind,) = set(entry) - {"pull_request"}
    inner = entry[kind]
    person = inner["author"] if kind == "update" else inner["user"]
    return kind, person["account_id"], inner["created_on"] if kind == "comment" else inner["date"]


async def test_open_pull_requests_only_unless_states_are_asked_for(bench, repository):
    async with bench() as s:
        for end in ("merge", "decline", "supersede"):
            made = await s.order("open", repository=repository)
            await s.order(end, repository=repository, id=made["id"])
        await s.order("open", repository=repository)
        assert {row["state"] for row in await s.walked(pulls(repository))} == {"OPEN"}
        rows = await s.walked(pulls(repository), [*STATES, ("pagelen", 3)])
        assert {row["state"] for row in rows} == {state for _, state in STATES}
        assert len({row["id"] for row in rows}) == len(rows)
        assert not any("participants" in row or "reviewers" in row for row in rows)


@pytest.mark.parametrize("tail", ["", "/activity", "/1/activity"])
async def test_pages_hold_at_most_fifty(bench, repository, tail):
    async with bench() as s:
        assert (await s.ask(pulls(repository) + tail, {"pagelen": 50})).status_code == 200
        answer = await s.ask(pulls(repository) + tail, {"pagelen": 100})
        assert answer.status_code == 400
        assert answer.json()["error"]["message"] == "Invalid pagelen"


async def test_pull_requests_are_found_by_time_of_change_oldest_first(bench, repository):
    async with bench() as s:
        rows = await s.walked(pulls(repository), [*STATES, ("sort", "updated_on")])
        times = [row["updated_on"] for row in rows]
        assert times == sorted(times)
        query = [*STATES, ("sort", "updated_on"), ("q", f'updated_on>="{times[2]}"')]
        assert await s.walked(pulls(repository), query) == rows[2:]


@pytest.mark.parametrize(
    "query", [{"state": "LOST"}, {"q": "updated_on>=yesterday"}, {"q": "size>1"}, {"sort": "size"}]
)
async def test_parameters_that_cannot_be_served_are_400(bench, repository, query):
    async with bench() as s:
        assert (await s.ask(pulls(repository), query)).status_code == 400


@pytest.mark.parametrize(
    ("end", "state"), [("merge", "MERGED"), ("decline", "DECLINED"), ("supersede", "SUPERSEDED")]
)
async def test_the_end_is_credited_to_who_brought_it(bench, repository, end, state):
    async with bench() as s:
        author, closer = s.person(11), s.person(3)
        made = await s.order("open", repository=repository, actor=author)
        await s.advance(60)
        await s.order(end, repository=repository, id=made["id"], actor=closer)
        row = await s.told(f"{pulls(repository)}/{made['id']}")
        assert (row["state"], row["author"]["account_id"]) == (state, author)
        assert row["closed_by"]["account_id"] == closer
        entry = (await s.told(f"{pulls(repository)}/{made['id']}/activity"))["values"][0]
        assert said_by(entry)[:2] == ("update", closer)
        assert entry["update"]["state"] == state
        key = row["destination"]["repository"]["uuid"]
        truth = s.truth("pullrequests")[f"{key}:{made['id']}:{state}"]
        assert (truth.row["actor"], truth.row["author_id"]) == (closer, author)


async def test_reviews_are_credited_and_can_be_taken_back(bench, repository):
    async with bench() as s:
        author, one, two = s.person(11), s.person(6), s.person(7)
        pull = (await s.order("open", repository=repository, actor=author))["id"]
        path = f"{pulls(repository)}/{pull}/activity"
        await s.order("approve", repository=repository, id=pull, actor=one)
        await s.order("request-changes", repository=repository, id=pull, actor=two)
        entries = [said_by(entry) for entry in await s.walked(path)]
        assert [(kind, who) for kind, who, _ in entries] == [
            ("changes_requested", two),
            ("approval", one),
            ("update", author),
        ]
        assert len({when for _, _, when in entries}) == 3
        await s.order("withdraw", repository=repository, id=pull, actor=one)
        assert "approval" not in {said_by(entry)[0] for entry in await s.walked(path)}
        rows = [row.row for row in s.truth("activity").values() if row.row["pull_request_id"] == pull]
        gone = [row for row in rows if row["repository"] == "payments-api" and row["gone_at_ms"] is not None]
        assert [(row["action"], row["actor"]) for row in gone] == [("approval", one)]


async def test_a_comment_is_served_in_its_last_state_and_all_states_are_true(bench, repository):
    async with bench() as s:
        pull = (await s.order("open", repository=repository))["id"]
        person = s.person(9)
        here = {"repository": repository, "id": pull, "actor": person}
        entry = (await s.order("comment", **here, text="one"))["entry"]
        await s.advance(60)
        await s.order("edit-comment", **here, entry=entry, text="two")
        shown = (await s.told(f"{pulls(repository)}/{pull}/activity"))["values"][0]["comment"]
        assert (shown["content"]["raw"], shown["deleted"]) == ("two", False)
        assert shown["updated_on"] > shown["created_on"]
        await s.advance(60)
        await s.order("delete-comment", **here, entry=entry)
        shown = (await s.told(f"{pulls(repository)}/{pull}/activity"))["values"][0]["comment"]
        assert (shown["content"]["raw"], shown["deleted"]) == ("", True)
        states = [row.row for row in s.truth("activity").values() if row.row.get("comment_id") == shown["id"]]
        assert sorted((row["at"], row["action"], row["text"]) for row in states) == [
            (row["at"], action, text)
            for row, action, text in zip(
                sorted(states, key=lambda row: row["at"]),
                ("comment", "comment-edited", "comment-deleted"),
                ("one", "two", ""),
                strict=True,
            )
        ]


async def test_a_push_to_the_source_updates_the_pull_request(bench, repository):
    async with bench() as s:
        made = await s.order("open", repository=repository)
        (head,) = (await s.order("push", repository=repository, branch=made["branch"], actor=s.person(8)))[
            "hashes"
        ]
        row = await s.told(f"{pulls(repository)}/{made['id']}")
        assert head.startswith(row["source"]["commit"]["hash"])
        entry = (await s.told(f"{pulls(repository)}/{made['id']}/activity"))["values"][0]
        assert said_by(entry)[:2] == ("update", s.person(8))


async def test_a_new_title_is_told_with_the_old_one(bench, repository):
    async with bench() as s:
        made = await s.order("open", repository=repository, title="old")
        await s.order("retitle", repository=repository, id=made["id"], title="new")
        entry = (await s.told(f"{pulls(repository)}/{made['id']}/activity"))["values"][0]
        assert entry["update"]["changes"] == {"title": {"old": "old", "new": "new"}}


@pytest.mark.parametrize("quiet", [False, True])
async def test_whether_reviews_move_the_time_of_change_is_a_switch(bench, repository, quiet):
    async with bench(bitbucket_quiet_reviews=quiet) as s:
        pull = (await s.order("open", repository=repository))["id"]
        before = (await s.told(f"{pulls(repository)}/{pull}"))["updated_on"]
        await s.advance(60)
        await s.order("approve", repository=repository, id=pull, actor=s.person(9))
        after = (await s.told(f"{pulls(repository)}/{pull}"))["updated_on"]
        assert (after == before) is quiet


async def test_activity_of_a_repository_is_newest_first_and_shifts_nothing_while_paged(bench, repository):
    async with bench() as s:
        path = f"{pulls(repository)}/activity"
        before = await s.walked(path, {"pagelen": 4})
        times = [said_by(entry)[2] for entry in before]
        assert times == sorted(times, reverse=True)
        page = await s.told(path, {"pagelen": 4})
        await s.order("open", repository=repository)
        assert page["values"] + await s.walked(page["next"]) == before


async def test_a_client_that_polls_knows_all_activity_of_a_moving_world(bench):
    async with bench() as s:
        seen: set[tuple[str, ...]] = set()
        polls = []
        for round_number in range(8):
            for one in await s.repositories():
                for entry in await s.walked(f"{pulls(one['full_name'])}/activity", {"pagelen": 50}):
                    kind, who, when = said_by(entry)
                    at = entry["comment"]["updated_on"] if kind == "comment" else when
                    seen.add((one["uuid"], str(entry["pull_request"]["id"]), kind, who, at))
            polls.append(s.simulator.site.now_ms())
            await s.advance(300)
            await s.order("random", count=20, seed=round_number)
        true = {}
        for row in s.truth("activity").values():
            kind = (
                row.row["action"].partition("-")[0] if "comment" in row.row["action"] else row.row["action"]
            )
            about = (row.row["repository_uuid"], str(row.row["pull_request_id"]))
            true[(*about, kind, row.row["actor"], row.row["at"])] = row
        assert seen <= set(true)
        for key in set(true) - seen:
            row = true[key]
            gone_at_ms = row.row["gone_at_ms"] or 2 * polls[-1]
            assert not any(row.visible_at_ms <= poll < gone_at_ms for poll in polls), row
