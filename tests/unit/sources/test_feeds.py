"""Pages of the two audit APIs as rows: times, ends and names of rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from atlaslens_forwarder.errors import AccessError, FormatError
from atlaslens_forwarder.http.client import Answer
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.confluence_audit.feed import ConfluenceAuditFeed
from atlaslens_forwarder.sources.jira_audit.feed import JiraAuditFeed
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.sources.time_step import FeedRequest

if TYPE_CHECKING:
    from atlaslens_forwarder.http.access import Api

REQUEST = FeedRequest(1_767_225_600_000, 1_767_225_600_123, 7)


class OneAnswer:
    """A client that has one answer and remembers what it was asked."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def get(self, _api: Api, path: str, params: dict[str, Any], *, endpoint: str) -> Answer:
        assert endpoint
        self.asked.append((path, params))
        return Answer(self.value, {})


async def test_jira_is_asked_with_milliseconds_and_an_explicit_zone():
    client = OneAnswer({"records": []})

    page = await JiraAuditFeed(client).fetch(REQUEST)

    ((_, params),) = client.asked
    assert (params["from"], params["to"]) == ("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.123Z")
    assert params["offset"] == 7
    assert page.at_end


async def test_jira_is_asked_for_one_millisecond_from_the_one_before():
    client = OneAnswer({"records": []})

    await JiraAuditFeed(client).fetch(FeedRequest(REQUEST.to_ms, REQUEST.to_ms, 0))

    assert client.asked[0][1]["from"] == "2026-01-01T00:00:00.122Z"


async def test_a_short_page_of_jira_proves_no_end():
    client = OneAnswer(
        {"records": [{"id": 1, "created": "2026-01-01T00:00:00.001+0000"}], "total": 1, "limit": 1000}
    )

    page = await JiraAuditFeed(client).fetch(REQUEST)

    assert [row.at_ms for row in page.rows] == [1_767_225_600_001]
    assert not page.at_end


@pytest.mark.parametrize("created", [None, 5, "", "yesterday", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"])
async def test_a_jira_row_with_an_unreadable_time_is_kept(created):
    page = await JiraAuditFeed(OneAnswer({"records": [{"id": 1, "created": created}, "text"]})).fetch(REQUEST)

    assert [row.at_ms for row in page.rows] == [None, None]
    assert page.rows[1].data == {"not_an_object": "text"}


@pytest.mark.parametrize("created", [None, -1, True, 1.5, "1767225600000", 10**18])
async def test_a_confluence_row_with_an_unreadable_time_is_kept(created):
    page = await ConfluenceAuditFeed(OneAnswer({"results": [{"creationDate": created}], "limit": 5})).fetch(
        REQUEST
    )

    assert [row.at_ms for row in page.rows] == [None]


@pytest.mark.parametrize(
    ("answer", "at_end"),
    [
        ({"results": [{}], "limit": 2, "_links": {}}, True),
        ({"results": [{}], "limit": 2}, True),
        ({"results": [{}], "limit": 1, "_links": {}}, False),
        ({"results": [{}], "limit": 2, "_links": {"next": "/rest/api/audit?start=1"}}, False),
        ({"results": [{}], "size": 0}, False),
        ({"results": [], "limit": 2, "_links": {"next": "/rest/api/audit?start=1"}}, True),
    ],
)
async def test_the_end_of_confluence_is_a_page_shorter_than_its_own_limit_without_a_next(answer, at_end):
    assert (await ConfluenceAuditFeed(OneAnswer(answer)).fetch(REQUEST)).at_end is at_end


@pytest.mark.parametrize("feed", [JiraAuditFeed, ConfluenceAuditFeed])
@pytest.mark.parametrize("value", [None, [], {}, {"records": {}, "results": {}}, "no"])
async def test_an_answer_of_another_form_is_named_unreadable(feed, value):
    with pytest.raises(FormatError) as caught:
        await feed(OneAnswer(value)).fetch(REQUEST)
    assert caught.value.status is SourceStatus.UNREADABLE


@pytest.mark.parametrize(
    ("feed", "value"),
    [
        (JiraAuditFeed, {}),
        (JiraAuditFeed, []),
        (ConfluenceAuditFeed, {"type": "anonymous"}),
        (ConfluenceAuditFeed, None),
    ],
)
async def test_an_anonymous_visitor_has_no_access(feed, value):
    with pytest.raises(AccessError) as caught:
        await feed(OneAnswer(value)).prove_access()
    assert caught.value.status is SourceStatus.EXPIRED


def test_the_name_of_a_jira_row_is_its_id():
    feed = JiraAuditFeed(OneAnswer(None))

    assert (
        feed.identity({"id": 7}, Counter())
        == feed.identity({"id": "7", "summary": "other"}, Counter())
        == "7"
    )


@pytest.mark.parametrize("found", [None, True, "", 1.5, []])
def test_a_jira_row_without_an_id_is_named_by_its_content_and_counted(found):
    feed, seen = JiraAuditFeed(OneAnswer(None)), Counter()

    first, second = feed.identity({"id": found}, seen), feed.identity({"id": found}, seen)

    assert first != second
    assert first.removesuffix(":0") == second.removesuffix(":1")


@pytest.mark.parametrize("author", [None, "Ada", 5, [], {}])
def test_a_confluence_row_has_a_name_whatever_its_author_is(author):
    feed = ConfluenceAuditFeed(OneAnswer(None))

    assert feed.identity({"author": author, "summary": "\ud800"}, Counter()).endswith(":0")


def test_every_source_stands_under_its_own_name():
    assert {name: spec.name for name, spec in SOURCES.items()} == {name: name for name in SOURCES}
    assert {"jira-audit", "confluence-audit"} <= SOURCES.keys()
