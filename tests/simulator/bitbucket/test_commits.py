"""Commits are listed by what heads reach, never by date."""

from __future__ import annotations

from datetime import datetime

import httpx

NOW_MS = 1_795_420_800_000


async def commits(s, repository, *pairs):
    return await s.walked(f"/repositories/{repository}/commits", [("pagelen", 7), *pairs])


async def all_commits(s):
    return [row for one in await s.repositories() for row in await commits(s, one["full_name"])]


async def test_children_come_before_their_parents(bench):
    async with bench() as s:
        for one in await s.repositories():
            rows = await commits(s, one["full_name"])
            places = {row["hash"]: place for place, row in enumerate(rows)}
            assert len(places) == len(rows) > 5
            for row in rows:
                assert all(places[parent["hash"]] > places[row["hash"]] for parent in row["parents"])


async def test_pages_have_no_size_and_a_next_that_stands_for_the_rest(bench, repository):
    async with bench() as s:
        page = await s.told(f"/repositories/{repository}/commits", {"pagelen": 3})
        assert set(page) == {"values", "pagelen", "next"}
        before = [row["hash"] for row in await commits(s, repository)]
        await s.order("push", repository=repository, branch="main", count=2)
        rest = await s.walked(page["next"])
        assert [row["hash"] for row in page["values"] + rest] == before


async def test_new_commits_are_what_new_heads_reach_and_old_ones_do_not(bench, repository):
    async with bench() as s:
        old = await s.heads(repository)
        first = (await s.order("push", repository=repository, branch="main", count=2))["hashes"]
        second = (await s.order("push", repository=repository, branch="topic", count=1))["hashes"]
        new = await s.heads(repository)
        pairs = [("include", head) for head in new] + [("exclude", head) for head in old]
        assert {row["hash"] for row in await commits(s, repository, *pairs)} == {*first, *second}


async def test_a_post_takes_the_heads_in_its_body(bench, repository):
    async with bench() as s:
        old = await s.heads(repository)
        made = (await s.order("push", repository=repository, branch="main", count=5))["hashes"]
        form = {"include": list(await s.heads(repository)), "exclude": list(old)}
        path = f"/2.0/repositories/{repository}/commits"
        page = (await s.client.post(path, data=form, params={"pagelen": 2}, auth=s.auth)).json()
        rest = await s.walked(page["next"])
        assert [row["hash"] for row in page["values"] + rest] == made[::-1]


async def test_a_late_push_brings_commits_with_old_dates(bench, repository):
    async with bench() as s:
        old = await s.heads(repository)
        date_ms = NOW_MS - 200 * 86_400_000
        (made,) = (await s.order("push", repository=repository, branch="late", date_ms=date_ms))["hashes"]
        pairs = [("include", made), *(("exclude", head) for head in old)]
        (row,) = await commits(s, repository, *pairs)
        assert datetime.fromisoformat(row["date"]).timestamp() * 1000 == date_ms
        truth = next(row for row in s.truth("commits").values() if row.row["hash"] == made)
        assert (truth.at_ms, truth.visible_at_ms) == (date_ms, NOW_MS)


async def test_some_commit_is_dated_in_the_future(bench):
    async with bench() as s:
        dates = [datetime.fromisoformat(row["date"]).timestamp() * 1000 for row in await all_commits(s)]
        assert max(dates) > NOW_MS + 300 * 86_400_000
        assert sum(date > NOW_MS for date in dates) == 1


async def test_some_authors_are_raw_text_only(bench):
    async with bench() as s:
        authors = [row["author"] for row in await all_commits(s)]
        raw = [author["raw"] for author in authors if "user" not in author]
        emails = {person.email for person in s.simulator.site.world.people.staff}
        assert 0 < len(raw) < len(authors) / 2
        assert any(email in text for text in raw for email in emails)


async def test_a_rewritten_commit_keeps_author_and_date_under_another_hash(bench, repository):
    async with bench() as s:
        actor, other = s.person(5), s.person(8)
        drafted = {
            "repository": repository,
            "branch": "topic",
            "actor": actor,
            "date_ms": NOW_MS - 86_400_000,
        }
        (old,) = (await s.order("push", **drafted))["hashes"]
        rewrite = {"repository": repository, "branch": "topic", "rebased": True, "actor": other}
        (new,) = (await s.order("force-push", **rewrite))["hashes"]
        before, after = [(await commits(s, repository, ("include", one)))[0] for one in (old, new)]
        assert (before["hash"], after["hash"]) == (old, new)
        assert (before["author"], before["date"]) == (after["author"], after["date"])
        assert after["committer"]["user"]["account_id"] == other
        assert old not in {row["hash"] for row in await commits(s, repository)}
        gone = {row.row["hash"]: row.row["gone_at_ms"] for row in s.truth("commits").values()}
        assert (gone[old], gone[new]) == (NOW_MS, None)


async def test_a_head_that_was_cleaned_up_is_404_and_is_named(bench, repository):
    async with bench() as s:
        (old,) = (await s.order("push", repository=repository, branch="topic"))["hashes"]
        await s.order("force-push", repository=repository, branch="topic", forget=True)
        answer = await s.ask(f"/repositories/{repository}/commits", [("exclude", old)])
        assert answer.status_code == 404
        assert answer.json()["error"]["data"] == {"shas": [old]}


async def test_a_merge_commit_has_two_parents_and_is_signed_by_who_merged(bench, repository):
    async with bench() as s:
        pull = await s.order("open", repository=repository, actor=s.person(11))
        merged = await s.order("merge", repository=repository, id=pull["id"], actor=s.person(4))
        row = (await commits(s, repository, ("include", merged["merge_commit"])))[0]
        assert len(row["parents"]) == 2
        assert row["author"]["user"]["account_id"] == s.person(4)
        assert pull["branch"] not in {
            branch["name"] for branch in await s.walked(f"/repositories/{repository}/refs/branches")
        }


async def test_a_client_that_keeps_heads_gets_every_commit_of_a_moving_world(bench):
    async with bench() as s:
        known: set[str] = set()
        heads: dict[str, set[str]] = {}
        polls = []
        for round_number in range(12):
            for one in await s.repositories():
                uuid = one["uuid"]
                new, old = await s.heads(one["full_name"]), heads.get(uuid, set())
                pairs = [("include", head) for head in new - old] + [("exclude", head) for head in old]
                while new - old:
                    path = f"/repositories/{one['full_name']}/commits"
                    answer = await s.ask(path, [("pagelen", 100), *pairs])
                    if answer.status_code == 200:
                        break
                    lost = set(answer.json()["error"]["data"]["shas"])
                    pairs = [(name, head) for name, head in pairs if head not in lost]
                    assert lost
                if new - old:
                    rows = [*answer.json()["values"]]
                    assert "next" not in answer.json() or rows
                    following = answer.json().get("next")
                    rows += await s.walked(following) if following else []
                    known |= {f"{uuid}:{row['hash']}" for row in rows}
                heads[uuid] = new
            polls.append(s.simulator.site.now_ms())
            await s.advance(300)
            await s.order("random", count=20, seed=round_number)
        truth = s.truth("commits")
        assert known <= set(truth)
        for key in set(truth) - known:
            row = truth[key]
            gone_at_ms = row.row["gone_at_ms"] or NOW_MS * 2
            assert not any(row.visible_at_ms <= poll < gone_at_ms for poll in polls), row


async def test_a_cut_body_can_be_met(bench, repository):
    async with bench(cut_body=1.0) as s:
        try:
            await s.ask(f"/repositories/{repository}/commits")
        except httpx.RemoteProtocolError:
            return
        raise AssertionError("the body was whole")
