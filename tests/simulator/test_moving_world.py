"""Rows that arrive while paging, late, back-dated or unreadable, and people who change their names."""

from __future__ import annotations

from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS
from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, JIRA_AUDIT

HALF_A_DAY_S = 12 * 3600


async def test_rows_arrive_while_paging_and_shift_the_offset(stage):
    async with stage(arriving_rows=3) as s:
        first = await s.jira(limit=10)
        second = await s.jira(limit=10, offset=10)
        repeated = {row["id"] for row in first["records"]} & {row["id"] for row in second["records"]}
        assert len(repeated) == 3
        assert second["total"] == first["total"] + 3 == 606


async def test_late_rows_arrive_below_a_pinned_end(stage):
    async with stage(arriving_late_rows=2) as s:
        end_ms = s.simulator.site.now_ms() - MINUTE_MS
        before = (await s.confluence(endDate=end_ms))["results"]
        after = (await s.confluence(endDate=end_ms))["results"]
        assert len(after) == len(before) + 2
        assert all(row in after for row in before)


async def test_rows_stop_arriving_at_the_limit(stage):
    async with stage(arriving_rows=4, arriving_late_rows=3, arriving_limit=10) as s:
        totals = [(await s.jira(limit=1))["total"] for _ in range(4)]
        assert totals == [607, 610, 610, 610]


async def test_late_rows_show_up_after_their_own_time(stage):
    async with stage(late_rows=9) as s:
        start_ms = s.simulator.site.now_ms()
        before = {truth.key for truth in s.simulator.truth(JIRA_AUDIT)}
        await s.control("POST", "/advance", {"seconds": HALF_A_DAY_S})
        new = [truth for truth in s.simulator.truth(JIRA_AUDIT) if truth.key not in before]
        assert len(new) == 9
        assert all(truth.at_ms <= start_ms < truth.visible_at_ms for truth in new)
        assert max(truth.visible_at_ms - truth.at_ms for truth in new) > HOUR_MS
        assert (await s.jira())["total"] == 609


async def test_back_dated_rows_carry_old_times(stage):
    async with stage(back_dated_rows=5) as s:
        before = {truth.key for truth in s.simulator.truth(CONFLUENCE_AUDIT)}
        await s.control("POST", "/advance", {"seconds": HALF_A_DAY_S})
        new = [truth for truth in s.simulator.truth(CONFLUENCE_AUDIT) if truth.key not in before]
        assert len(new) == 5
        assert all(truth.visible_at_ms - truth.at_ms > 2 * DAY_MS for truth in new)


async def test_a_rename_changes_every_row_of_a_person_and_nothing_else(stage):
    async with stage() as s:
        person = s.simulator.site.world.people.with_role("admin")[0]
        before = s.rows(CONFLUENCE_AUDIT)
        jira = s.rows(JIRA_AUDIT)
        await s.control("POST", "/rename", {"account_id": person.account_id, "display_name": "Nadia Winter"})
        after = s.rows(CONFLUENCE_AUDIT)
        changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        assert changed
        for old, new in changed:
            assert new["author"]["accountId"] == person.account_id
            assert new["author"]["displayName"] == new["author"]["publicName"] == "Nadia Winter"
            assert {**old, "author": None} == {**new, "author": None}
        mine = [row for row in after if row["author"].get("accountId") == person.account_id]
        assert len(mine) == len(changed)
        assert s.rows(JIRA_AUDIT) == jira


async def test_renames_may_come_on_their_own_after_a_while(stage):
    async with stage(renamed_people=2, rename_after_s=600) as s:
        before = s.rows(CONFLUENCE_AUDIT)
        await s.control("POST", "/advance", {"seconds": 599})
        assert s.rows(CONFLUENCE_AUDIT) == before
        await s.control("POST", "/advance", {"seconds": 1})
        changed = [new for old, new in zip(before, s.rows(CONFLUENCE_AUDIT), strict=True) if old != new]
        assert len({row["author"]["accountId"] for row in changed}) == 2
        assert {row["author"]["accountType"] for row in changed} == {"unknown"}


async def test_poisoned_rows_are_unreadable_in_three_ways(stage):
    async with stage(poisoned_rows=3) as s:
        jira = s.rows(JIRA_AUDIT)
        assert sum("created" not in row for row in jira) == 1
        assert sum(row.get("created", "").count("/") == 2 for row in jira) == 1
        assert sum(isinstance(row.get("objectItem"), list) for row in jira) == 1
        confluence = s.rows(CONFLUENCE_AUDIT)
        assert sum(not isinstance(row.get("creationDate"), int) for row in confluence) == 2
        assert sum(isinstance(row["author"], str) for row in confluence) == 1
        assert (await s.jira())["records"] == jira
