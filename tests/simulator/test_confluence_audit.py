"""Confluence's audit log pages, links and bounds as the real one."""

from __future__ import annotations

from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT

PATH = "/wiki/rest/api/audit"


async def test_following_next_gives_every_record_once(stage):
    async with stage() as s:
        found, path = [], f"{PATH}?limit=90"
        while path:
            page = await s.confluence(path)
            found += page["results"]
            following = page["_links"].get("next")
            path = f"/wiki{following}" if following else ""
        assert found == s.rows(CONFLUENCE_AUDIT)
        assert len(found) == 400


async def test_next_lacks_the_wiki_prefix_on_the_gateway_too(stage):
    async with stage() as s:
        gateway = f"/ex/confluence/{s.simulator.cloud_id}"
        links = (await s.get(f"{gateway}{PATH}", auth="scoped", limit=10)).json()["_links"]
        assert links["next"].startswith("/rest/api/audit?")
        assert links["base"] == f"{s.simulator.url}/wiki"
        page = (await s.get(f"{gateway}/wiki{links['next']}", auth="bearer")).json()
        assert page["results"] == s.rows(CONFLUENCE_AUDIT)[10:20]


async def test_the_last_page_has_no_next_even_when_full(stage):
    async with stage() as s:
        page = await s.confluence(start=300, limit=100)
        assert page["size"] == 100
        assert "next" not in page["_links"]


async def test_next_keeps_bounds_and_search(stage):
    async with stage() as s:
        rows = s.rows(CONFLUENCE_AUDIT)
        page = await s.confluence(
            startDate=rows[300]["creationDate"], endDate=rows[4]["creationDate"], limit=3
        )
        follow = await s.confluence(f"/wiki{page['_links']['next']}")
        assert page["results"] + follow["results"] == rows[4:10]


async def test_both_bounds_are_inclusive_epoch_milliseconds(stage):
    async with stage() as s:
        rows = s.rows(CONFLUENCE_AUDIT)
        page = await s.confluence(startDate=rows[9]["creationDate"], endDate=rows[4]["creationDate"])
        assert page["results"] == rows[4:10]
        at_ms = rows[7]["creationDate"]
        assert (await s.confluence(startDate=at_ms, endDate=at_ms))["results"] == [rows[7]]
        assert (await s.get(PATH, startDate="2026-01-01T00:00:00Z")).status_code == 400


async def test_a_search_finds_rows_that_hold_the_text(stage):
    async with stage() as s:
        page = await s.confluence(searchString="Space Permission")
        assert page["results"]
        assert all("Space permission" in row["summary"] for row in page["results"])


async def test_since_and_retention_answer(stage):
    async with stage() as s:
        recent = (await s.get(f"{PATH}/since", number=2, units="WEEKS")).json()["results"]
        assert recent == s.rows(CONFLUENCE_AUDIT)[: len(recent)]
        assert 0 < len(recent) < 60
        assert (await s.get(f"{PATH}/retention")).json() == {"number": 1, "units": "YEARS"}
        assert (await s.get(f"{PATH}/since", units="MOONS")).status_code == 400


async def test_a_lying_size_is_too_high_or_too_low(stage):
    async with stage(lying_size=True, page_limit=25) as s:
        pages = [await s.confluence(start=n) for n in range(8)]
        assert {(page["limit"], len(page["results"])) for page in pages} == {(25, 25)}
        assert min(page["size"] for page in pages) < 25 < max(page["size"] for page in pages)


async def test_twins_are_completely_equal(stage):
    async with stage(twin_rate=0.5) as s:
        rows = [str(row) for row in s.rows(CONFLUENCE_AUDIT)]
        assert len(set(rows)) < len(rows) - 60
