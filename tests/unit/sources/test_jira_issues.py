"""Paging of searches, histories and comments, and what a window may count as done."""

from __future__ import annotations

from typing import Any

import pytest

from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.client import Answer
from atlaslens_forwarder.model.event import EventContext
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, iso_ms
from atlaslens_forwarder.sources.jira_account import prove_account
from atlaslens_forwarder.sources.jira_issues.feed import JiraWorkFeed, Listing
from atlaslens_forwarder.sources.jira_issues.reader import JiraIssuesReader
from atlaslens_forwarder.sources.jira_records import lasting_id, moment_ms, slim
from atlaslens_forwarder.sources.source import SourceContext

NOW_MS = 1_795_420_800_000
CLOUD = "a8cd7acc-5eb1-4653-a88b-de537df2c477"


class Answers:
    """A client that has answers by the end of the path, in turn; the last one stays."""

    def __init__(self, **values: list[Any]) -> None:
        self.values = {name: list(several) for name, several in values.items()}
        self.asked: list[tuple[str, Any]] = []

    async def get(self, _api: Any, path: str, params: Any, *, endpoint: str) -> Answer:
        return self._next(path, params, endpoint)

    async def post(self, _api: Any, path: str, body: Any, *, endpoint: str) -> Answer:
        return self._next(path, body, endpoint)

    def _next(self, path: str, asked: Any, endpoint: str) -> Answer:
        assert endpoint.startswith("jira-")
        self.asked.append((path, asked))
        several = self.values[path.rsplit("/", 1)[1]]
        value = several.pop(0) if len(several) > 1 else several[0]
        if isinstance(value, Exception):
            raise value
        return Answer(value, {})


class Known:
    """A store that holds these comment events."""

    def __init__(self, docs=(), ids=()) -> None:
        self.docs, self.ids = docs, set(ids)

    async def existing(self, ids):
        return self.ids & set(ids)

    async def find(self, terms, fields):
        assert terms["event.dataset"] == ["atlassian.jira_comment"]
        assert fields
        for doc in self.docs:
            if doc["atlassian"]["work_item"]["id"] in terms["atlassian.work_item.id"]:
                yield doc


async def all_of(pages):
    return [page async for page in pages]


def issue(number: int, updated_ms: int = NOW_MS) -> dict[str, Any]:
    fields = {"created": iso_ms(NOW_MS - 9 * DAY_MS), "updated": iso_ms(updated_ms)}
    return {"id": str(number), "key": f"PAY-{number}", "fields": fields}


def comments(*numbers: int, total: Any = None) -> dict[str, Any]:
    found = [
        {"id": str(one), "created": iso_ms(NOW_MS - HOUR_MS), "updated": iso_ms(NOW_MS - HOUR_MS)}
        for one in numbers
    ]
    return {"comments": found, "total": len(found) if total is None else total, "startAt": 0}


def reader_of(client: Answers, known: Known | None = None) -> JiraIssuesReader:
    context = EventContext("acme", "https://acme.example", CLOUD)
    return JiraIssuesReader(
        SourceContext(client, context, None, known or Known(), lambda: NOW_MS, 365 * DAY_MS)  # type: ignore[arg-type]
    )


async def test_a_search_ends_without_a_token_at_a_repeated_one_and_at_an_empty_page():
    def page(number: int, token: Any) -> dict[str, Any]:
        return {"issues": [issue(number)], "nextPageToken": token}

    for ends in (
        [page(1, "a"), page(2, None)],
        [page(1, "a"), {"issues": [issue(2)]}],
        [page(1, "a"), page(2, "a")],
        [page(1, "a"), page(2, "b"), {"issues": [], "nextPageToken": "c"}],
    ):
        client = Answers(jql=ends)
        pages = await all_of(JiraWorkFeed(client).issues(1, None))
        assert [one[0]["id"] for one in pages] == ["1", "2"]
        assert client.asked[1][1]["nextPageToken"] == "a"


async def test_a_search_asks_with_bare_milliseconds_oldest_touch_first():
    client = Answers(jql=[{"issues": []}])

    await all_of(JiraWorkFeed(client).issues(17, None))
    await all_of(JiraWorkFeed(client).issues(17, 99))

    assert [asked["jql"] for _, asked in client.asked] == [
        "updated >= 17 ORDER BY updated ASC, key ASC",
        "updated >= 17 AND updated <= 99 ORDER BY updated ASC, key ASC",
    ]
    assert "description" not in client.asked[0][1]["fields"]


