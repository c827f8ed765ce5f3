"""Paging of content, the walk over all lists, and what turns between two looks."""

from __future__ import annotations

from typing import Any

import pytest

from atlaslens_forwarder.cursor.plan import ReadPolicy
from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.client import Answer
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import DAY_MS, iso_ms
from atlaslens_forwarder.sources.confluence_content.lists import ContentLists, Kind, next_path
from atlaslens_forwarder.sources.confluence_content.look import Look
from atlaslens_forwarder.sources.confluence_content.remembered import Seen, first_state, seen_of, turns_of
from atlaslens_forwarder.sources.confluence_content.rows import RowMaker
from atlaslens_forwarder.sources.confluence_content.shelf import Shelf
from atlaslens_forwarder.sources.confluence_content.walk import Listed, touched_ms, walk

NOW_MS = 1_795_420_800_000
NOTHING: dict[str, Any] = {"results": [], "_links": {}}


class Pages:
    """A client whose answers are named by path and query; what it has none for is an empty list."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def get(self, _api, path, params, *, endpoint):
        self.asked.append(path)
        value = self.answers.get(path.removeprefix("/wiki/api/v2/"), NOTHING)
        if value is None:
            raise NotFoundError("gone", status=SourceStatus.NO_PERMISSION)
        return Answer(value, {})


class DictMemory:
    """Memory as a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    async def load(self, key):
        return self.kept.get(key)

    async def save(self, key, value):
        self.kept[key] = value


def page_item(item_id, at_ms=NOW_MS, number=1, **more):
    version = {"number": number, "createdAt": iso_ms(at_ms), "authorId": "a"}
    created = {"createdAt": iso_ms(NOW_MS - 99 * DAY_MS)}
    return {"id": item_id, "status": "current", "title": "T", "version": version, **created} | more


def listed(kind, *items):
    return Listed(kind, list(items), None)


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("/wiki/api/v2/pages?cursor=fn5%2B%3D&limit=5", "/wiki/api/v2/pages?cursor=fn5%2B%3D&limit=5"),
        ("/api/v2/pages?cursor=x", "/wiki/api/v2/pages?cursor=x"),
        ("https://elsewhere.example/wiki/api/v2/pages?cursor=x", "/wiki/api/v2/pages?cursor=x"),
        ("/ex/confluence/1-2/wiki/api/v2/pages?cursor=x", "/wiki/api/v2/pages?cursor=x"),
    ],
)
def test_of_a_link_only_path_and_query_below_the_api_are_used_as_they_stand(link, path):
    assert next_path(Answer({"results": [], "_links": {"next": link}}, {})) == path
    assert next_path(Answer({"results": []}, {"link": f'<{link}>; rel="next"'})) == path


@pytest.mark.parametrize("links", [None, [], {}, {"next": None}, {"next": ""}, {"base": "https://a.example"}])
def test_no_link_is_the_end(links):
    assert next_path(Answer({"_links": links}, {"link": '</wiki/api/v2/pages>; rel="prev"'})) is None


def test_a_link_that_leads_elsewhere_is_no_format_of_ours():
    with pytest.raises(FormatError):
        next_path(Answer({"_links": {"next": "/wiki/rest/api/search?cursor=x"}}, {}))


async def test_a_cursor_that_repeats_ends_a_list():
    again = {"results": [{"id": "1"}], "_links": {"next": "/wiki/api/v2/pages?cursor=x"}}
    client = Pages(**{"pages": again, "pages?cursor=x": again})

    assert len([rows async for rows in ContentLists(client).items(Kind.PAGE)]) == 2


async def test_an_empty_page_ends_a_list_and_odd_rows_are_kept():
    first = {"results": [{"id": "1"}, 5], "_links": {"next": "/wiki/api/v2/pages?cursor=x"}}
    client = Pages(**{"pages": first, "pages?cursor=x": NOTHING | {"_links": first["_links"]}})

    assert [rows async for rows in ContentLists(client).items(Kind.PAGE)] == [
        [{"id": "1"}, {"not_an_object": 5}]
    ]


@pytest.mark.parametrize("value", [[], "no", {}, {"results": {}}])
async def test_an_answer_without_results_is_unreadable(value):
    with pytest.raises(FormatError):
        [rows async for rows in ContentLists(Pages(pages=value)).items(Kind.PAGE)]


@pytest.mark.parametrize("value", [{"type": "anonymous"}, []])
async def test_an_anonymous_visitor_has_no_access(value):
    client = Pages(**{"/wiki/rest/api/user/current": value})
    with pytest.raises(AccessError) as caught:
        await ContentLists(client).prove_access()
    assert caught.value.status is SourceStatus.EXPIRED


