"""Search understands a part of CQL and knows of changes late."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

SEARCH = "/wiki/rest/api/search"
NOW_MS = 1_795_420_800_000


async def found(s, cql, **query):
    return [row["content"]["id"] for row in (await s.told(SEARCH, cql=cql, **query))["results"]]


async def test_recent_changes_are_found_by_a_relative_time(shelf):
    async with shelf() as s:
        await s.advance(3 * 86400)
        page = (await s.order("create", title="Fresh"))["id"]
        assert await found(s, 'lastmodified >= now("-4h") and type = page') == [page]
        await s.advance(5 * 3600)
        assert await found(s, 'lastmodified >= now("-4h")') == []


async def test_next_is_a_path_without_wiki(shelf):
    async with shelf() as s:
        page = await s.told(SEARCH, cql="type in (page, blogpost) order by lastmodified desc", limit=10)
        ids, pages = [row["content"]["id"] for row in page["results"]], 1
        while following := page["_links"].get("next"):
            assert following.startswith("/rest/api/search?")
            parts = urlsplit(following)
            page = (await s.ask(f"/wiki{parts.path}", parse_qsl(parts.query))).json()
            ids += [row["content"]["id"] for row in page["results"]]
            pages += 1
        assert len(ids) == len(set(ids)) == page["totalSize"]
        assert pages == -(-page["totalSize"] // 10)


async def test_quoted_times_are_read_in_the_callers_zone(shelf):
    for zone, hits in (("Etc/UTC", 1), ("Asia/Tokyo", 1), ("America/New_York", 0)):
        async with shelf(pages=0, time_zone=zone) as s:
            await s.order("create")
            assert len(await found(s, 'created >= "2026-11-23 08:00"')) == hits


async def test_clauses_narrow_by_space_type_id_and_creator(shelf):
    async with shelf(pages=0) as s:
        person = s.simulator.site.world.people.staff[5].account_id
        one = (await s.order("create", space="ENG", actor=person))["id"]
        two = (await s.order("create", space="JP", kind="blogpost"))["id"]
        note = (await s.order("comment", on=one))["id"]
        assert await found(s, "space = ENG") == [one, note]
        assert await found(s, 'space in ("JP", "HR")') == [two]
        assert await found(s, f'creator = "{person}"') == [one]
        assert await found(s, f"id in ({one}, {two}) and type != page") == [two]


async def test_the_index_learns_of_a_version_late(shelf):
    async with shelf(content_search_lag_s=3600) as s:
        await s.advance(86400)
        made = [(await s.order("create"))["id"] for _ in range(20)]
        seen = set(await found(s, 'created >= now("-2h")', limit=100))
        assert seen < set(made)
        await s.advance(3600)
        assert set(await found(s, 'created >= now("-2h")', limit=100)) == set(made)


@pytest.mark.parametrize("cql", ["", "text ~ x or y", "lastmodified >= yesterday", "space ="])
async def test_queries_that_cannot_be_read_are_400(shelf, cql):
    async with shelf() as s:
        answer = await s.ask(SEARCH, {"cql": cql})
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("Could not parse cql")


async def test_a_bad_limit_is_404_without_a_body(shelf):
    async with shelf() as s:
        answer = await s.ask(SEARCH, {"cql": "type = page", "limit": "many"})
        assert (answer.status_code, answer.content) == (404, b"")