async def test_more_than_a_thousand_issues_are_asked_for_in_batches_and_one_may_span_pages():
    def log(*numbers: int) -> dict[str, Any]:
        return {"issueId": "7", "changeHistories": [{"id": str(one)} for one in numbers]}

    client = Answers(
        bulkfetch=[
            {"issueChangeLogs": [log(1, 2)], "nextPageToken": "a"},
            {"issueChangeLogs": [log(3)]},
            {"issueChangeLogs": []},
        ]
    )

    pages = await all_of(JiraWorkFeed(client).histories([str(one) for one in range(1500)]))

    assert [[(one, history["id"]) for one, history in page] for page in pages] == [
        [("7", "1"), ("7", "2")],
        [("7", "3")],
    ]
    assert [len(asked["issueIdsOrKeys"]) for _, asked in client.asked] == [1000, 1000, 500]


@pytest.mark.parametrize(
    ("pages", "whole"),
    [
        ([([1, 2], 2)], True),
        ([([], 0)], True),
        ([([1, 2], 3), ([3], 3)], True),
        ([([1, 2], 4), ([4], 3)], False),  # one was deleted meanwhile, and 3 slipped past the border
        ([([1, 2], 3), ([], 3)], False),
        ([([1, 2], 3), ([2], 3)], False),
        ([([1, 2], None), ([], None)], False),
    ],
)
def test_a_list_of_comments_proves_absence_only_when_its_pages_fit(pages, whole):
    listing = Listing()
    follows = [listing.add([{"id": str(one)} for one in ids], total) for ids, total in pages]

    assert listing.is_whole is whole
    assert follows == [True] * (len(pages) - 1) + [False]


def test_a_comment_that_cannot_be_read_makes_the_list_no_proof():
    listing = Listing()
    listing.add([{"id": "1"}, "no comment"], 2)

    assert not listing.is_whole


def known_comment(number: int, at_ms: int = NOW_MS - HOUR_MS) -> dict[str, Any]:
    return {
        "@timestamp": iso_ms(at_ms),
        "atlassian": {"object": {"id": str(number)}, "work_item": {"id": "1"}},
    }


async def deleted(listed: list[Any], known: Known, touched_ms: int = NOW_MS - 60_000) -> list[Any]:
    client = Answers(
        jql=[{"issues": [issue(1, touched_ms)]}], bulkfetch=[{"issueChangeLogs": []}], comment=listed
    )
    window = Window(NOW_MS - DAY_MS, NOW_MS, Purpose.POLL)
    pages = await all_of(reader_of(client, known).pages(window))
    for page in pages:
        assert page.received == len(page.rows) + page.without_event.total()
    return [row for page in pages for row in page.rows if row.identity.endswith(":deleted")]


async def test_a_known_comment_that_is_not_listed_any_more_was_deleted_at_the_last_touch():
    (row,) = await deleted([comments(5)], Known([known_comment(5), known_comment(6)]))

    assert row.identity == "comment:6:deleted"
    assert row.at_ms == NOW_MS - 60_000


async def test_a_comment_did_not_end_before_it_was_last_seen_to_change():
    known = Known([known_comment(6, NOW_MS - 5), known_comment(6, NOW_MS - 9)])

    (row,) = await deleted([comments()], known)

    assert row.at_ms == NOW_MS - 5


async def test_a_deletion_is_told_once():
    known = Known([known_comment(6)], [f"jira:comment:{CLOUD}:6:deleted"])

    assert await deleted([comments()], known) == []


@pytest.mark.parametrize(
    "listed",
    [
        [NotFoundError("gone", status=SourceStatus.NO_PERMISSION)],
        [comments(5, total=2), comments(total=2)],
    ],
)
async def test_no_deletion_follows_from_a_list_that_is_not_there_or_not_whole(listed):
    assert await deleted(listed, Known([known_comment(6)])) == []


async def test_windows_meeting_one_deletion_side_by_side_say_the_same():
    client = Answers(
        jql=[{"issues": [issue(1, NOW_MS - 50)]}, {"issues": [issue(1, NOW_MS - 20)]}],
        bulkfetch=[{"issueChangeLogs": []}],
        comment=[comments()],
    )
    reader = reader_of(client, Known([known_comment(6)]))
    window = Window(NOW_MS - DAY_MS, NOW_MS, Purpose.POLL)

    times = [
        row.at_ms
        for _ in range(2)
        for page in await all_of(reader.pages(window))
        for row in page.rows
        if row.identity == "comment:6:deleted"
    ]

    assert times == [NOW_MS - 50, NOW_MS - 50]


