"""Feeds of worklogs: paging, ends, and what is not told again."""

from __future__ import annotations

from typing import Any

import pytest

from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.errors import FormatError
from atlaslens_forwarder.model.event import EventContext
from atlaslens_forwarder.model.time import DAY_MS, iso_ms
from atlaslens_forwarder.sources.jira_worklogs.reader import JiraWorklogsReader
from atlaslens_forwarder.sources.source import SourceContext
from tests.unit.sources.test_jira_issues import CLOUD, NOW_MS, Answers, Known, all_of

NOTHING = {"values": [], "until": NOW_MS, "lastPage": True}
WINDOW = Window(NOW_MS - 1000, NOW_MS - 100, Purpose.POLL)


def entries(*times: tuple[int, int], last: bool = True) -> dict[str, Any]:
    return {
        "values": [{"worklogId": one, "updatedTime": at_ms, "properties": []} for one, at_ms in times],
        "until": times[-1][1],
        "lastPage": last,
        "nextPage": "https://elsewhere.example/rest/api/3/worklog/updated?since=0",
    }


def worklog(number: int, created_ms: int, updated_ms: int) -> dict[str, Any]:
    return {"id": str(number), "issueId": "1", "created": iso_ms(created_ms), "updated": iso_ms(updated_ms)}


def reader_of(client: Answers, *ids: str) -> JiraWorklogsReader:
    context = EventContext("acme", "https://acme.example", CLOUD)
    return JiraWorklogsReader(
        SourceContext(client, context, None, Known(ids=ids), lambda: NOW_MS, 365 * DAY_MS)  # type: ignore[arg-type]
    )


async def pages_of(client: Answers, *ids: str) -> list[Any]:
    pages = await all_of(reader_of(client, *ids).pages(WINDOW))
    for page in pages:
        assert page.received == len(page.rows) + page.without_event.total()
    return pages


async def test_pages_begin_strictly_after_the_one_before_and_end_with_the_window():
    at_ms = WINDOW.from_ms
    client = Answers(
        deleted=[NOTHING],
        updated=[
            entries((1, at_ms), (2, at_ms + 5), last=False),
            entries((3, at_ms + 9), (4, WINDOW.to_ms + 1), last=False),
        ],
        list=[
            [worklog(1, at_ms, at_ms), worklog(2, at_ms + 5, at_ms + 5)],
            [worklog(3, at_ms + 9, at_ms + 9)],
        ],
    )

    pages = await pages_of(client)

    since = [asked["since"] for path, asked in client.asked if path.endswith("updated")]
    assert since == [at_ms - 1, at_ms + 5]
    assert [page.delivered for page in pages[1:]] == [(at_ms, at_ms + 5), (at_ms, at_ms + 9)]
    assert pages[2].without_event == {"outside_window": 1}
    assert [row.identity.split(":")[1] for page in pages for row in page.rows] == ["1", "2", "3"]


async def test_a_page_that_does_not_move_on_is_the_last():
    stuck = {"values": [{"worklogId": 1, "updatedTime": WINDOW.from_ms}], "until": WINDOW.from_ms - 1}
    client = Answers(deleted=[stuck], updated=[NOTHING])

    (deleted, _) = await pages_of(client)

    assert [row.identity for row in deleted.rows] == ["worklog:1:deleted"]


async def test_what_the_list_leaves_out_is_counted():
    client = Answers(deleted=[NOTHING], updated=[entries((1, WINDOW.from_ms))], list=[[]])

    (_, page) = await pages_of(client)

    assert page.without_event == {"not_served": 1}


async def test_a_first_version_that_was_stored_is_not_told_again_after_an_edit():
    at_ms = WINDOW.from_ms
    answers = {
        "deleted": [NOTHING],
        "updated": [entries((1, at_ms + 5))],
        "list": [[worklog(1, at_ms, at_ms + 5)]],
    }

    (_, unseen) = await pages_of(Answers(**answers))
    (_, seen) = await pages_of(Answers(**answers), f"jira:worklog:{CLOUD}:1:{at_ms}")

    assert [row.data["deed"] for row in unseen.rows] == ["added", "edited"]
    assert [row.data["deed"] for row in seen.rows] == ["edited"]
    assert seen.without_event == {"stored_before": 1}


async def test_an_edit_while_the_first_version_is_being_stored_does_not_tell_it_differently():
    at_ms = WINDOW.from_ms
    client = Answers(
        deleted=[NOTHING],
        updated=[entries((1, at_ms), last=False), entries((1, at_ms + 5))],
        list=[[worklog(1, at_ms, at_ms)], [worklog(1, at_ms, at_ms + 5)]],
    )

    (_, first, second) = await pages_of(client)

    assert [row.data["as_it_was"] for row in first.rows] == [True]
    assert [row.data["deed"] for row in second.rows] == ["edited"]


@pytest.mark.parametrize("answer", [[], {}, {"values": []}, {"values": {}, "until": 1}])
async def test_an_answer_of_another_form_stops_the_window(answer):
    with pytest.raises(FormatError):
        await pages_of(Answers(deleted=[answer]))


async def test_a_list_of_another_form_stops_the_window():
    client = Answers(deleted=[NOTHING], updated=[entries((1, WINDOW.from_ms))], list=[{}])

    with pytest.raises(FormatError):
        await pages_of(client)
