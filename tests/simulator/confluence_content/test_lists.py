"""Lists of content are filtered, ordered and paged as the REST API v2 does."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, unquote, unquote_plus, urlsplit

import pytest

from atlaslens_forwarder.model.time import iso_ms

V2 = "/wiki/api/v2"
NOW_MS = 1_795_420_800_000


async def test_a_world_without_pages_answers_empty_lists(shelf):
    async with shelf(pages=0) as s:
        for kind in ("pages", "blogposts", "footer-comments", "inline-comments"):
            assert (await s.told(f"{V2}/{kind}"))["results"] == []


async def test_every_row_of_a_list_is_met_once_whatever_the_page_size(shelf):
    async with shelf() as s:
        ids = [row["id"] for row in await s.walked(f"{V2}/pages", limit=7)]
        assert len(ids) == len(set(ids)) > 40
        assert ids == [row["id"] for row in await s.walked(f"{V2}/pages", limit=250)]


@pytest.mark.parametrize("order", ["id", "created-date", "modified-date", "title"])
async def test_a_falling_order_is_the_rising_one_turned_round(shelf, order):
    async with shelf() as s:
        rising = [row["id"] for row in await s.walked(f"{V2}/pages", sort=order, limit=9)]
        falling = [row["id"] for row in await s.walked(f"{V2}/pages", sort=f"-{order}", limit=11)]
        assert rising == falling[::-1]


async def test_a_page_links_to_the_next_in_body_and_header(shelf):
    async with shelf() as s:
        answer = await s.ask(f"{V2}/pages", {"limit": 5})
        following = answer.json()["_links"]["next"]
        assert following.startswith(f"{V2}/pages?")
        assert answer.json()["_links"]["base"] == f"{s.simulator.url}/wiki"
        assert answer.headers["Link"] == f'<{following}>; rel="next"'
        last = await s.ask(f"{V2}/pages", {"limit": 250})
        assert "next" not in last.json()["_links"]
        assert "Link" not in last.headers


async def test_a_cursor_that_is_decoded_twice_is_refused(shelf):
    async with shelf() as s:
        link = (await s.told(f"{V2}/pages", limit=5))["_links"]["next"]
        (cursor,) = parse_qs(urlsplit(link).query)["cursor"]
        assert (await s.ask(f"{V2}/pages", {"limit": 5, "cursor": cursor})).status_code == 200
        twice = await s.ask(f"{V2}/pages", {"limit": 5, "cursor": unquote_plus(unquote(cursor))})
        assert twice.status_code == 400
        (error,) = twice.json()["errors"]
        assert error["code"] == "INVALID_REQUEST_PARAMETER"
        assert error["title"].endswith("Expected type is Cursor.")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 251},
        {"limit": 0},
        {"limit": "many"},
        {"sort": "size"},
        {"status": "lost"},
        {"space-id": ",".join(str(n) for n in range(101))},
        {"cursor": "nothing"},
        {"cursor": base64.b64encode(b'~~~{"id":"1"}').decode()},
        {"body-format": "pdf"},
    ],
)
async def test_parameters_that_cannot_be_served_are_400(shelf, query):
    async with shelf() as s:
        answer = await s.ask(f"{V2}/pages", query)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["status"] == 400


async def test_a_cursor_of_another_order_is_refused(shelf):
    async with shelf() as s:
        link = (await s.told(f"{V2}/pages", limit=5, sort="title"))["_links"]["next"]
        (cursor,) = parse_qs(urlsplit(link).query)["cursor"]
        assert (await s.ask(f"{V2}/pages", {"sort": "-title", "cursor": cursor})).status_code == 400


async def test_lists_are_filtered_by_space_status_and_title(shelf):
    async with shelf() as s:
        everything = await s.walked(f"{V2}/pages", status="current,archived,trashed,deleted", limit=250)
        assert {row["status"] for row in everything} == {"current", "archived", "trashed"}
        default = await s.walked(f"{V2}/pages", limit=250)
        assert {row["status"] for row in default} == {"current", "archived"}
        space = default[0]["spaceId"]
        some = await s.walked(f"{V2}/pages", space_id=space)
        assert some == [row for row in default if row["spaceId"] == space]
        (one,) = await s.walked(f"{V2}/pages", title=default[3]["title"])
        assert one == default[3]
        assert await s.walked(f"{V2}/pages", id=f"{default[3]['id']},1") == [one]


async def test_an_edit_moves_a_page_to_the_front_and_keeps_its_id(shelf):
    async with shelf() as s:
        oldest = (await s.walked(f"{V2}/pages", sort="modified-date", status="current"))[0]
        await s.order("edit", id=oldest["id"], title="Changed", message="why", minor=True)
        (newest, *_) = (await s.told(f"{V2}/pages", sort="-modified-date", limit=1))["results"]
        assert newest["id"] == oldest["id"]
        assert newest["title"] == "Changed"
        assert newest["createdAt"] == oldest["createdAt"]
        assert newest["version"] == {
            "createdAt": iso_ms(NOW_MS),
            "message": "why",
            "number": oldest["version"]["number"] + 1,
            "minorEdit": True,
            "authorId": s.simulator.site.world.people.staff[0].account_id,
        }


async def test_an_edit_between_two_pages_of_a_walk_repeats_and_shifts_nothing(shelf):
    async with shelf() as s:
        before = [row["id"] for row in await s.walked(f"{V2}/pages", sort="-modified-date", status="current")]
        first = await s.told(f"{V2}/pages", sort="-modified-date", status="current", limit=10)
        await s.order("edit", id=before[20])
        parts = urlsplit(first["_links"]["next"])
        rest = await s.ask(parts.path, parse_qs(parts.query))
        seen = [row["id"] for row in (*first["results"], *rest.json()["results"])]
        assert seen == before[:20]


async def test_all_versions_between_two_polls_are_listed(shelf):
    async with shelf() as s:
        made = await s.order("create", space="SEC", title="Fresh")
        await s.order("edit", id=made["id"], times=30)
        rows = await s.walked(f"{V2}/pages/{made['id']}/versions", limit=7)
        assert [row["number"] for row in rows] == list(range(31, 0, -1))
        rising = await s.walked(f"{V2}/pages/{made['id']}/versions", sort="modified-date", limit=7)
        assert rising == rows[::-1]
        assert rows[0]["page"] == {"id": made["id"], "title": "Fresh"}


async def test_the_trash_is_listed_and_purged_pages_have_no_versions(shelf):
    async with shelf() as s:
        page = (await s.walked(f"{V2}/pages", status="current"))[0]["id"]
        await s.order("trash", id=page)
        assert page not in {row["id"] for row in await s.walked(f"{V2}/pages")}
        assert page in {row["id"] for row in await s.walked(f"{V2}/pages", status="trashed")}
        assert (await s.told(f"{V2}/pages/{page}"))["status"] == "trashed"
        await s.order("purge", id=page)
        assert page in {row["id"] for row in await s.walked(f"{V2}/pages", status="deleted")}
        for path in (f"{V2}/pages/{page}", f"{V2}/pages/{page}/versions"):
            answer = await s.ask(path)
            assert answer.status_code == 404
            assert answer.json()["errors"][0]["code"] == "NOT_FOUND"


async def test_comments_go_and_come_back_with_their_page(shelf):
    async with shelf() as s:
        page = (await s.order("create"))["id"]
        comment = (await s.order("comment", on=page))["id"]
        inline = (await s.order("comment", on=page, selection="here"))["id"]
        (shown,) = [row for row in await s.walked(f"{V2}/footer-comments") if row["id"] == comment]
        assert shown["pageId"] == page
        await s.order("trash", id=page)
        assert comment not in {row["id"] for row in await s.walked(f"{V2}/footer-comments")}
        assert inline not in {row["id"] for row in await s.walked(f"{V2}/inline-comments")}
        await s.order("restore", id=page)
        assert inline in {row["id"] for row in await s.walked(f"{V2}/inline-comments")}


async def test_resolving_an_inline_comment_names_who_did_it(shelf):
    async with shelf() as s:
        page = (await s.order("create"))["id"]
        inline = (await s.order("comment", on=page, selection="here"))["id"]
        person = s.simulator.site.world.people.staff[6].account_id
        await s.order("resolve", id=inline, actor=person)
        row = await s.told(f"{V2}/inline-comments/{inline}")
        assert (row["resolutionStatus"], row["resolutionLastModifierId"]) == ("resolved", person)
        assert row["resolutionLastModifiedAt"] == iso_ms(NOW_MS)
        assert row["properties"]["inlineOriginalSelection"] == "here"


async def test_restricted_pages_are_left_out_everywhere(shelf):
    async with shelf() as s:
        page = (await s.walked(f"{V2}/pages"))[0]["id"]
        await s.order("restrict", id=page)
        assert page not in {row["id"] for row in await s.walked(f"{V2}/pages")}
        assert (await s.ask(f"{V2}/pages/{page}/versions")).status_code == 404


async def test_a_page_moves_to_another_space_without_a_version(shelf):
    async with shelf() as s:
        page = (await s.order("create", space="ENG"))["id"]
        await s.order("move", id=page, space="JP")
        row = await s.told(f"{V2}/pages/{page}")
        spaces = {space["key"]: space["id"] for space in await s.walked(f"{V2}/spaces", limit=3)}
        assert (row["spaceId"], row["version"]["number"]) == (spaces["JP"], 1)


async def test_a_lowered_limit_shortens_pages_but_not_the_list(shelf):
    async with shelf(page_limit=4) as s:
        first = await s.told(f"{V2}/pages", limit=50)
        assert len(first["results"]) == 4
        assert "next" in first["_links"]
        assert len(await s.walked(f"{V2}/pages", limit=50)) > 40
