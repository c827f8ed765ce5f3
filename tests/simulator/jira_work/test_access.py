"""Who sees issues: strangers nothing, by 200; the gateway as the site; what lacks a right nothing or 403."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart

SEARCH = "/rest/api/3/search/jql"
BULK = "/rest/api/3/changelog/bulkfetch"


async def test_a_wrong_token_finds_nothing_and_is_told_so_in_a_header_only(desk):
    async with desk() as d:
        d.auth = ("nobody@acme.example", "wrong")
        for answer, empty in (
            (await d.ask(SEARCH, jql="created >= 0"), "issues"),
            (await d.ask("/rest/api/3/project/search"), "values"),
            (await d.ask(BULK, {"issueIdsOrKeys": ["10100"]}), "issueChangeLogs"),
        ):
            assert (answer.status_code, answer.json()[empty]) == (200, [])
            assert answer.headers["X-Seraph-Loginreason"] == "AUTHENTICATED_FAILED"
        assert (await d.ask("/rest/api/3/issue/10100/comment")).status_code == 404
        for path in (
            "/rest/api/3/users/search",
            "/rest/api/3/worklog/updated",
            "/rest/servicedeskapi/request",
        ):
            assert (await d.ask(path)).status_code == 401


async def test_a_token_that_expires_while_paging_turns_searches_empty(desk):
    async with desk(expires_after=1) as d:
        first = await d.told(SEARCH, jql="created >= 0", maxResults=10)
        answer = await d.ask(SEARCH, jql="created >= 0", maxResults=10, nextPageToken=first["nextPageToken"])
        assert (answer.status_code, answer.json()["issues"]) == (200, [])
        assert "X-Seraph-Loginreason" in answer.headers


async def test_a_silent_gateway_hides_strangers_too(desk):
    async with desk(silent_anonymous=True) as d:
        d.base = f"/ex/jira/{d.simulator.cloud_id}"
        answer = await d.ask(SEARCH, jql="created >= 0")
        assert (answer.status_code, answer.json()["issues"]) == (200, [])


async def test_every_route_stands_behind_the_gateway_too(desk):
    async with desk() as d:
        request = (await d.ids("project = ITSM"))[0]
        organization = "/rest/servicedeskapi/organization/1/user"
        paths = (
            ("/rest/api/3/project/search", None),
            ("/rest/api/3/users/search", None),
            (f"/rest/api/3/issue/{request}/changelog", None),
            (BULK, {"issueIdsOrKeys": [request]}),
            (f"/rest/servicedeskapi/request/{request}/sla", None),
            (organization, None),
        )
        site = [await d.told(path, body) for path, body in paths]
        d.base = f"/ex/jira/{d.simulator.cloud_id}"
        assert (await d.ask(SEARCH, jql="created >= 0")).status_code == 401
        d.auth = (d.simulator.credentials.email, d.simulator.credentials.scoped_token)
        gateway = [await d.told(path, body) for path, body in paths]
        assert [set(one) if isinstance(one, dict) else len(one) for one in site] == [
            set(one) if isinstance(one, dict) else len(one) for one in gateway
        ]
        page = await d.told("/rest/api/3/project/search", maxResults=2)
        assert page["nextPage"].startswith(d.simulator.url + d.base)


async def test_unreadable_issues_are_left_out_everywhere(desk):
    async with desk(unreadable_issues=0.3) as d:
        everything = set(d.simulator.site.part(JiraPart).work.issues)
        seen = set(await d.ids("created >= 0"))
        assert seen == set(d.truth("jira-issues")) < everything
        hidden = sorted(everything - seen)
        logs = await d.told(BULK, {"issueIdsOrKeys": [*hidden, *sorted(seen)], "maxResults": 10_000})
        assert {log["issueId"] for log in logs["issueChangeLogs"]} <= seen
        assert (await d.ask(f"/rest/api/3/issue/{hidden[0]}/comment")).status_code == 404
        worklogs = await d.told("/rest/api/3/worklog/updated", since=0)
        ids = [one["worklogId"] for one in worklogs["values"]]
        listed = await d.told("/rest/api/3/worklog/list", {"ids": ids})
        assert {one["issueId"] for one in listed} <= seen
        assert len(listed) < len(ids)


@pytest.mark.parametrize(
    ("right", "path", "status"),
    [
        ("people", "/rest/api/3/group/bulk", 403),
        ("service-desk", "/rest/servicedeskapi/organization", 403),
        ("work", "/rest/api/3/project/search", 200),
    ],
)
async def test_a_missing_right_is_refused_on_the_site_and_a_missing_scope_on_the_gateway(
    desk, right, path, status
):
    async with desk(missing_rights=(right,)) as d:
        answer = await d.ask(path)
        assert answer.status_code == status
        if status == 200:
            assert answer.json()["values"] == []
        d.auth = (d.simulator.credentials.email, d.simulator.credentials.scoped_token)
        d.base = f"/ex/jira/{d.simulator.cloud_id}"
        answer = await d.ask(path)
        assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized; scope does not match")


async def test_the_old_search_is_gone_by_either_method(desk):
    async with desk(issues=1) as d:
        for body in (None, {"jql": "created >= 0"}):
            answer = await d.ask("/rest/api/3/search", body)
            assert answer.status_code == 410
            assert "CHANGE-2046" in answer.json()["errorMessages"][0]