@pytest.mark.parametrize(
    ("to_ms", "bounded"), [(NOW_MS, False), (NOW_MS - 11 * HOUR_MS, False), (NOW_MS - 13 * HOUR_MS, True)]
)
async def test_only_windows_that_ended_long_ago_are_bounded_in_the_query(to_ms, bounded):
    client = Answers(jql=[{"issues": []}])

    await all_of(reader_of(client).pages(Window(1, to_ms, Purpose.BACKFILL)))

    assert ("<=" in client.asked[0][1]["jql"]) is bounded


async def test_done_is_what_lies_before_the_last_touch_the_index_must_know():
    old, older = NOW_MS - 20 * DAY_MS, NOW_MS - 30 * DAY_MS
    client = Answers(
        jql=[{"issues": [issue(1, older), issue(2, old), issue(3, NOW_MS - 5), issue(4, old - 9)]}],
        bulkfetch=[{"issueChangeLogs": []}],
        comment=[comments()],
    )
    window = Window(NOW_MS - 40 * DAY_MS, NOW_MS - 10 * DAY_MS, Purpose.BACKFILL)

    pages = await all_of(reader_of(client).pages(window))

    assert [page.delivered for page in pages] == [None, (window.from_ms, old - 1)]


async def test_an_answer_of_another_form_stops_the_window():
    for client in (
        Answers(jql=[{"errors": []}]),
        Answers(jql=[[]]),
        Answers(jql=[{"issues": [issue(1)]}], bulkfetch=[{"issueChangeLogs": [{"issueId": 1}]}]),
        Answers(
            jql=[{"issues": [issue(1)]}], bulkfetch=[{"issueChangeLogs": []}], comment=[{"comments": None}]
        ),
    ):
        with pytest.raises(FormatError):
            await all_of(reader_of(client).pages(Window(1, NOW_MS, Purpose.POLL)))


async def test_a_record_that_is_no_issue_is_kept_for_the_quarantine():
    client = Answers(jql=[{"issues": ["no issue"]}])

    created, rest = await all_of(reader_of(client).pages(Window(1, NOW_MS, Purpose.POLL)))

    assert [row.at_ms for row in created.rows] == [None]
    assert created.received == 1
    assert rest.rows == []
    assert len(client.asked) == 1


async def test_histories_of_another_issue_are_counted():
    log = {"issueId": "9", "changeHistories": [{"id": "1"}]}
    client = Answers(
        jql=[{"issues": [issue(1)]}], bulkfetch=[{"issueChangeLogs": [log]}], comment=[comments()]
    )

    pages = await all_of(reader_of(client).pages(Window(1, NOW_MS, Purpose.POLL)))

    assert pages[1].without_event == {"outside_window": 1}
    assert pages[1].received == 1


@pytest.mark.parametrize(
    ("value", "at_ms"),
    [
        ("2026-01-17T12:34:00.123+0000", 1_768_653_240_123),
        ("2026-01-17T13:34:00.123+01:00", 1_768_653_240_123),
        (1_768_653_240_123, 1_768_653_240_123),
        (1_768_653_240, 1_768_653_240_000),
        ("1768653240123", 1_768_653_240_123),
        (1_768_653_240.5, 1_768_653_240_500),
        ("soon", None),
        ("2026-01-17T12:34:00", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (10**20, None),
        ({}, None),
    ],
)
def test_times_are_iso_or_seconds_or_milliseconds(value, at_ms):
    assert moment_ms(value) == at_ms


def test_a_slim_record_has_neither_texts_nor_pictures_nor_addresses():
    author = {"accountId": "1", "emailAddress": "ada@acme.example", "avatarUrls": {"16x16": "x"}}
    record = {"id": "1", "body": {"text": "x"}, "author": author, "list": [{"self": "x", "id": "2"}]}

    assert slim(record) == {"id": "1", "author": {"accountId": "1"}, "list": [{"id": "2"}]}
    assert slim("text") == {"not_an_object": "text"}


def test_a_record_without_id_has_a_lasting_name_all_the_same():
    assert lasting_id({"id": "7"}) == lasting_id({"id": 7}) == "7"
    assert lasting_id({"id": None, "x": 1}) == lasting_id({"x": 1, "id": None}) != lasting_id({"x": 1})


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({"myself": [{}]}, SourceStatus.EXPIRED),
        ({"myself": [[]]}, SourceStatus.EXPIRED),
        ({"myself": [{"accountId": "1"}], "search": [{"values": []}]}, SourceStatus.NO_PERMISSION),
    ],
)
async def test_access_is_proven_by_our_name_and_a_project(answers, status):
    with pytest.raises(AccessError) as error:
        await prove_account(Answers(**answers))  # type: ignore[arg-type]

    assert error.value.status is status