async def test_the_walk_goes_on_with_the_list_that_is_least_far_and_says_how_far_all_are():
    def following(path, *ages):
        items = [page_item(f"{path}{age}", NOW_MS - age) for age in ages]
        return {"results": items, "_links": {"next": f"/wiki/api/v2/{path}"} if path else {}}

    client = Pages(
        **{
            "pages": following("pages?cursor=2", 0, 100),
            "pages?cursor=2": following("pages?cursor=3", 200, 900),
            "blogposts": following("blogposts?cursor=2", 50, 300),
        }
    )
    fronts = [(page.kind, page.front_ms) async for page in walk(ContentLists(client), NOW_MS - 500)]

    told = [NOW_MS - front for _, front in fronts if front is not None and front <= NOW_MS]
    assert told == sorted(told)
    assert fronts[-1][1] is None
    assert not any("cursor=3" in path for path in client.asked)  # older than was asked for
    assert [path for path in client.asked if "pages?" in path] == ["/wiki/api/v2/pages?cursor=2"]


@pytest.mark.parametrize("value", [None, 5, "yesterday", "2026-01-01T00:00:00"])
def test_an_unreadable_time_is_none(value):
    assert touched_ms({"version": {"createdAt": value}}) is None
    assert touched_ms({"version": value}) is None


SEEN = Seen(Kind.PAGE, 3, "current", "ENG")


@pytest.mark.parametrize(
    ("before", "after", "deeds"),
    [
        (("current", "1"), ("current", "1"), []),
        (("current", "1"), ("trashed", "1"), ["trashed"]),
        (("current", "1"), ("deleted", "1"), ["deleted"]),
        (("trashed", "1"), ("deleted", "1"), ["deleted"]),
        (("trashed", "1"), ("current", "1"), ["restored"]),
        (("trashed", "1"), ("archived", "1"), ["archived"]),
        (("archived", "1"), ("current", "1"), ["unarchived"]),
        (("current", "1"), ("archived", "2"), ["archived", "moved"]),
        (("current", "1"), ("current", ""), []),
        (("current", "1"), ("draft", "1"), []),
    ],
)
def test_what_turned_is_the_difference_between_two_looks(before, after, deeds):
    turns = turns_of("9", Seen(Kind.PAGE, 3, *before), Seen(Kind.PAGE, 5, *after))
    assert [turn.deed for turn in turns] == deeds


def test_what_was_created_since_the_last_look_began_as_a_current_item():
    after, item = Seen(Kind.PAGE, 1, "trashed"), {"createdAt": iso_ms(NOW_MS)}

    assert first_state(after, item, NOW_MS - 1) == Seen(Kind.PAGE, 1, "current")
    assert first_state(after, item, NOW_MS + 1) is None
    assert first_state(after, item, None) is None
    assert first_state(after, {"createdAt": "?"}, 0) is None
    assert first_state(Seen(Kind.FOOTER_COMMENT, 1, "current"), item, 0) is None


@pytest.mark.parametrize("item", [{}, {"id": "1"}, {"id": "1", "status": "current", "version": {}}])
def test_an_item_that_lacks_what_all_have_is_not_remembered(item):
    assert seen_of(Kind.PAGE, item) is None


def test_what_is_remembered_reads_back():
    for seen in (SEEN, Seen(Kind.INLINE_COMMENT, 1, "current", container="page:1", resolution="open@")):
        assert Seen.from_json(seen.to_json()) == seen
    assert Seen.from_json({"version": 1}) is None


async def looked(memory, at_ms, *lists, commit=True, **answers):
    """One look at these lists; the rows that it tells."""
    client = Pages(**answers)
    reading = ContentLists(client)
    look = Look(reading, RowMaker(reading), Shelf(memory), at_ms)
    rows = [*(await look.begin()).rows]
    for part in lists:
        look.add(part)
    page = await look.end()
    if commit:
        await page.commit()
    return rows + page.rows


def facts(rows):
    return [(row.identity, row.at_ms, row.data["turned"]) for row in rows]


async def test_the_first_look_only_remembers():
    memory = DictMemory()
    assert await looked(memory, NOW_MS, listed(Kind.PAGE, page_item("1", status="trashed"))) == []
    assert await looked(memory, NOW_MS + 1, listed(Kind.PAGE, page_item("1", status="trashed"))) == []


