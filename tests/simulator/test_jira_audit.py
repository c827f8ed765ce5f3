"""Jira's audit log pages, filters and bounds as the real one."""

from __future__ import annotations

from atlaslens_forwarder.model.time import DAY_MS, iso_ms, parse_iso_ms
from atlaslens_forwarder.simulator import JIRA_AUDIT

PATH = "/rest/api/3/auditing/record"


async def test_paging_to_the_empty_page_gives_every_record_once(stage):
    async with stage() as s:
        found, offset = [], 0
        while page := (await s.jira(offset=offset, limit=170))["records"]:
            found += page
            offset += len(page)
        assert found == s.rows(JIRA_AUDIT)
        assert len({row["id"] for row in found}) == 600


async def test_an_answer_repeats_offset_limit_and_total(stage):
    async with stage() as s:
        page = await s.jira(offset=10, limit=5)
        assert (page["offset"], page["limit"], page["total"], len(page["records"])) == (10, 5, 600, 5)


async def test_limits_out_of_range_become_a_thousand(stage):
    async with stage(size=4000) as s:
        for limit in (0, -1, 5000):
            page = await s.jira(limit=limit)
            assert page["limit"] == len(page["records"]) == 1000


async def test_both_bounds_are_inclusive(stage):
    async with stage() as s:
        rows = s.rows(JIRA_AUDIT)
        newest, oldest = (parse_iso_ms(rows[n]["created"]) for n in (100, 120))
        page = await s.jira(**{"from": iso_ms(oldest), "to": iso_ms(newest)})
        assert page["records"] == rows[100:121]
        assert page["total"] == 21


async def test_a_window_of_no_length_is_empty(stage):
    async with stage() as s:
        at = s.rows(JIRA_AUDIT)[5]["created"].replace("+0000", "Z")
        assert (await s.jira(**{"from": at, "to": at}))["records"] == []
        before = iso_ms(parse_iso_ms(at) - 1)
        assert len((await s.jira(**{"from": before, "to": at}))["records"]) == 1
        assert (await s.jira(**{"from": at, "to": before}))["records"] == []


async def test_a_time_without_a_zone_is_utc(stage):
    async with stage() as s:
        at_ms = parse_iso_ms(s.rows(JIRA_AUDIT)[50]["created"])
        zoned = await s.jira(**{"from": iso_ms(at_ms)})
        assert await s.jira(**{"from": iso_ms(at_ms).removesuffix("Z")}) == zoned
        assert len(zoned["records"]) == 51


async def test_a_raw_plus_in_a_time_is_an_error(stage):
    async with stage() as s:
        response = await s.client.get(
            f"{PATH}?from=2026-01-01T00:00:00.000+0000",
            auth=(s.simulator.credentials.email, s.simulator.credentials.classic_token),
        )
        assert response.status_code == 400
        assert response.json()["errorMessages"]


async def test_filter_words_must_all_match_and_total_ignores_them(stage):
    async with stage() as s:
        page = await s.jira(filter="man ed", limit=1000)
        assert page["total"] == 600
        assert 0 < len(page["records"]) < 600
        assert any(row["summary"] == "User added to group" for row in page["records"])
        rest = await s.jira(filter="man ed", limit=1000, offset=10)
        assert rest["records"] == page["records"][10:]


async def test_a_lying_total_is_too_high_or_too_low(stage):
    async with stage(lying_total=True) as s:
        totals = [(await s.jira(limit=1, offset=n))["total"] for n in range(8)]
        assert min(totals) < 600 < max(totals)
        assert (await s.jira(offset=600))["records"] == []


async def test_a_lowered_limit_is_told_in_the_answer(stage):
    async with stage(page_limit=50) as s:
        page = await s.jira(limit=1000)
        assert page["limit"] == len(page["records"]) == 50


async def test_twins_share_time_and_content_but_not_the_id(stage):
    async with stage(twin_rate=0.5) as s:
        rows = s.rows(JIRA_AUDIT)
        bare = [str({name: value for name, value in row.items() if name != "id"}) for row in rows]
        assert len(set(bare)) < len(bare) - 100
        assert len({row["id"] for row in rows}) == len(rows)


async def test_a_burst_fills_more_than_a_page_with_one_millisecond(stage):
    async with stage(size=4000, burst_every=2000, burst_size=1100) as s:
        oldest = s.rows(JIRA_AUDIT)[-1]["created"]
        assert sum(row["created"] == oldest for row in s.rows(JIRA_AUDIT)) == 1100
        bound = {"from": iso_ms(parse_iso_ms(oldest) - 1), "to": iso_ms(parse_iso_ms(oldest))}
        first, second = await s.jira(**bound), await s.jira(offset=1000, **bound)
        assert (len(first["records"]), len(second["records"])) == (1000, 100)
        ids = [row["id"] for row in first["records"] + second["records"]]
        assert ids == sorted(ids, reverse=True)


async def test_rows_of_the_last_day_are_those_of_the_truth(stage):
    async with stage() as s:
        from_ms = s.simulator.site.now_ms() - DAY_MS
        assert (await s.jira(**{"from": iso_ms(from_ms)}))["records"] == s.rows(JIRA_AUDIT, from_ms)
