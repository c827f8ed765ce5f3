"""The organisation's events: the stream by time of processing, the list by time, who may read, the truth."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS, parse_iso_ms
from atlaslens_forwarder.simulator import JIRA_AUDIT, Simulator, WorldSpec
from tests.simulator.organisation.conftest import NOW_MS


def processed(row) -> int:
    return parse_iso_ms(row["attributes"]["processedAt"])


async def test_the_stream_shows_every_event_once_by_time_of_processing(organisation):
    async with organisation() as o:
        rows = await o.stream(limit=70, sortOrder="asc")
        assert [row["id"] for row in rows] == [
            key for key, _ in sorted(o.truth().items(), key=lambda item: item[1].visible_at_ms)
        ]
        assert len(rows) == 300
        down = await o.stream(limit=70, sortOrder="desc")
        assert [row["id"] for row in down] == [row["id"] for row in rows][::-1]


async def test_a_window_of_the_stream_has_both_ends_in_it(organisation):
    async with organisation() as o:
        times = [processed(row) for row in await o.stream()]
        found = await o.stream(from_=times[40], to=times[90], limit=20)
        assert [processed(row) for row in found] == times[40:91]


async def test_the_cursor_of_the_last_page_leads_to_what_comes_later(organisation):
    async with organisation(events=5) as o:
        page = await o.told()
        assert len(page["data"]) == 5
        cursor = page["meta"]["next"]
        assert (await o.told(cursor=cursor))["data"] == []
        await o.advance(60)
        ids = (await o.order("add", action="user_login", count=2))["ids"]
        page = await o.told(cursor=cursor)
        assert [row["id"] for row in page["data"]] == ids
        assert (await o.told(cursor=page["meta"]["next"]))["data"] == []


async def test_the_last_page_may_have_no_cursor(organisation):
    async with organisation(events=5, organisation_no_last_cursor=True) as o:
        page = await o.told(limit=3)
        assert page["meta"]["next"]
        page = await o.told(cursor=page["meta"]["next"], limit=3)
        assert len(page["data"]) == 2
        assert "next" not in page["meta"]


async def test_what_is_processed_late_shows_late_and_in_its_place(organisation):
    async with organisation(events=3, organisation_late_events=1.0) as o:
        (id_,) = (await o.order("random"))["ids"]
        assert id_ not in o.truth()
        await o.advance(5 * 3600)
        last = (await o.stream())[-1]
        assert last["id"] == id_
        assert MINUTE_MS < processed(last) - parse_iso_ms(last["attributes"]["time"]) < 5 * HOUR_MS


async def test_the_list_goes_by_time_newest_first_and_filters(organisation):
    async with organisation() as o:
        page = await o.told("/events", limit=100)
        rows = list(page["data"])
        while "next" in page["meta"]:
            page = await o.told("/events", limit=100, cursor=page["meta"]["next"])
            rows += page["data"]
        assert [row["id"] for row in rows] == [row.key for row in o.simulator.truth("org-events")]
        login = await o.told("/events", action="user_login", limit=100)
        wanted = [row.key for row in o.simulator.truth("org-events") if row.row["action"] == "user_login"]
        assert [row["id"] for row in login["data"]] == wanted
        actor = rows[0]["attributes"]["actor"]["id"]
        for row in (await o.told("/events", actor=actor, from_=NOW_MS - 300 * DAY_MS))["data"]:
            assert row["attributes"]["actor"]["id"] == actor
        assert (await o.told("/events", ip="192.0.2.255"))["data"] == []


@pytest.mark.parametrize(
    "query",
    [{"limit": 501}, {"limit": 0}, {"limit": "x"}, {"sortOrder": "up"}, {"from_": "today"}, {"cursor": "?"}],
)
async def test_what_cannot_be_asked_is_refused(organisation, query):
    async with organisation(events=1) as o:
        for path in ("/events-stream", "/events"):
            answer = await o.ask(path, **query)
            assert (answer.status_code, answer.json()["errors"][0]["status"]) == (400, "400")


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_without_guard_nothing_is_shown(organisation, status):
    async with organisation(organisation_no_guard=status) as o:
        for path in ("/events-stream", "/events"):
            assert (await o.ask(path)).status_code == status


async def test_only_the_key_opens_it_and_only_this_organisation(organisation):
    async with organisation() as o:
        o.base, ours = "/admin/v1/orgs/another", o.base
        assert (await o.ask()).status_code == 404
        o.base = ours
        for wrong in ("", "wrong", o.simulator.credentials.bearer_token):
            o.key = wrong
            assert (await o.ask()).status_code == 401
        o.key = o.simulator.credentials.organisation_key
        assert (
            await o.client.get("/rest/api/3/myself", headers={"Authorization": f"Bearer {o.key}"})
        ).is_error


async def test_ten_requests_a_minute_are_answered(organisation):
    async with organisation(events=1, organisation_requests_per_min=10) as o:
        statuses = [(await o.ask()).status_code for _ in range(11)]
        assert statuses == [200] * 10 + [429]
        assert (await o.ask("/events")).status_code == 200


async def test_a_key_that_expires_while_paging_opens_nothing_any_more(organisation):
    async with organisation(expires_after=1) as o:
        page = await o.told(limit=10)
        assert (await o.ask(cursor=page["meta"]["next"])).status_code == 401


async def test_something_happens_while_it_is_read(organisation):
    async with organisation(
        events=3, arriving_changes=2, arriving_limit=3, organisation_late_events=0.0
    ) as o:
        await o.told()
        await o.told()
        await o.advance(60)
        assert len(o.truth()) == 6


async def test_people_are_called_as_they_are_now(organisation):
    async with organisation() as o:
        truth = next(row for row in o.truth().values() if row.row["action"] == "user_added_to_group")
        body = {"account_id": truth.row["target"], "display_name": "Renamed Person"}
        await o.client.post("/_sim/rename", json=body)
        row = next(row for row in await o.stream() if row["id"] == truth.key)
        named = {one["type"]: one for one in row["attributes"]["context"]}
        assert named["users"]["attributes"]["name"] == "Renamed Person"
        assert "Renamed Person" in row["message"]["content"]
        assert named["groups"]["id"] == truth.row["group"]


async def test_an_order_that_makes_no_sense_is_refused(organisation):
    async with organisation(events=1) as o:
        answer = await o.client.post("/_sim/organisation", json={"do": "undo"})
        assert answer.status_code == 400


def test_the_same_seed_gives_the_same_events_and_nothing_else_changes():
    def world(**more: int) -> Simulator:
        return Simulator(WorldSpec(5, 50, NOW_MS, **more), clock=lambda: NOW_MS)

    one, other = world(organisation_events=40), world(organisation_events=40)
    assert list(one.truth("org-events")) == list(other.truth("org-events"))
    assert list(one.truth(JIRA_AUDIT)) == list(world().truth(JIRA_AUDIT))
    assert list(world().truth("org-events")) == []
    with pytest.raises(ConfigError):
        world(organisation_events=-1)
