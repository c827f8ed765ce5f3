"""Workspaces, repositories, branches, members and permissions as they are now."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest


async def test_a_world_without_repositories_lists_none(bench):
    async with bench(repositories=0) as s:
        assert await s.repositories() == []


async def test_workspaces_are_told_sparsely(bench):
    async with bench() as s:
        one, two = await s.walked("/user/workspaces", {"pagelen": 1})
        assert (one["type"], one["workspace"]["type"]) == ("workspace_access", "workspace_base")
        assert "name" not in one["workspace"]
        assert [one["workspace"]["slug"], two["workspace"]["slug"]] == ["acme", "acme-labs"]
        whole = await s.told(f"/workspaces/{quote(one['workspace']['uuid'])}")
        assert (whole["slug"], whole["name"]) == ("acme", "Acme")


async def test_people_have_the_account_ids_of_the_other_products_and_no_email(bench):
    async with bench() as s:
        people = {person.account_id: person for person in s.simulator.site.world.people.staff}
        members = [row["user"] for row in await s.walked("/workspaces/acme/members")]
        assert {user["account_id"] for user in members} < set(people)
        for user in members:
            assert user["display_name"] == people[user["account_id"]].display_name
            assert re.fullmatch(r"\{[0-9a-f-]{36}\}", user["uuid"])
            assert "@" not in str(user)


async def test_a_renamed_person_is_called_otherwise_here_too(bench):
    async with bench() as s:
        renamed = {"account_id": s.person(0), "display_name": "Nobody Else"}
        await s.client.post("/_sim/rename", json=renamed)
        users = [row["user"] for row in await s.walked("/workspaces/acme/members")]
        assert [user["display_name"] for user in users if user["account_id"] == s.person(0)] == [
            "Nobody Else"
        ]


async def test_pages_are_numbered_and_next_is_absolute(bench):
    async with bench() as s:
        first = await s.told("/workspaces/acme/members", {"pagelen": 10})
        assert (first["page"], first["pagelen"], len(first["values"])) == (1, 10, 10)
        assert first["next"].startswith(f"{s.simulator.url}/2.0/workspaces/acme/members?")
        assert "previous" not in first
        second = await s.told(first["next"])
        assert second["page"] == 2
        assert "previous" in second
        assert len(await s.walked("/workspaces/acme/members")) == first["size"]


@pytest.mark.parametrize(("pagelen", "status"), [(100, 200), (101, 400), (0, 400), ("x", 400)])
async def test_pages_hold_at_most_a_hundred(bench, pagelen, status):
    async with bench() as s:
        answer = await s.ask("/repositories/acme", {"pagelen": pagelen})
        assert answer.status_code == status
        if status == 400:
            assert answer.json()["error"]["message"] == "Invalid pagelen"


async def test_a_page_beyond_the_last_is_404(bench):
    async with bench() as s:
        assert (await s.ask("/repositories/acme", {"page": 9})).status_code == 404


async def test_times_are_in_microseconds(bench):
    async with bench() as s:
        for row in await s.repositories():
            for name in ("created_on", "updated_on"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", row[name])


async def test_repositories_are_filtered_and_ordered(bench):
    async with bench() as s:
        rows = await s.walked("/repositories/acme", {"sort": "-updated_on"})
        times = [row["updated_on"] for row in rows]
        assert times == sorted(times, reverse=True)
        some = await s.walked("/repositories/acme", {"q": f'updated_on>="{times[1]}"', "sort": "-updated_on"})
        assert some == rows[:2]
        (one,) = await s.walked("/repositories/acme", {"q": 'name ~ "PAY" AND slug = "payments-api"'})
        assert one["slug"] == "payments-api"


async def test_a_plus_that_is_not_escaped_makes_the_query_unreadable(bench):
    async with bench() as s:
        good = "/2.0/repositories/acme?q=updated_on%3E%3D%222026-01-01T00:00:00%2B00:00%22"
        assert (await s.client.get(good, auth=s.auth)).status_code == 200
        assert (await s.client.get(good.replace("%2B", "+"), auth=s.auth)).status_code == 400


async def test_a_deleted_repository_is_gone_and_its_slug_can_be_used_again(bench, repository):
    async with bench() as s:
        before = await s.told(f"/repositories/{repository}")
        await s.order("delete-repository", repository=repository)
        assert repository not in {row["full_name"] for row in await s.repositories()}
        assert (await s.ask(f"/repositories/{repository}/refs/branches")).status_code == 404
        await s.order("create-repository", workspace="acme", slug="payments-api")
        assert (await s.told(f"/repositories/{repository}"))["uuid"] != before["uuid"]


async def test_a_renamed_repository_keeps_its_uuid(bench, repository):
    async with bench() as s:
        before = await s.told(f"/repositories/{repository}")
        await s.order("rename-repository", repository=repository, slug="payments")
        assert (await s.ask(f"/repositories/{repository}")).status_code == 404
        assert (await s.told("/repositories/acme/payments"))["uuid"] == before["uuid"]
        assert (await s.ask(f"/repositories/acme/{quote(before['uuid'])}")).status_code == 200


async def test_permissions_change_and_members_leave(bench, repository):
    async with bench() as s:
        person = s.person(12)

        async def held(path):
            rows = await s.walked(path, {"pagelen": 100})
            return {
                (row.get("repository", {}).get("full_name"), row["permission"])
                for row in rows
                if row["user"]["account_id"] == person
            }

        assert await held("/workspaces/acme/permissions") == {(None, "member")}
        await s.order("permit", repository=repository, account_id=person, permission="admin")
        assert (repository, "admin") in await held("/workspaces/acme/permissions/repositories")
        await s.order("permit", workspace="acme", account_id=person, permission="")
        assert await held("/workspaces/acme/permissions") == set()
        assert await held("/workspaces/acme/permissions/repositories") == set()
        members = await s.walked("/workspaces/acme/members")
        assert person not in {row["user"]["account_id"] for row in members}


async def test_branch_restrictions_come_and_go(bench, repository):
    async with bench() as s:
        path = f"/repositories/{repository}/branch-restrictions"
        before = await s.walked(path)
        assert {row["kind"] for row in before} == {"force", "push", "require_approvals_to_merge"}
        made = await s.order("protect", repository=repository, kind="delete", pattern="release/*")
        assert [row["pattern"] for row in await s.walked(path) if row["id"] == made["id"]] == ["release/*"]
        await s.order("unprotect", repository=repository, id=made["id"])
        assert await s.walked(path) == before
