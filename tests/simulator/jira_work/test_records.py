"""Changes, comments and worklogs: pages, versions, deletions and times."""

from __future__ import annotations

from itertools import pairwise

import pytest

NOW_MS = 1_795_420_800_000
BULK = "/rest/api/3/changelog/bulkfetch"
UPDATED, DELETED = "/rest/api/3/worklog/updated", "/rest/api/3/worklog/deleted"


async def test_bulk_pages_hold_every_history_once_and_one_issue_spans_pages(desk):
    async with desk() as d:
        ids = await d.ids("created >= 0")
        pages = await d.pages(BULK, {"issueIdsOrKeys": ids, "maxResults": 7})
        found = [
            f"{log['issueId']}:{one['id']}"
            for page in pages
            for log in page["issueChangeLogs"]
            for one in log["changeHistories"]
        ]
        assert len(found) == len(set(found))
        assert set(found) == set(d.truth("jira-changes"))
        spread = [{log["issueId"] for log in page["issueChangeLogs"]} for page in pages]
        assert any(one & other for one, other in pairwise(spread))
        assert "nextPageToken" not in pages[-1]


@pytest.mark.parametrize(
    ("form", "value"),
    [("iso", "2026-11-23T08:00:01.500+0000"), ("seconds", NOW_MS // 1000 + 1), ("millis", NOW_MS + 1500)],
)
async def test_bulk_writes_times_in_three_forms(desk, form, value):
    async with desk(issues=0, bulk_times=form) as d:
        made = (await d.order("jira", "create"))["issue_id"]
        await d.advance(1.5)
        await d.order("jira", "change", issue=made, field="summary", value="Other")
        (log,) = (await d.told(BULK, {"issueIdsOrKeys": [made]}))["issueChangeLogs"]
        assert log["changeHistories"][0]["created"] == value


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"issueIdsOrKeys": []},
        {"issueIdsOrKeys": [str(n) for n in range(1001)]},
        {"issueIdsOrKeys": ["1"], "fieldIds": [str(n) for n in range(11)]},
        {"issueIdsOrKeys": ["1"], "maxResults": 10_001},
        {"issueIdsOrKeys": ["1"], "nextPageToken": "stale"},
        {"issueIdsOrKeys": ["1"], "jql": "x"},
        [],
    ],
)
async def test_bulk_refuses_what_is_out_of_range(desk, body):
    async with desk(issues=1) as d:
        assert (await d.ask(BULK, body)).status_code == 400


async def test_bulk_narrows_to_fields_and_leaves_out_unknown_issues(desk):
    async with desk() as d:
        ids = await d.ids("created >= 0")
        page = await d.told(
            BULK, {"issueIdsOrKeys": [*ids, "NONE-1"], "fieldIds": ["status"], "maxResults": 10_000}
        )
        items = [
            item for log in page["issueChangeLogs"] for one in log["changeHistories"] for item in one["items"]
        ]
        assert {item["fieldId"] for item in items} == {"status"}


async def test_several_histories_share_a_second_and_keep_their_order(desk):
    async with desk(issues=0) as d:
        made = (await d.order("jira", "create"))["issue_id"]
        ids = [
            (await d.order("jira", "change", issue=made, field="labels", value=[str(n)]))["history_id"]
            for n in range(5)
        ]
        page = await d.told(f"/rest/api/3/issue/{made}/changelog")
        assert [one["id"] for one in page["values"]] == ids
        assert len({one["created"] for one in page["values"]}) == 1


async def test_one_issues_changelog_has_pages_of_at_most_a_hundred(desk):
    async with desk(issues=0) as d:
        made = await d.order("jira", "create")
        for n in range(130):
            await d.order("jira", "change", issue=made["issue_id"], field="summary", value=str(n))
        page = await d.told(f"/rest/api/3/issue/{made['issue_key']}/changelog", maxResults=500)
        assert (page["maxResults"], page["total"], page["isLast"], len(page["values"])) == (
            100,
            130,
            False,
            100,
        )
        answer = await d.client.get(page["nextPage"], auth=d.auth)
        assert len(answer.json()["values"]) == 30
        assert answer.json()["isLast"] is True


async def test_an_edited_comment_keeps_its_id_and_loses_its_older_text(desk):
    async with desk(issues=0) as d:
        people = [person.account_id for person in d.simulator.site.world.people.staff[:2]]
        made = (await d.order("jira", "create"))["issue_id"]
        note = (await d.order("jira", "comment", issue=made, text="one", actor=people[0]))["comment_id"]
        await d.advance(5)
        await d.order("jira", "edit-comment", comment=note, text="two", actor=people[1])
        (served,) = (await d.told(f"/rest/api/3/issue/{made}/comment"))["comments"]
        assert served["body"]["content"][0]["content"][0]["text"] == "two"
        assert [served["author"]["accountId"], served["updateAuthor"]["accountId"]] == people
        first, second = f"{note}:{NOW_MS}", f"{note}:{NOW_MS + 5000}"
        truth = d.truth("jira-comments")
        assert [truth[key].row["actor"] for key in (first, second)] == people
        assert [truth[key].row["gone_at_ms"] for key in (first, second)] == [NOW_MS + 5000, None]
        assert truth[second].row["served"] == served


