"""Accounts, groups, projects, requests, promises and organisations."""

from __future__ import annotations

NOW_MS = 1_795_420_800_000
HOUR_MS = 3_600_000
USERS, BULK, MEMBERS = "/rest/api/3/users/search", "/rest/api/3/user/bulk", "/rest/api/3/group/member"


async def test_all_accounts_are_listed_as_a_bare_list_inactive_and_customers_too(desk):
    async with desk(issues=0) as d:
        people = d.simulator.site.world.people.everyone()
        found = await d.told(USERS, maxResults=1000)
        assert [one["accountId"] for one in found] == [one.account_id for one in people]
        assert {one["accountType"] for one in found} == {"atlassian", "app", "customer"}
        assert [one["active"] for one in found].count(False) == 1
        mailed = [one for one in found if "emailAddress" in one]
        assert 0 < len(mailed) < len(found)


async def test_short_pages_of_users_are_not_the_end(desk):
    async with desk(issues=0, short_user_pages=True) as d:
        start, found, sizes = 0, [], []
        while page := await d.told(USERS, startAt=start, maxResults=10):
            found += [one["accountId"] for one in page]
            sizes.append(len(page))
            start += 10
        assert max(sizes) < 10
        assert found == [one.account_id for one in d.simulator.site.world.people.everyone()]


async def test_accounts_by_id_come_ten_a_page(desk):
    async with desk(issues=0) as d:
        ids = [one.account_id for one in d.simulator.site.world.people.everyone()]
        page = await d.told(BULK, accountId=[*ids, "nobody"])
        assert (page["total"], page["isLast"], len(page["values"])) == (len(ids), False, 10)
        assert len((await d.told(BULK, accountId=ids, maxResults=90))["values"]) == len(ids)
        assert (await d.ask(BULK)).status_code == 400


async def test_a_closed_account_is_a_former_user_wherever_it_stands(desk):
    async with desk(issues=0) as d:
        person = d.simulator.site.world.people.staff[5]
        await d.order("jira", "create", actor=person.account_id)
        await d.order("directory", "close", account_id=person.account_id)
        (served,) = (await d.told(BULK, accountId=person.account_id))["values"]
        assert (served["displayName"], served["active"]) == ("Former user", False)
        assert "emailAddress" not in served
        (issue,) = await d.found("created >= 0", fields=["creator"])
        assert issue["fields"]["creator"]["displayName"] == "Former user"
        assert issue["fields"]["creator"]["accountId"] == person.account_id
        answer = await d.client.post(
            "/_sim/directory", json={"do": "reactivate", "account_id": person.account_id}
        )
        assert answer.status_code == 400


async def test_a_renamed_person_is_called_otherwise_in_old_records_too(desk):
    async with desk(issues=0) as d:
        person = d.simulator.site.world.people.staff[5]
        made = (await d.order("jira", "create", actor=person.account_id))["issue_id"]
        await d.order("jira", "comment", issue=made, actor=person.account_id)
        body = {"account_id": person.account_id, "display_name": "Zofia Neumann"}
        await d.client.post("/_sim/rename", json=body)
        (note,) = (await d.told(f"/rest/api/3/issue/{made}/comment"))["comments"]
        assert note["author"]["displayName"] == "Zofia Neumann"
        assert note["author"]["accountId"] == person.account_id


async def test_the_switch_closes_accounts(desk):
    async with desk(issues=0, closed_people=2) as d:
        found = await d.told(USERS, maxResults=1000)
        assert [one["displayName"] for one in found].count("Former user") == 2
        closed = [row for row in d.truth("jira-users").values() if row.row["action"] == "closed"]
        assert len(closed) == 2


async def test_a_deactivated_person_acts_no_more_and_leaves_lists_of_active_members(desk):
    async with desk(issues=0) as d:
        person = d.simulator.site.world.people.with_role("contractor")[0]
        group = {"groupname": "contractors"}
        assert [one["accountId"] for one in (await d.told(MEMBERS, **group))["values"]] == [person.account_id]
        await d.order("directory", "deactivate", account_id=person.account_id)
        assert (await d.told(MEMBERS, **group))["values"] == []
        (inactive,) = (await d.told(MEMBERS, **group, includeInactiveUsers="true"))["values"]
        assert inactive["active"] is False
        await d.order("jira", "random", count=80, seed=3)
        sources = ("jira-issues", "jira-changes", "jira-comments", "jira-worklogs")
        actors = {row.row["actor"] for source in sources for row in d.truth(source).values()}
        assert person.account_id not in actors


