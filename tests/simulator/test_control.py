"""Tests and the demo steer the simulator over HTTP and read its truth."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import fields
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from atlaslens_forwarder.errors import ConfigError, UnreachableError
from atlaslens_forwarder.model.time import DAY_MS, iso_ms
from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, JIRA_AUDIT, FaultPlan, Simulator, WorldSpec, serve
from atlaslens_forwarder.simulator.control import Control

NOW_MS = 1_795_420_800_000


async def test_the_truth_over_http_is_the_truth_in_process(stage):
    async with stage() as s:
        lines = (await s.client.get(f"/_sim/truth/{JIRA_AUDIT}")).text.splitlines()
        truths = [json.loads(line) for line in lines]
        assert [truth["row"] for truth in truths] == s.rows(JIRA_AUDIT)
        assert [truth["key"] for truth in truths] == [str(truth["row"]["id"]) for truth in truths]
        assert all(truth["at_ms"] == truth["visible_at_ms"] for truth in truths)


async def test_the_truth_of_a_range_is_inclusive(stage):
    async with stage() as s:
        truths = list(s.simulator.truth(CONFLUENCE_AUDIT))
        query = {"from": truths[9].at_ms, "to": truths[3].at_ms}
        lines = (await s.client.get(f"/_sim/truth/{CONFLUENCE_AUDIT}", params=query)).text.splitlines()
        assert [json.loads(line)["key"] for line in lines] == [truth.key for truth in truths[3:10]]


async def test_the_truth_leaves_out_what_comes_while_it_is_read(stage):
    async with stage(size=4000) as s:
        keys = []
        for truth in s.simulator.truth(JIRA_AUDIT):
            if len(keys) == 10:
                s.simulator.site.feed(JIRA_AUDIT).add(NOW_MS, NOW_MS)
            keys.append(truth.key)
        assert len(keys) == len(set(keys)) == 2400


async def test_time_passes_when_told(stage):
    async with stage() as s:
        assert (await s.control("POST", "/advance", {"seconds": 90}))["now_ms"] == NOW_MS + 90_000


async def test_events_are_added_at_the_present_moment(stage):
    async with stage() as s:
        await s.control("POST", "/advance", {"seconds": 60})
        added = (await s.control("POST", "/events", {"source": JIRA_AUDIT, "count": 3}))["added"]
        page = await s.jira(limit=3)
        assert sorted(added) == sorted(str(row["id"]) for row in page["records"])
        assert {row["created"] for row in page["records"]} == {"2026-11-23T08:01:00.000+0000"}


async def test_events_may_have_a_time_fields_and_twins_of_their_own(stage):
    async with stage() as s:
        at_ms = NOW_MS - 100 * DAY_MS
        row = {
            "at_ms": at_ms,
            "copies": 2,
            "row": {"summary": "Forged", "description": "by hand", "remoteAddress": None},
        }
        await s.control("POST", "/events", {"source": CONFLUENCE_AUDIT, "rows": [row]})
        found = (await s.confluence(startDate=at_ms, endDate=at_ms))["results"]
        assert len(found) == 3
        assert found[0] == found[1] == found[2]
        assert (found[0]["summary"], found[0]["description"]) == ("Forged", "by hand")
        assert "remoteAddress" not in found[0]


async def test_an_event_may_be_visible_later(stage):
    async with stage() as s:
        row = {"at_ms": NOW_MS - 5000, "visible_at_ms": NOW_MS + 3_600_000}
        await s.control("POST", "/events", {"source": JIRA_AUDIT, "rows": [row]})
        assert (await s.jira(limit=1))["total"] == 600
        await s.control("POST", "/advance", {"seconds": 3600})
        window = {"from": iso_ms(NOW_MS - 5001), "to": iso_ms(NOW_MS - 5000)}
        assert len((await s.jira(**window))["records"]) == 1


async def test_switches_are_exchanged_as_a_whole(stage):
    async with stage(lying_total=True) as s:
        plan = await s.control("PUT", "/faults", {"free_plan": ["jira"]})
        assert plan["lying_total"] is False
        assert (await s.get("/rest/api/3/auditing/record")).status_code == 403
        await s.control("PUT", "/faults", {})
        assert (await s.jira(limit=1))["total"] == 600


async def test_new_late_rows_are_scheduled_when_the_switch_is_raised(stage):
    async with stage(late_rows=2) as s:
        await s.control("PUT", "/faults", {"late_rows": 5})
        await s.control("POST", "/advance", {"seconds": 12 * 3600})
        assert (await s.jira(limit=1))["total"] == 605


async def test_requests_are_logged_with_query_status_and_rows(stage):
    async with stage() as s:
        await s.jira(limit=7)
        await s.get("/rest/api/3/myself", auth=("x", "y"))
        first, second = await s.control("GET", "/requests")
        assert first["path"] == "/rest/api/3/auditing/record"
        assert (first["method"], first["query"], first["status"], first["rows"]) == (
            "GET",
            {"limit": "7"},
            200,
            7,
        )
        assert (second["status"], second["caller"]) == (401, "rejected")
        await s.control("DELETE", "/requests")
        assert await s.control("GET", "/requests") == []


async def test_people_are_listed_with_roles(stage):
    async with stage() as s:
        people = await s.control("GET", "/people")
        roles = {person["role"] for person in people}
        assert roles == {
            "admin",
            "lead",
            "agent",
            "member",
            "contractor",
            "deactivated",
            "service-account",
            "customer",
        }
        assert len({person["account_id"] for person in people}) == len(people)
        assert all(
            person["account_id"].startswith("qm:") for person in people if person["role"] == "customer"
        )


async def test_the_overview_tells_rows_and_credentials(stage):
    async with stage() as s:
        overview = await s.control("GET", "")
        assert overview["rows"] == {JIRA_AUDIT: 600, CONFLUENCE_AUDIT: 400}
        assert overview["credentials"]["classic_token"] == s.simulator.credentials.classic_token


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/advance", {"seconds": "soon"}),
        ("POST", "/advance", []),
        ("POST", "/events", {"source": "nothing", "count": 1}),
        ("POST", "/rename", {"account_id": "nobody"}),
        ("PUT", "/faults", {"thrott1e": 0.5}),
        ("PUT", "/faults", {"throttle": 5}),
        ("GET", "/truth/nothing", None),
    ],
)
async def test_wrong_orders_are_refused_in_one_line(stage, method, path, body):
    async with stage() as s:
        answer = await s.client.request(method, f"/_sim{path}", json=body)
        assert answer.status_code == 400
        assert "\n" not in answer.json()["error"]


def test_a_plan_is_read_from_toml_and_json(tmp_path):
    (tmp_path / "plan.toml").write_text('preset = "all"\nthrottle = 0.5\nfree_plan = ["jira"]\n')
    (tmp_path / "plan.json").write_text('{"late_rows": 3}')
    plan = FaultPlan.load(tmp_path / "plan.toml")
    assert (plan.throttle, plan.free_plan, plan.lying_total) == (0.5, ("jira",), True)
    assert FaultPlan.load(tmp_path / "plan.json") == FaultPlan(late_rows=3)
    assert FaultPlan.of(plan.as_json()) == plan


def test_every_switch_and_every_control_route_is_documented():
    text = (Path(__file__).resolve().parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
    for switch in fields(FaultPlan):
        assert f"| `{switch.name}` |" in text, switch.name
    simulator = Simulator(WorldSpec(1, 0, NOW_MS))
    app = web.Application()
    Control(simulator.site, deque()).add_routes(app)
    for route in app.router.resources():
        assert f"{route.canonical}`" in text, route.canonical


@pytest.mark.parametrize("text", ["throttle = ", 'preset = "some"', "nothing = 1", 'free_plan = ["jra"]'])
def test_a_bad_plan_is_a_configuration_error(tmp_path, text):
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        FaultPlan.load(path)


async def test_two_sites_live_side_by_side():
    one = Simulator(WorldSpec(1, 10, NOW_MS, site="acme"))
    other = Simulator(WorldSpec(1, 10, NOW_MS, site="globex"))
    async with one, other:
        assert one.url != other.url
        assert one.cloud_id != other.cloud_id
        assert one.credentials != other.credentials


async def test_a_taken_port_is_told():
    async with Simulator(WorldSpec(1, 0, NOW_MS)) as running:
        port = int(running.url.rpartition(":")[2])
        with pytest.raises(UnreachableError):
            await Simulator(WorldSpec(1, 0, NOW_MS), port=port).start()


async def test_serving_tells_the_address_and_ends_when_cancelled():
    address = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(WorldSpec(1, 10, NOW_MS), FaultPlan(), 0, address.set_result))
    url = await address
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{url}/_edge/tenant_info")).status_code == 200
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
