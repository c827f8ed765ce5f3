"""People and groups in the store are those of the site, whatever happens to them."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.simulator import FaultPlan
from tests.integration.rig import bitbucket_settings

JOB = {"site_changes": {"sources": ("people",)}}
FAULTS = replace(
    FaultPlan.everything(),
    bucket_size=100_000,
    **dict.fromkeys(("throttle", "throttle_zero", "throttle_html", "unavailable"), 0.01),
)


async def order(rig, path, /, **body):
    """Have something happen on the site."""
    async with httpx.AsyncClient(base_url=rig.simulator.url) as client:
        answer = await client.post(f"/_sim/{path}", json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def people(rig):
    """The stored people of the site by account id."""
    await rig.client.indices.refresh(index="atlaslens-people")
    body = {"size": 1000, "query": {"term": {"organization.name": rig.site}}}
    hits = (await rig.client.search(index="atlaslens-people", body=body))["hits"]["hits"]
    return {
        hit["_source"]["person"]["id"]: hit["_source"]["person"] for hit in hits if "person" in hit["_source"]
    }


async def groups(rig):
    """The stored groups of the site by id."""
    body = {"size": 1000, "query": {"term": {"organization.name": rig.site}}}
    hits = (await rig.client.search(index="atlaslens-people", body=body))["hits"]["hits"]
    return {
        hit["_source"]["group"]["id"]: hit["_source"]["group"] for hit in hits if "group" in hit["_source"]
    }


async def lookup(rig, doc_id):
    """The terms of one lookup document."""
    return (await rig.client.get(index="atlaslens-lookup", id=doc_id))["_source"]["ids"]


async def sync(rig, **options):
    """One round of the job, which must succeed."""
    report = rig.report(await rig.sync(wanted=("people",), **options), "people")
    assert report.error is None, report.error.one_line()
    assert report.tally.conserved
    return report


async def assert_equals_truth(rig):
    """Every account with its standing, every group with its members."""
    truth = rig.simulator.truth("jira-users")
    stored = await people(rig)
    standing = {}
    for row in sorted(truth, key=lambda row: row.at_ms):
        standing[row.row["account_id"]] = row.row["action"]
    assert standing.keys() <= stored.keys()
    for account_id, action in standing.items():
        person = stored[account_id]
        assert person.get("active") is (action in {"known", "active"}), (account_id, action)
        assert person.get("closed", False) is (action == "closed")
    members = {}
    for row in rig.simulator.truth("jira-memberships"):
        if row.row["gone_at_ms"] is None:
            members.setdefault(row.row["group_id"], set()).add(row.row["account_id"])
    found = {
        key: set(group["members"])
        for key, group in (await groups(rig)).items()
        if group["kind"] == "group" and group["members"]
    }
    assert found == members
    for account_id, person in stored.items():
        mine = {key for key, ids in members.items() if account_id in ids}
        assert {key for key in person.get("groups", []) if not key.startswith("organisation:")} == mine


async def test_the_store_has_the_people_of_the_site_through_every_fault(rigs):
    rig = await rigs.open("folks", size=10, plan=FAULTS, **JOB)

    report = await sync(rig)

    assert report.tally.without_event["changed"] > 30
    await assert_equals_truth(rig)
    health = await rig.client.get(index="atlaslens-state", id="health:folks:people")
    assert health["_source"]["state"]["status"] == "ok"


async def test_short_pages_do_not_hide_anybody(rigs):
    rig = await rigs.open("short", size=10, page_limit=7, short_user_pages=True, **JOB)

    await sync(rig)

    await assert_equals_truth(rig)


async def test_nothing_is_written_when_nothing_has_changed(rigs):
    rig = await rigs.open("still", size=10, **JOB)
    await sync(rig)
    rig.clock.forward(days=10)

    report = await sync(rig)

    assert set(report.tally.without_event) == {"unchanged"}


async def test_people_join_leave_change_and_close_their_accounts(rigs):
    rig = await rigs.open("moving", size=10, **JOB)
    await sync(rig)
    staff = rig.simulator.site.world.people.staff
    before = await people(rig)
    mailed = next(one for one in staff[4:] if "email_sealed" in before[one.account_id])
    (empty,) = [group for group in (await groups(rig)).values() if group["name"] == "Änderungsbeirat"]
    assert await lookup(rig, f"group:{empty['id']}") == []
    rig.clock.forward(hours=1)
    await order(rig, "directory", do="join", group=empty["id"], account_id=staff[0].account_id)
    await order(rig, "directory", do="leave", group="jira-admins", account_id=staff[0].account_id)
    await order(rig, "directory", do="deactivate", account_id=staff[6].account_id)
    await order(rig, "directory", do="close", account_id=mailed.account_id)
    await order(rig, "directory", do="delete-group", group="contractors")
    await order(rig, "directory", do="rename-group", group="finance", name="money")
    await order(rig, "rename", account_id=staff[1].account_id, display_name="Zofia Neumann")

    await sync(rig)

    await assert_equals_truth(rig)
    stored, teams = await people(rig), {group["name"]: group for group in (await groups(rig)).values()}
    assert staff[0].account_id in await lookup(rig, f"group:{empty['id']}")
    assert staff[0].account_id not in await lookup(rig, f"group:{teams['jira-admins']['id']}")
    assert teams["contractors"]["removed"] is True
    assert await lookup(rig, f"group:{teams['contractors']['id']}") == []
    assert "finance" not in teams
    assert stored[staff[1].account_id]["full_name"] == "Zofia Neumann"
    closed = stored[mailed.account_id]
    assert (closed["full_name"], closed["closed"], closed["active"]) == ("Former user", True, False)
    assert "email_sealed" not in closed
    assert "data_key_sealed" not in closed
    assert closed["blind"] == before[mailed.account_id]["blind"]


async def test_a_listing_that_breaks_off_removes_nobody(rigs):
    rig = await rigs.open("broken", size=10, **JOB)
    await sync(rig)
    before = await groups(rig)
    rig.simulator.site.set_faults(replace(rig.simulator.site.faults, missing_rights=("people",)))

    report = rig.report(await rig.sync(wanted=("people",)), "people")

    assert report.status is SourceStatus.NO_PERMISSION
    assert await groups(rig) == before
    assert not any(person.get("closed") for person in (await people(rig)).values())


async def test_an_account_that_is_in_no_list_any_more_is_looked_up_then_once_a_week(rigs):
    rig = await rigs.open("gone", size=10, **JOB)
    await sync(rig)
    stranger = "712020:00000000-0000-4000-8000-000000000001"
    (anybody,) = (
        await rig.client.search(
            index="atlaslens-people",
            body={
                "size": 1,
                "query": {
                    "bool": {
                        "filter": [
                            {"term": {"organization.name": rig.site}},
                            {"exists": {"field": "person.id"}},
                        ]
                    }
                },
            },
        )
    )["hits"]["hits"]
    doc = anybody["_source"]
    doc["key"] = f"person:{doc['organization']['id']}:{stranger}"
    doc["person"] = {"id": stranger, "account_id": stranger, "ids": [stranger], "full_name": "Somebody"}
    await rig.client.index(index="atlaslens-people", id=doc["key"], body=doc, params={"refresh": "true"})

    def looked_up():
        return [one for one in rig.simulator.requests if one["path"].endswith("/user/bulk")]

    await sync(rig)
    assert len(looked_up()) == 1
    assert (await people(rig))[stranger]["closed"] is True
    rig.clock.forward(days=3)
    await sync(rig)
    assert len(looked_up()) == 1
    rig.clock.forward(days=5)
    await sync(rig)
    assert len(looked_up()) == 2


async def test_legacy_keys_and_bitbucket_accounts_belong_to_the_account(rigs):
    rig = await rigs.open(
        "joined",
        size=300,
        repositories=3,
        site_changes=lambda simulator: {
            "sources": ("jira-audit", "people"),
            "bitbucket": bitbucket_settings(simulator, *_workspaces(simulator)),
        },
    )
    await rig.sync()
    await sync(rig)
    world = rig.simulator.site.world.people
    stored = await people(rig)
    audit = await rig.events("jira-audit")
    pairs = {
        (event["user"]["id"], event["atlassian"]["author_key"])
        for event in audit
        if event["atlassian"].get("author_key")
    }
    assert len(pairs) > 5
    for account_id, legacy in pairs:
        assert legacy in stored[account_id]["ids"]
        assert {account_id, legacy} <= set(await lookup(rig, f"person:{account_id}"))
    with_uuid = [one for one in world.staff if any(each[0] == "{" for each in stored[one.account_id]["ids"])]
    assert with_uuid


def _workspaces(simulator):
    from atlaslens_forwarder.simulator.apis.bitbucket.part import BitbucketPart

    return [workspace.slug for workspace in simulator.site.part(BitbucketPart).forge.workspaces]


async def test_groups_of_the_actor_stand_on_events_as_known_at_write_time(rigs):
    rig = await rigs.open("grouped", size=300, site_changes={"sources": ("jira-audit", "people")})
    await sync(rig)
    await rig.sync()
    admin = rig.simulator.site.world.people.staff[0]
    mine = [
        event
        for event in await rig.events("jira-audit")
        if event.get("user", {}).get("id") == admin.account_id
    ]
    assert mine
    assert all("jira-admins" in event["user"]["group"]["name"] for event in mine)

    reports = await rig.sync(since_ms=0)
    assert rig.report(reports, "jira-audit").tally.conflict == 0


@pytest.mark.parametrize("names", [True, False])
async def test_names_are_sealed_where_that_is_wanted(rigs, names):
    rig = await rigs.open(
        f"sealed{names}".lower(),
        size=200,
        site_changes={"sources": ("jira-audit", "confluence-audit", "people")},
    )
    if not names:
        sealing = rig.settings.privacy.model_copy(update={"seal_names": True})
        rig.settings = rig.settings.model_copy(update={"privacy": sealing})
    await sync(rig)
    await rig.sync()
    stored = (await people(rig)).values()
    assert any("full_name" in one for one in stored) is names
    assert any("name_sealed" in one for one in stored) is not names
    events = await rig.events("confluence-audit")
    assert any("full_name" in event.get("user", {}) for event in events) is names