async def test_an_edit_within_the_same_millisecond_is_a_version_of_its_own(desk):
    async with desk(issues=0) as d:
        made = (await d.order("jira", "create"))["issue_id"]
        note = (await d.order("jira", "comment", issue=made))["comment_id"]
        edited = await d.order("jira", "edit-comment", comment=note, text="other")
        assert edited["updated_ms"] == NOW_MS + 1
        assert set(d.truth("jira-comments")) == {f"{note}:{NOW_MS}", f"{note}:{NOW_MS + 1}"}


async def test_a_deleted_comment_is_gone_and_its_issue_touched(desk):
    async with desk(issues=0) as d:
        made = (await d.order("jira", "create"))["issue_id"]
        note = (await d.order("jira", "comment", issue=made))["comment_id"]
        await d.advance(60)
        await d.order("jira", "delete-comment", comment=note)
        assert (await d.told(f"/rest/api/3/issue/{made}/comment"))["comments"] == []
        assert (await d.told("/rest/api/3/comment/list", {"ids": [int(note)]}))["values"] == []
        assert await d.ids(f"updated >= {NOW_MS + 60_000}") == [made]
        row = d.truth("jira-comments")[f"{note}:deleted"].row
        assert (row["seen_by"], row["actor_shown"]) == ("absence", False)


async def test_comments_are_listed_in_either_order_and_by_id(desk):
    async with desk(issues=0) as d:
        made = (await d.order("jira", "create"))["issue_id"]
        ids = []
        for _ in range(3):
            await d.advance(1)
            ids.append((await d.order("jira", "comment", issue=made))["comment_id"])
        path = f"/rest/api/3/issue/{made}/comment"
        assert [one["id"] for one in (await d.told(path))["comments"]] == ids
        newest = await d.told(path, orderBy="-created", maxResults=2)
        assert [one["id"] for one in newest["comments"]] == ids[:0:-1]
        listed = await d.told("/rest/api/3/comment/list", {"ids": [int(one) for one in ids] + [1]})
        assert [one["id"] for one in listed["values"]] == ids
        assert (await d.ask("/rest/api/3/comment/list", {"ids": list(range(1001))})).status_code == 400


async def test_worklogs_come_strictly_after_a_time_and_a_minute_late(desk):
    async with desk(issues=0) as d:
        made = (await d.order("jira", "create"))["issue_id"]
        note = (await d.order("jira", "log-work", issue=made, seconds=600))["worklog_id"]
        assert (await d.told(UPDATED, since=0))["values"] == []
        await d.advance(60)
        page = await d.told(UPDATED, since=NOW_MS - 1)
        assert [(one["worklogId"], one["updatedTime"]) for one in page["values"]] == [(int(note), NOW_MS)]
        assert (page["until"], page["lastPage"]) == (NOW_MS, True)
        assert (await d.told(UPDATED, since=NOW_MS))["values"] == []
        (worklog,) = await d.told("/rest/api/3/worklog/list", {"ids": [int(note)]})
        assert (worklog["issueId"], worklog["timeSpentSeconds"]) == (made, 600)
        await d.order("jira", "delete-worklog", worklog=note)
        await d.advance(60)
        assert (await d.told(UPDATED, since=0))["values"] == []
        (gone,) = (await d.told(DELETED, since=0))["values"]
        assert (gone["worklogId"], gone["updatedTime"]) == (int(note), NOW_MS + 60_000)
        assert f"{note}:deleted" in d.truth("jira-worklogs")


async def test_worklog_pages_follow_until_and_never_part_a_millisecond(desk):
    async with desk(issues=0, page_limit=4) as d:
        made = (await d.order("jira", "create"))["issue_id"]
        ids = [int((await d.order("jira", "log-work", issue=made))["worklog_id"]) for _ in range(6)]
        await d.advance(1)
        ids.append(int((await d.order("jira", "log-work", issue=made))["worklog_id"]))
        await d.advance(60)
        first = await d.told(UPDATED, since=0)
        assert [one["worklogId"] for one in first["values"]] == ids[:6]
        assert first["lastPage"] is False
        rest = (await d.client.get(first["nextPage"], auth=d.auth)).json()
        assert [one["worklogId"] for one in rest["values"]] == ids[6:]
        assert rest["lastPage"] is True