async def test_group_memberships_come_and_go_and_the_truth_keeps_them(desk):
    async with desk(issues=0) as d:
        person = d.simulator.site.world.people.staff[0]
        (empty,) = (await d.told("/rest/api/3/group/bulk", groupName="Änderungsbeirat"))["values"]
        query = {"groupId": empty["groupId"]}
        assert (await d.told(MEMBERS, **query))["values"] == []
        who = {"group": empty["groupId"], "account_id": person.account_id}
        await d.order("directory", "join", **who)
        assert (await d.told(MEMBERS, **query))["total"] == 1
        await d.advance(60)
        await d.order("directory", "leave", **who)
        assert (await d.told(MEMBERS, **query))["total"] == 0
        row = d.truth("jira-memberships")[f"{empty['groupId']}:{person.account_id}:{NOW_MS}"]
        assert row.row["gone_at_ms"] == NOW_MS + 60_000
        assert (await d.ask(MEMBERS, groupId="none")).status_code == 404
        assert (await d.ask(MEMBERS)).status_code == 400


async def test_groups_are_made_renamed_and_deleted(desk):
    async with desk(issues=0) as d:
        made = (await d.order("directory", "add-group", name="auditors"))["group_id"]
        await d.order("directory", "rename-group", group="auditors", name="reviewers")
        page = await d.told("/rest/api/3/group/bulk", groupId=made)
        assert page["values"] == [{"groupId": made, "name": "reviewers"}]
        await d.order("directory", "delete-group", group=made)
        assert (await d.told("/rest/api/3/group/bulk", groupId=made))["values"] == []


async def test_projects_are_told_apart_by_type(desk):
    async with desk(issues=0) as d:
        page = await d.told("/rest/api/3/project/search", typeKey="service_desk")
        assert [one["key"] for one in page["values"]] == ["FAC", "ITSM"]
        assert {one["projectTypeKey"] for one in page["values"]} == {"service_desk"}


async def test_a_collector_sees_requests_only_when_it_asks_for_all(desk):
    async with desk() as d:
        path = "/rest/servicedeskapi/request"
        assert (await d.told(path))["values"] == []
        found, page = [], await d.told(path, requestOwnership="ALL_REQUESTS", limit=10)
        while True:
            assert page["size"] == len(page["values"])
            found += page["values"]
            if page["isLastPage"]:
                break
            page = (await d.client.get(page["_links"]["next"], auth=d.auth)).json()
        assert {one["issueId"] for one in found} == set(await d.ids("projectType = service_desk"))


async def test_a_promise_is_kept_broken_and_made_again(desk):
    async with desk(issues=0) as d:
        agent = d.simulator.site.world.people.with_role("agent")[0].account_id
        made = (await d.order("jira", "create", project="ITSM"))["issue_id"]
        path = f"/rest/servicedeskapi/request/{made}/sla"
        response, resolution = (await d.told(path))["values"]
        assert response["ongoingCycle"]["breached"] is False
        await d.advance(3600)
        await d.order("jira", "comment", issue=made, actor=agent)
        response, resolution = (await d.told(path))["values"]
        assert "ongoingCycle" not in response
        assert response["completedCycles"][0]["elapsedTime"]["millis"] == HOUR_MS
        assert d.truth("jsm-breaches") == {}
        await d.advance(48 * 3600)
        resolution = (await d.told(path))["values"][1]
        assert resolution["ongoingCycle"]["breached"] is True
        breach = d.truth("jsm-breaches")[f"{made}:2:0"]
        assert (
            breach.at_ms == resolution["ongoingCycle"]["breachTime"]["epochMillis"] == NOW_MS + 48 * HOUR_MS
        )
        # Nothing touched the issue: no search leads to the breach.
        assert await d.ids(f"updated > {NOW_MS + HOUR_MS}") == []
        await d.order("jira", "change", issue=made, field="status", value="Resolved")
        await d.order("jira", "change", issue=made, field="status", value="In Progress")
        resolution = (await d.told(path))["values"][1]
        assert len(resolution["completedCycles"]) == 1
        assert resolution["ongoingCycle"]["breached"] is False


async def test_what_is_no_request_has_no_promises(desk):
    async with desk(issues=0) as d:
        made = (await d.order("jira", "create", project="PAY"))["issue_id"]
        answer = await d.ask(f"/rest/servicedeskapi/request/{made}/sla")
        assert (answer.status_code, set(answer.json())) == (404, {"errorMessage", "i18nErrorMessage"})


async def test_organisations_gain_and_lose_customers(desk):
    async with desk(issues=0) as d:
        customer = d.simulator.site.world.people.customers[0].account_id
        base = "/rest/servicedeskapi/organization"
        assert len((await d.told(base))["values"]) == 3
        assert [one["id"] for one in (await d.told(base, accountId=customer))["values"]] == ["1"]
        await d.order("servicedesk", "leave", organization="1", account_id=customer)
        users = (await d.told(f"{base}/1/user"))["values"]
        assert customer not in {one["accountId"] for one in users}
        left = [row for row in d.truth("jsm-organizations").values() if row.row["gone_at_ms"] is not None]
        assert [row.row["account_id"] for row in left] == [customer]
        added = (await d.order("servicedesk", "add-organization", name="Neu"))["organization_id"]
        await d.order("servicedesk", "join", organization=added, account_id=customer)
        await d.order("servicedesk", "delete-organization", organization=added)
        assert (await d.ask(f"{base}/{added}/user")).status_code == 404
