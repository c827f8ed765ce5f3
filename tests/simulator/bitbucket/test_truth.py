"""The truths of Bitbucket follow from seed and orders, and permissions can be told by comparing polls."""

from __future__ import annotations

import httpx

from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec

NOW_MS = 1_795_420_800_000
SOURCES = ("commits", "pullrequests", "activity", "permissions")


async def test_equal_worlds_and_orders_give_equal_truths():
    truths = []
    for _ in range(2):
        simulator = Simulator(WorldSpec(9, 0, NOW_MS, repositories=4), clock=lambda: NOW_MS)
        simulator.site.url = "http://127.0.0.1"
        forge = next(part for part in simulator.site.parts if "bitbucket-commits" in part.truths)
        forge.orders["bitbucket"]({"do": "random", "count": 60, "seed": 3})
        truths.append([list(simulator.truth(f"bitbucket-{source}")) for source in SOURCES])
    assert truths[0] == truths[1]


async def test_the_history_ends_before_the_present_and_no_time_goes_back(bench):
    async with bench(repositories=12) as s:
        for source in SOURCES:
            rows = s.truth(source).values()
            assert rows
            assert all(row.visible_at_ms <= NOW_MS for row in rows)
        pulls = s.truth("pullrequests")
        for row in pulls.values():
            opened = pulls[f"{row.key.rpartition(':')[0]}:OPEN"]
            assert row.at_ms >= opened.at_ms


async def test_the_permissions_served_are_the_sum_of_the_changes(bench):
    async with bench() as s:
        for round_number in range(4):
            await s.advance(60)
            await s.order("random", count=60, seed=round_number)
        held: dict[tuple[str, str | None, str], str] = {}
        for row in sorted(s.truth("permissions").values(), key=lambda row: row.key):
            if row.row["scope"] != "branch-restriction":
                held[(row.row["workspace"], row.row["repository"], row.row["subject"])] = row.row["after"]
        served = {}
        for workspace in ("acme", "acme-labs"):
            for path in ("permissions", "permissions/repositories"):
                for row in await s.walked(f"/workspaces/{workspace}/{path}", {"pagelen": 100}):
                    home = row.get("repository", {}).get("full_name", "/").split("/")[1] or None
                    served[(workspace, home, row["user"]["account_id"])] = row["permission"]
        assert served == {place: permission for place, permission in held.items() if permission}


async def test_who_left_the_company_lost_the_workspace_then(bench):
    async with bench() as s:
        leaver = s.simulator.site.world.people.with_role("deactivated")[0]
        (end,) = [
            row
            for row in s.truth("permissions").values()
            if row.row["subject"] == leaver.account_id
            and (row.row["scope"], row.row["workspace"], row.row["after"]) == ("workspace", "acme", "")
        ]
        assert end.at_ms == leaver.left_at_ms
        assert (end.row["actor_shown"], end.row["seen_by"]) == (False, "absence")


async def test_a_deleted_repository_takes_its_records_with_it(bench, repository):
    async with bench() as s:
        await s.advance(60)
        await s.order("delete-repository", repository=repository)
        for source in ("commits", "pullrequests", "activity"):
            rows = [row.row for row in s.truth(source).values() if row.row["repository"] == "payments-api"]
            assert rows
            assert all(row["gone_at_ms"] is not None for row in rows)


async def test_served_forms_are_those_of_the_lists(bench, repository):
    async with bench() as s:
        rows = await s.walked(f"/repositories/{repository}/commits")
        truth = s.truth("commits")
        assert all(truth[f"{row['repository']['uuid']}:{row['hash']}"].row["served"] == row for row in rows)


async def test_somebody_pushes_and_comments_while_lists_are_read(bench):
    async with bench(arriving_changes=2, arriving_limit=6) as s:
        before = sum(len(s.truth(source)) for source in SOURCES)
        await s.repositories()
        await s.repositories()
        assert sum(len(s.truth(source)) for source in SOURCES) > before


async def test_a_client_of_four_tries_gets_through_with_all_faults_on(bench, repository):
    everything = FaultPlan.everything().as_json() | {"retry_after_s": 0, "slow": 0.0, "arriving_changes": 0}
    everything["bitbucket_requests_per_h"] = 100_000
    async with bench(**everything) as s:
        ask = s.ask

        async def patient(path, query=None):
            for _ in range(4):
                try:
                    answer = await ask(path, query)
                except httpx.RemoteProtocolError:
                    continue
                if answer.status_code == 200:
                    return answer
            raise AssertionError(path)

        s.ask = patient
        rows = await s.walked(f"/repositories/{repository}/commits", {"pagelen": 2})
        s.simulator.site.set_faults(FaultPlan(bitbucket_requests_per_h=100_000))
        s.ask = ask
        assert rows == await s.walked(f"/repositories/{repository}/commits")


async def test_repositories_do_not_change_the_audit_rows():
    plain, rich = (Simulator(WorldSpec(5, 300, NOW_MS, repositories=n), clock=lambda: NOW_MS) for n in (0, 4))
    for source in ("jira-audit", "confluence-audit"):
        assert list(plain.truth(source)) == list(rich.truth(source))


async def test_orders_that_make_no_sense_are_refused_in_one_line(bench, repository):
    async with bench() as s:
        here = {"repository": repository}
        pull = (await s.order("open", **here))["id"]
        await s.order("decline", **here, id=pull)
        for body in (
            {"do": "fly"},
            {"do": "push", "repository": "acme/nothing"},
            {"do": "push", **here, "count": "many"},
            {"do": "force-push", **here, "branch": "nothing"},
            {"do": "force-push", **here, "drop": 10_000},
            {"do": "delete-branch", **here, "branch": "nothing"},
            {"do": "merge", **here, "id": pull},
            {"do": "approve", **here, "id": 99_999},
            {"do": "edit-comment", **here, "id": pull, "entry": 1},
            {"do": "edit-comment", **here, "id": pull, "entry": 99},
            {"do": "create-repository", "slug": "payments-api"},
            {"do": "create-repository", "workspace": "nobody", "slug": "x"},
            {"do": "permit", **here, "account_id": s.person(3), "permission": "king"},
            {"do": "unprotect", **here, "id": 1},
        ):
            answer = await s.client.post("/_sim/bitbucket", json=body)
            assert answer.status_code == 400, body
            assert "\n" not in answer.json()["error"]
