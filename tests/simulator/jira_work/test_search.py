"""The JQL search: what it finds, how it pages, and how it lags and lies."""

from __future__ import annotations

import pytest

NOW_MS = 1_795_420_800_000
SEARCH = "/rest/api/3/search/jql"
COUNT = "/rest/api/3/search/approximate-count"
ALL = "created >= 0 ORDER BY updated ASC, key ASC"


async def test_a_search_returns_ids_alone_unless_fields_are_asked_for(desk):
    async with desk() as d:
        page = await d.told(SEARCH, jql="updated >= -365d")
        assert len(page["issues"]) == 50
        assert {frozenset(issue) for issue in page["issues"]} == {frozenset({"id"})}
        page = await d.told(SEARCH, jql="updated >= -365d", fields="summary,status", maxResults=1)
        assert set(page["issues"][0]["fields"]) == {"summary", "status"}


async def test_pages_with_fields_hold_a_hundred_issues_and_those_with_keys_thousands(desk):
    async with desk(issues=250) as d:
        query = {"jql": ALL, "maxResults": 5000}
        assert len((await d.told(SEARCH, query | {"fields": ["*all"]}))["issues"]) == 100
        assert len((await d.told(SEARCH, query | {"fields": ["key"]}))["issues"]) == 250


@pytest.mark.parametrize("order", ["updated ASC, key ASC", "updated DESC", "key", "id DESC", "created, id"])
async def test_pages_hold_every_issue_once_in_order(desk, order):
    async with desk(page_limit=7) as d:
        found = await d.found(f"created >= 0 ORDER BY {order}", fields=["updated"])
        ids = [issue["id"] for issue in found]
        assert sorted(ids) == sorted(d.truth("jira-issues"))
        if order == "updated DESC":
            times = [issue["fields"]["updated"] for issue in found]
            assert times == sorted(times, reverse=True)


async def test_get_and_post_agree(desk):
    async with desk() as d:
        got = await d.told(SEARCH, jql=ALL, maxResults=9, fields=["key", "summary"])
        assert got == await d.told(SEARCH, {"jql": ALL, "maxResults": 9, "fields": ["key", "summary"]})


async def test_a_token_in_the_query_of_a_post_is_ignored(desk):
    async with desk() as d:
        body = {"jql": ALL, "maxResults": 9}
        first = await d.told(SEARCH, body)
        again = await d.told(SEARCH, body, nextPageToken=first["nextPageToken"])
        assert again["issues"] == first["issues"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"jql": "ORDER BY updated"}, "Unbounded"),
        ({"jql": ""}, "Unbounded"),
        ({"jql": "colour = red"}, "colour"),
        ({"jql": "updated >= soon"}, "soon"),
        ({"jql": "updated >= -1d order by " + ",".join(["key"] * 8)}, "at most 7"),
        ({"jql": "updated >= -1d or created >= -1d"}, "and"),
        ({"jql": "key = NONE-1"}, "NONE-1"),
        ({"jql": "updated >= -1d", "surprise": 1}, "payload"),
        ({"jql": "updated >= -1d", "maxResults": 0}, "maxResults"),
        ({"jql": "updated >= -1d", "nextPageToken": "stale"}, "token"),
        ({"jql": "updated >= -1d", "reconcileIssues": list(range(51))}, "50"),
    ],
)
async def test_what_jira_refuses_is_refused_in_its_form(desk, body, text):
    async with desk(issues=3) as d:
        answer = await d.ask(SEARCH, body)
        assert answer.status_code == 400
        assert text in answer.json()["errorMessages"][0]


async def test_a_token_belongs_to_its_query_and_lives_a_week(desk):
    async with desk() as d:
        token = (await d.told(SEARCH, {"jql": ALL}))["nextPageToken"]
        other = await d.ask(SEARCH, {"jql": "created >= 1", "nextPageToken": token})
        assert other.status_code == 400
        await d.advance(8 * 86_400)
        assert (await d.ask(SEARCH, {"jql": ALL, "nextPageToken": token})).status_code == 400


async def test_a_post_that_is_not_json_is_415_and_another_method_405(desk):
    async with desk(issues=1) as d:
        answer = await d.client.post(SEARCH, content=b"jql", auth=d.auth)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (
            415,
            "application/problem+json",
        )
        assert (await d.ask(COUNT)).status_code == 405


async def test_times_count_in_milliseconds_relatively_or_in_the_callers_minutes(desk):
    async with desk(issues=0, time_zone="America/Sao_Paulo") as d:
        await d.advance(30)
        made = (await d.order("jira", "create"))["issue_id"]
        at_ms = NOW_MS + 30_000
        assert await d.ids(f"updated >= {at_ms}") == [made]
        assert await d.ids(f"updated > {at_ms}") == []
        await d.advance(60)
        assert await d.ids("updated >= -1m") == [made]
        assert await d.ids('updated >= "-1m"') == [made]
        # 08:00 UTC is 05:00 in São Paulo.
        assert await d.ids('updated >= "2026-11-23 05:00" AND updated <= "2026-11-23 05:01"') == [made]
        assert await d.ids("updated >= '2026/11/23 05:01'") == []
        assert await d.ids('updated >= "2026-11-23 08:00"') == []
        assert (await d.told("/rest/api/3/myself"))["timeZone"] == "America/Sao_Paulo"