async def test_a_look_that_broke_off_tells_its_turns_again_with_the_same_times():
    memory = DictMemory()
    await looked(memory, 1, listed(Kind.PAGE, page_item("1"), page_item("2")))
    trashed = page_item("1", status="trashed")
    first = await looked(memory, 2, listed(Kind.PAGE, trashed, page_item("2")), commit=False)
    second = await looked(
        memory, 3, listed(Kind.PAGE, trashed, page_item("2", status="archived")), commit=False
    )
    third = await looked(memory, 4, listed(Kind.PAGE, page_item("1"), page_item("2", status="archived")))
    fourth = await looked(memory, 5, listed(Kind.PAGE, page_item("1"), page_item("2", status="archived")))

    assert facts(first) == [("1:status:2", 2, "trashed")]
    assert facts(second) == [*facts(first), ("2:status:3", 3, "archived")]
    assert facts(third) == [*facts(second), ("1:status:4", 4, "restored")]
    assert fourth == []


COMMENT = page_item("7", pageId="1")


@pytest.mark.parametrize(
    ("page", "answers", "deeds"),
    [
        ({"status": "current"}, {"footer-comments/7": None}, ["deleted"]),
        ({"status": "archived"}, {"footer-comments/7": None}, ["archived", "deleted"]),
        ({"status": "current"}, {"footer-comments/7": {"id": "7"}}, []),
        ({"status": "current"}, {"footer-comments/7": None, "pages/1": None}, []),
        ({"status": "trashed"}, {"footer-comments/7": None}, ["trashed"]),
        (None, {"footer-comments/7": None}, []),
    ],
)
async def test_a_comment_was_deleted_only_if_its_page_is_there_and_it_is_not(page, answers, deeds):
    memory, me = DictMemory(), {"/wiki/rest/api/user/current": {"type": "known"}}
    await looked(memory, 1, listed(Kind.PAGE, page_item("1")), listed(Kind.FOOTER_COMMENT, COMMENT))
    there = [page_item("1", **page)] if page else []
    answers = me | {"pages/1": {"id": "1", **(page or {})}} | answers

    rows = await looked(memory, 2, listed(Kind.PAGE, *there), **answers)

    assert [row.data["turned"] for row in rows] == deeds
    if "deleted" in deeds:
        assert rows[-1].data["item"] == {"pageId": "1", "id": "7"}
        assert await looked(memory, 3, listed(Kind.PAGE, *there), **answers) == []


async def test_a_comment_is_kept_in_mind_while_its_page_is_in_the_trash():
    memory = DictMemory()
    await looked(memory, 1, listed(Kind.PAGE, page_item("1")), listed(Kind.FOOTER_COMMENT, COMMENT))
    await looked(memory, 2, listed(Kind.PAGE, page_item("1", status="trashed")))
    back = await looked(memory, 3, listed(Kind.PAGE, page_item("1")), listed(Kind.FOOTER_COMMENT, COMMENT))

    assert [row.data["turned"] for row in back] == ["restored"]


async def test_no_title_is_remembered():
    memory = DictMemory()
    await looked(memory, 1, listed(Kind.PAGE, page_item("1", title="Call oncall@acme.example")))
    await looked(
        memory,
        2,
        listed(Kind.PAGE, page_item("1", title="Call oncall@acme.example", status="trashed")),
        commit=False,
    )
    assert "acme" not in str(memory.kept)


async def test_a_single_version_and_a_purged_item_are_told_by_the_list_alone():
    client = Pages(**{"pages/2/versions": None})
    rows = await RowMaker(ContentLists(client)).history(
        Kind.PAGE, [page_item("1"), page_item("2", number=5, status="deleted")]
    )

    assert [row.identity for row in rows] == ["1:1", "2:5"]
    assert client.asked == ["/wiki/api/v2/pages/2/versions"]


async def test_all_versions_are_told_and_the_listed_one_even_where_their_list_lags():
    older = {"results": [{"number": 1, "createdAt": iso_ms(1), "page": {"title": "Then"}}], "_links": {}}
    rows = await RowMaker(ContentLists(Pages(**{"pages/1/versions": older}))).history(
        Kind.PAGE, [page_item("1", number=2)]
    )

    assert [row.identity for row in rows] == ["1:1", "1:2"]
    assert rows[0].data["version_title"] == "Then"
    assert "page" not in rows[0].data["version"]


def test_a_list_that_is_walked_has_one_slice_of_history_whatever_the_setting():
    assert ReadPolicy(walks_once=True).within(365 * DAY_MS, DAY_MS).slice_ms >= 365 * DAY_MS
    assert ReadPolicy().within(365 * DAY_MS, DAY_MS).slice_ms == DAY_MS
