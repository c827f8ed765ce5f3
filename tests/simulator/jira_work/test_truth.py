"""The truth holds every record the API ever showed, who did it, and since and until when."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.simulator import JIRA_AUDIT, FaultPlan, Simulator, WorldSpec
from atlaslens_forwarder.simulator.apis.jira_work.orders import ORDERS

NOW_MS = 1_795_420_800_000
BULK = "/rest/api/3/changelog/bulkfetch"


async def look(d, store):
    """Read all there is, as a client that asks for everything would."""
    ids = await d.ids("created >= 0")
    store["jira-issues"] |= dict.fromkeys(ids)
    for page in await d.pages(BULK, {"issueIdsOrKeys": ids, "maxResults": 500}) if ids else ():
        for log in page["issueChangeLogs"]:
            for one in log["changeHistories"]:
                store["jira-changes"][f"{log['issueId']}:{one['id']}"] = one["author"]["accountId"]
    for issue in await d.found("created >= 0", fields=["comment"], maxResults=100):
        for one in issue["fields"]["comment"]["comments"]:
            key = f"{one['id']}:{parse_iso_ms(one['updated'])}"
            store["jira-comments"][key] = one["updateAuthor"]["accountId"]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_was_read_between_moves_is_in_the_truth_and_nothing_due_is_missing(desk, seed):
    async with desk(issues=30, late_changes=0.3, unreadable_issues=0.05, page_limit=20) as d:
        store = {"jira-issues": {}, "jira-changes": {}, "jira-comments": {}}
        looks = []
        for step in range(12):
            await d.order("jira", "random", count=6, seed=100 * seed + step)
            if step % 3 == 1:
                living = await d.ids("created >= 0")
                await d.order("jira", ("delete", "restrict")[step % 2], issue=living[step % len(living)])
            await d.advance(1800)
            looks.append(d.simulator.site.now_ms())
            await look(d, store)
        for source, records in store.items():
            truth = d.truth(source)
            assert set(records) <= set(truth)
            for key, actor in records.items():
                assert actor in {None, truth[key].row["actor"]}
            due = {
                key
                for key, row in truth.items()
                if row.row["seen_by"] == "record"
                and row.row["found_at_ms"] is not None
                and any(
                    row.row["found_at_ms"] <= at_ms and (row.row["gone_at_ms"] or at_ms + 1) > at_ms
                    for at_ms in looks
                )
            }
            assert due <= set(records)
            assert len(due) > 20


async def test_a_deleted_issue_is_told_by_the_audit_log_alone(desk):
    async with desk(issues=5) as d:
        person = d.simulator.site.world.people.staff[0]
        issue = (await d.found("created >= 0"))[0]
        gone = await d.order("jira", "delete", issue=issue["id"], actor=person.account_id)
        assert issue["id"] not in await d.ids("created >= 0")
        assert (await d.ask(f"/rest/api/3/issue/{issue['id']}/changelog")).status_code == 404
        (record,) = (await d.told("/rest/api/3/auditing/record"))["records"]
        assert (str(record["id"]), record["authorAccountId"]) == (gone["audit_id"], person.account_id)
        assert record["objectItem"] == {
            "id": issue["id"],
            "name": issue["key"],
            "typeName": "ISSUE_DELETE",
        }
        assert [row.key for row in d.simulator.truth(JIRA_AUDIT)] == [gone["audit_id"]]
        truth = d.truth("jira-issues")
        assert truth[issue["id"]].row["gone_at_ms"] == NOW_MS
        assert truth[f"{issue['id']}:deleted"].row["actor"] == person.account_id


async def test_what_happens_to_a_restricted_issue_shows_when_the_restriction_ends(desk):
    async with desk(issues=0) as d:
        made = (await d.order("jira", "create"))["issue_id"]
        await d.order("jira", "restrict", issue=made)
        await d.advance(60)
        hidden = await d.order("jira", "change", issue=made, field="summary", value="Secret")
        key = f"{made}:{hidden['history_id']}"
        assert await d.ids("created >= 0") == []
        assert key not in d.truth("jira-changes")
        await d.advance(60)
        await d.order("jira", "unrestrict", issue=made)
        row = d.truth("jira-changes")[key]
        assert (row.at_ms, row.visible_at_ms) == (NOW_MS + 60_000, NOW_MS + 120_000)
        assert row.row["found_at_ms"] == NOW_MS + 120_000


async def test_a_records_key_is_the_one_the_issue_had_then(desk):
    async with desk(issues=0) as d:
        made = (await d.order("jira", "create", project="PAY"))["issue_id"]
        await d.advance(1)
        first = (await d.order("jira", "comment", issue=made))["comment_id"]
        await d.advance(1)
        await d.order("jira", "move", issue=made, project="ITSM")
        row = d.truth("jira-comments")[f"{first}:{NOW_MS + 1000}"].row
        assert (row["issue_key"], row["project_type"]) == ("PAY-1", "software")
        items = next(iter(d.truth("jira-changes").values())).row["served"]["items"]
        assert [item["field"] for item in items] == ["project", "Key", "status"]


async def test_the_truth_over_http_has_a_range(desk):
    async with desk() as d:
        rows = list(d.simulator.truth("jira-changes"))
        assert [row.at_ms for row in rows] == sorted((row.at_ms for row in rows), reverse=True)
        query = {"from": rows[20].at_ms, "to": rows[10].at_ms}
        lines = (await d.client.get("/_sim/truth/jira-changes", params=query)).text.splitlines()
        assert [json.loads(line)["key"] for line in lines] == [row.key for row in rows[10:21]]


async def test_equal_orders_on_equal_worlds_have_equal_results(desk):
    served = []
    for _ in range(2):
        async with desk(issues=20) as d:
            await d.order("jira", "random", count=30)
            await d.order("jira", "create")
            rows = [(row.key, row.row["actor"]) for row in d.simulator.truth("jira-changes")]
            served.append((rows, await d.ids("created >= 0")))
    assert served[0] == served[1]


async def test_a_world_without_issues_answers_empty_and_its_people_are_the_same(desk):
    async with desk(issues=0) as empty, desk(issues=50) as full:
        assert await empty.ids("created >= 0") == []
        assert empty.truth("jira-changes") == {}
        assert await empty.told("/rest/api/3/users/search") != []
        people = [d.simulator.site.world.people for d in (empty, full)]
        assert people[0] == people[1]


async def test_issues_change_nothing_of_the_audit_log():
    rows = []
    for issues in (0, 40):
        simulator = Simulator(WorldSpec(5, 200, NOW_MS, issues=issues), clock=lambda: NOW_MS)
        rows.append([row.row for row in simulator.truth(JIRA_AUDIT)])
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("jira", {"do": "nothing"}),
        ("jira", {"do": "change", "issue": "NONE-1", "field": "summary", "value": "x"}),
        ("jira", {"do": "random", "count": "many"}),
        ("jira", {"do": "edit-comment", "comment": "1", "text": "x"}),
        ("directory", {"do": "join", "group": "none", "account_id": "none"}),
        ("servicedesk", {"do": "leave", "organization": "9", "account_id": "none"}),
        ("servicedesk", []),
    ],
)
async def test_senseless_orders_are_refused_in_one_line(desk, name, body):
    async with desk(issues=1) as d:
        answer = await d.client.post(f"/_sim/{name}", json=body)
        assert answer.status_code == 400
        assert "\n" not in answer.json()["error"]


async def test_the_log_of_requests_tells_what_a_post_asked(desk):
    async with desk(issues=3) as d:
        await d.ids("created >= 0")
        async with httpx.AsyncClient(base_url=d.simulator.url) as client:
            (entry,) = (await client.get("/_sim/requests")).json()
        assert (entry["method"], entry["rows"]) == ("POST", 3)
        assert json.loads(entry["body"])["jql"] == "created >= 0"


async def test_all_faults_at_once_lose_nothing_for_a_client_that_tries_again(desk):
    faults = FaultPlan.everything().as_json() | {"retry_after_s": 0, "slow": 0.0}
    async with desk(issues=150) as d:
        d.simulator.site.set_faults(FaultPlan.of(faults))
        told = d.told

        async def patiently(path, body=None, **query):
            for _ in range(3):
                try:
                    answer = await d.ask(path, body, **query)
                except httpx.RemoteProtocolError:
                    continue
                if answer.status_code == 200:
                    return answer.json()
            return await told(path, body, **query)

        d.told = patiently
        store = {"jira-issues": {}, "jira-changes": {}, "jira-comments": {}}
        await look(d, store)
        await d.advance(11 * 3600)
        await look(d, store)
        # The world rests, the faults go on.
        d.simulator.site.set_faults(FaultPlan.of(faults | {"arriving_changes": 0}))
        await look(d, store)
        now_ms = d.simulator.site.now_ms()
        for source, records in store.items():
            truth = d.truth(source)
            assert set(records) <= set(truth)
            due = {
                key
                for key, row in truth.items()
                if row.row["seen_by"] == "record"
                and row.row["gone_at_ms"] is None
                and (row.row["found_at_ms"] or now_ms + 1) <= now_ms
            }
            assert due <= set(records)
            assert len(due) > 100


def test_every_order_and_truth_is_documented():
    text = (Path(__file__).resolve().parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
    for name in {name for names in ORDERS.values() for name in names}:
        assert f"`{name}`" in text, name
    for name in Simulator(WorldSpec(1, 0, NOW_MS)).site.truths:
        assert f"`{name}`" in text, name


def test_an_unknown_time_zone_is_a_configuration_error():
    with pytest.raises(ConfigError):
        FaultPlan.of({"time_zone": "Mars/Olympus"})


def test_a_negative_number_of_issues_is_a_configuration_error():
    with pytest.raises(ConfigError):
        WorldSpec(1, 0, NOW_MS, issues=-1)
