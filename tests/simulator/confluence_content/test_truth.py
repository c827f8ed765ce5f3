"""The truth has every version that a client could ever have seen, and nothing else."""

from __future__ import annotations

import httpx

from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec

V2 = "/wiki/api/v2"
NOW_MS = 1_795_420_800_000


def present(truth):
    return {key for key, row in truth.items() if row.row["gone_at_ms"] is None}


async def test_what_is_shown_now_is_the_part_of_the_truth_that_is_not_gone(shelf):
    async with shelf() as s:
        assert await s.seen() == present(s.truth())


async def test_a_client_that_polls_a_moving_world_knows_all_but_what_went_unseen(shelf):
    async with shelf() as s:
        known = await s.seen()
        for round_number in range(12):
            await s.advance(600)
            done = await s.order("random", count=25, seed=round_number)
            assert len(done) > 5
            seen, truth = await s.seen(), s.truth()
            assert seen == present(truth)
            known |= seen
        assert known <= set(truth)
        polls = [NOW_MS + 600_000 * number for number in range(13)]
        for key in set(truth) - known:
            row = truth[key]
            assert not any(row.visible_at_ms <= poll < row.row["gone_at_ms"] for poll in polls)
        assert {row.row["kind"] for row in truth.values()} == {
            "page",
            "blogpost",
            "footer-comment",
            "inline-comment",
        }


async def test_a_row_tells_who_when_and_what_as_served(shelf):
    async with shelf() as s:
        person = s.simulator.site.world.people.staff[7].account_id
        page = (await s.order("create", space="OPS", title="One", actor=person))["id"]
        await s.advance(60)
        await s.order("edit", id=page, title="Two")
        truth = s.truth()
        first, second = truth[f"{page}:1"], truth[f"{page}:2"]
        assert (first.row["action"], first.row["actor"], first.row["title"]) == ("created", person, "One")
        assert (second.row["action"], second.at_ms) == ("updated", NOW_MS + 60_000)
        newest, oldest = await s.walked(f"{V2}/pages/{page}/versions")
        assert (newest, oldest) == (second.row["served"], first.row["served"])


async def test_what_was_hidden_is_shown_only_once_it_is_not(shelf):
    async with shelf() as s:
        page = (await s.order("create"))["id"]
        await s.order("restrict", id=page)
        await s.advance(60)
        await s.order("edit", id=page)
        assert f"{page}:2" not in s.truth()
        assert s.truth()[f"{page}:1"].row["gone_at_ms"] == NOW_MS
        await s.advance(60)
        await s.order("unrestrict", id=page)
        late = s.truth()[f"{page}:2"]
        assert (late.at_ms, late.visible_at_ms) == (NOW_MS + 60_000, NOW_MS + 120_000)
        assert s.truth()[f"{page}:1"].row["gone_at_ms"] is None


async def test_a_purged_page_keeps_its_records_in_the_truth(shelf):
    async with shelf() as s:
        page = (await s.order("create"))["id"]
        await s.order("edit", id=page)
        await s.order("trash", id=page)
        await s.order("purge", id=page)
        truth = s.truth()
        assert truth[f"{page}:1"].row["gone_at_ms"] == NOW_MS
        assert truth[f"{page}:2"].row["gone_at_ms"] is None
        turns = [row.row for row in s.truth("confluence-turns").values() if row.row["id"] == page]
        assert {(row["before"], row["after"]) for row in turns} == {
            ("current", "trashed"),
            ("trashed", "deleted"),
        }
        assert not any(row["actor_shown"] for row in turns)


async def test_the_truth_can_be_cut_to_a_range(shelf):
    async with shelf() as s:
        rows = list(s.simulator.truth("confluence-content"))
        some = list(s.simulator.truth("confluence-content", rows[20].at_ms, rows[10].at_ms))
        assert {row.key for row in rows[10:21]} <= {row.key for row in some}
        assert all(rows[20].at_ms <= row.at_ms <= rows[10].at_ms for row in some)
        lines = (await s.client.get("/_sim/truth/confluence-content")).text.splitlines()
        assert len(lines) == len(rows)


async def test_equal_worlds_and_orders_give_equal_truths():
    truths = []
    for _ in range(2):
        simulator = Simulator(WorldSpec(9, 0, NOW_MS, pages=30), clock=lambda: NOW_MS)
        async with simulator, httpx.AsyncClient(base_url=simulator.url) as client:
            await client.post("/_sim/content", json={"do": "random", "count": 40, "seed": 3})
            truths.append(list(simulator.truth("confluence-content")))
    assert truths[0] == truths[1]


async def test_pages_do_not_change_the_audit_rows():
    plain, rich = (Simulator(WorldSpec(5, 300, NOW_MS, pages=n), clock=lambda: NOW_MS) for n in (0, 40))
    for source in ("jira-audit", "confluence-audit"):
        assert list(plain.truth(source)) == list(rich.truth(source))


async def test_people_write_while_lists_are_read(shelf):
    async with shelf(arriving_changes=2, arriving_limit=6) as s:
        before = len(s.truth())
        await s.walked(f"{V2}/pages", limit=5)
        assert before < len(s.truth()) <= before + 6


async def test_a_careful_client_gets_everything_with_all_faults_on(shelf):
    everything = {
        name: value for name, value in FaultPlan.everything().as_json().items() if name != "bucket_size"
    }
    everything |= {"retry_after_s": 0, "slow": 0.0}
    async with shelf(**everything) as s:
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
        known: set[str] = set()
        for _ in range(4):
            await s.advance(900)
            known |= await s.seen()
        s.simulator.site.set_faults(FaultPlan(bucket_size=100_000))
        known |= await s.seen()
        assert known == present(s.truth())


async def test_orders_that_make_no_sense_are_refused_in_one_line(shelf):
    async with shelf() as s:
        page = (await s.order("create"))["id"]
        for body in (
            {"do": "fly"},
            {"do": "edit", "id": 1},
            {"do": "edit"},
            {"do": "restore", "id": page},
            {"do": "resolve", "id": page},
            {"do": "create", "space": "NOPE"},
            {"do": "create", "actor": "nobody"},
            {"do": "edit", "id": page, "times": -1},
            {"do": "edit", "id": page, "minor": "yes"},
        ):
            answer = await s.client.post("/_sim/content", json=body)
            assert answer.status_code == 400, body
            assert "\n" not in answer.json()["error"]