async def test_projects_kinds_keys_and_ids_narrow_a_search(desk):
    async with desk() as d:
        truth = d.truth("jira-issues").values()
        desks = {row.key for row in truth if row.row["project_type"] == "service_desk"}
        assert set(await d.ids('project in (ITSM, "Facilities Desk")')) == desks
        assert set(await d.ids("projectType = service_desk")) == desks
        assert (
            set(await d.ids("created >= 0 AND project not in (ITSM, FAC)"))
            == {row.key for row in truth} - desks
        )
        some = await d.found("created >= 0", maxResults=2)
        wanted = ", ".join(issue["key"] for issue in some[:2])
        assert set(await d.ids(f"key in ({wanted})")) == {issue["id"] for issue in some[:2]}
        assert await d.ids(f"id = {some[0]['id']}") == [some[0]["id"]]


async def test_the_count_agrees_with_the_search(desk):
    async with desk() as d:
        jql = "project = ITSM AND updated >= -200d"
        assert (await d.told(COUNT, {"jql": jql}))["count"] == len(await d.ids(jql))


async def test_the_index_learns_late_and_reconciling_helps(desk):
    async with desk(issues=5) as d:
        made = (await d.order("jira", "create", lag_s=7200))["issue_id"]
        jql = f"updated >= {NOW_MS}"
        assert await d.ids(jql) == []
        assert await d.ids(jql, reconcileIssues=[int(made)]) == [made]
        row = d.truth("jira-issues")[made]
        assert (row.visible_at_ms, row.row["found_at_ms"]) == (NOW_MS, NOW_MS + 7_200_000)
        await d.advance(7200)
        assert await d.ids(jql) == [made]


async def test_a_late_change_stands_below_what_was_found_before(desk):
    async with desk(issues=0) as d:
        old = (await d.order("jira", "create"))["issue_id"]
        await d.advance(60)
        await d.order("jira", "comment", issue=old, lag_s=3600)
        await d.advance(60)
        new = (await d.order("jira", "create"))["issue_id"]
        jql = f"updated >= {NOW_MS + 60_000} ORDER BY updated ASC"
        assert await d.ids(jql) == [new]
        await d.advance(3600)
        assert await d.ids(jql) == [old, new]


async def test_the_switch_delays_a_share_of_the_touches_by_hours(desk):
    async with desk(issues=0, late_changes=0.5) as d:
        await d.order("jira", "random", count=100, seed=1)
        prompt = len(await d.ids("created >= 0"))
        await d.advance(36_000)
        assert prompt < len(await d.ids("created >= 0")) == len(d.truth("jira-issues"))


async def test_an_issue_touched_while_paging_is_not_lost(desk):
    async with desk(ticking=True, page_limit=10, arriving_changes=3, arriving_limit=60) as d:
        ids = await d.ids(ALL)
        assert set(ids) == set(d.truth("jira-issues"))
        assert len(d.truth("jira-issues")) > 120


async def test_the_end_shows_although_is_last_is_missing_and_tokens_repeat(desk):
    async with desk(page_limit=50, missing_is_last=True, repeated_token=True) as d:
        pages = await d.pages(SEARCH, {"jql": ALL, "maxResults": 50})
        assert all("isLast" not in page for page in pages)
        assert pages[-1]["nextPageToken"] == pages[-2]["nextPageToken"]
        ids = [issue["id"] for page in pages for issue in page["issues"]]
        assert sorted(ids) == sorted(d.truth("jira-issues"))


async def test_a_repeated_token_of_a_single_page_leads_to_an_empty_one(desk):
    async with desk(issues=3, repeated_token=True) as d:
        pages = await d.pages(SEARCH, {"jql": ALL})
        assert [len(page["issues"]) for page in pages] == [3, 0]


async def test_expanding_the_changelog_shows_the_newest_forty(desk):
    async with desk(issues=0) as d:
        made = (await d.order("jira", "create"))["issue_id"]
        ids = [
            (await d.order("jira", "change", issue=made, field="summary", value=f"v{n}"))["history_id"]
            for n in range(45)
        ]
        (issue,) = (await d.told(SEARCH, jql="created >= 0", expand="changelog"))["issues"]
        assert issue["changelog"]["total"] == 45
        assert [one["id"] for one in issue["changelog"]["histories"]] == ids[:4:-1]


async def test_a_moved_issue_is_found_by_both_keys_and_stands_in_the_new_project(desk):
    async with desk(issues=0) as d:
        made = await d.order("jira", "create", project="PAY")
        moved = await d.order("jira", "move", issue=made["issue_key"], project="MOB")
        assert moved["issue_key"] == "MOB-1"
        for key in ("PAY-1", "MOB-1"):
            assert await d.found(f"key = {key}") == [
                {
                    "id": made["issue_id"],
                    "key": "MOB-1",
                    "expand": "",
                    "self": f"{d.simulator.url}/rest/api/3/issue/{made['issue_id']}",
                }
            ]
        assert await d.ids("project = PAY") == []
        assert await d.ids("project = MOB") == [made["issue_id"]]
