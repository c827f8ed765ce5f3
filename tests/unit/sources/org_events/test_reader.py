"""Paging the organisation's stream: what is its end, what is outside, what is done when it breaks off."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.errors import AccessError, FormatError, TransientError
from atlaslens_forwarder.http.client import Answer
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.sources.org_events.reader import StreamReader

WINDOW = Window(1000, 2000, Purpose.POLL)


class Client:
    """Answers what it is given, one after the other."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    async def get(self, _api: Any, path: str, params: dict[str, Any], *, endpoint: str) -> Answer:
        assert path == "/admin/v1/orgs/o%2F1/events-stream"
        assert endpoint == "org-events-stream"
        self.asked.append(params)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer, {})


def row(processed_ms: int, number: int = 0) -> dict[str, Any]:
    attributes = {"time": iso_ms(processed_ms - 5), "processedAt": iso_ms(processed_ms)}
    return {"id": f"e{processed_ms}-{number}", "attributes": attributes}


def page(*rows: Any, cursor: str | None = None) -> dict[str, Any]:
    return {"data": [*rows], "meta": {"page_size": 500} | ({"next": cursor} if cursor else {})}


def reader(client: Client) -> StreamReader:
    return StreamReader(SimpleNamespace(client=client, organisation_id="o/1"))  # type: ignore[arg-type]


async def read(*answers: Any) -> tuple[list[Any], Client]:
    client = Client(*answers)
    pages = [one async for one in reader(client).pages(WINDOW)]
    for one in pages:
        assert one.received == len(one.rows) + one.without_event.total()
    return pages, client


async def test_the_end_is_an_empty_page_though_every_page_has_a_cursor():
    pages, client = await read(page(row(1000), row(1500), cursor="a"), page(cursor="a"))
    assert [each.identity for one in pages for each in one.rows] == ["e1000-0", "e1500-0"]
    assert client.asked == [
        {"from": 1000, "to": 2000, "sortOrder": "asc", "limit": 500},
        {"cursor": "a", "limit": 500},
    ]
    assert [one.delivered for one in pages] == [(1000, 1499), (1000, 2000)]


@pytest.mark.parametrize(
    "answers",
    [
        [page(row(1000))],
        [page(row(1000), cursor="a"), page(row(1001), cursor="a")],
        [page(row(1000), row(2001), cursor="a")],
    ],
)
async def test_other_ends(answers):
    pages, client = await read(*answers)
    assert not client.answers
    assert pages[-1].delivered == (1000, 2000)


async def test_what_was_not_asked_for_is_counted_and_left():
    pages, _ = await read(page(row(999), row(1000), row(2001), cursor="a"))
    assert [each.identity for each in pages[0].rows] == ["e1000-0"]
    assert pages[0].without_event == {"outside_window": 2}


async def test_a_page_that_ends_in_the_first_millisecond_has_nothing_done_yet():
    pages, _ = await read(page(row(1000), cursor="a"), page(row(1000, 1), cursor="b"), page())
    assert [one.delivered for one in pages] == [None, None, (1000, 2000)]


async def test_rows_that_cannot_be_read_are_rows_too():
    pages, _ = await read(
        page("nonsense", {"id": "x"}, {"attributes": {"processedAt": "soon"}}, cursor="a"), page()
    )
    assert [each.at_ms for each in pages[0].rows] == [None] * 3
    assert pages[0].rows[1].identity == "x"
    assert pages[0].rows[0].data == {"organisation_id": "o/1", "event": "nonsense"}


@pytest.mark.parametrize("status", [SourceStatus.EXPIRED, SourceStatus.NO_PERMISSION, SourceStatus.NO_SCOPE])
async def test_a_refusal_is_no_plan(status):
    with pytest.raises(AccessError) as caught:
        await reader(Client(AccessError("no", status=status))).prove_access()
    assert caught.value.status is SourceStatus.NO_PLAN
    assert "Guard" in caught.value.hint


async def test_a_passing_failure_is_none():
    error = TransientError("later", status=SourceStatus.THROTTLED)
    with pytest.raises(TransientError):
        await reader(Client(error)).prove_access()


@pytest.mark.parametrize("answer", [None, [], {}, {"data": {}}])
async def test_an_answer_without_a_list_is_unreadable(answer):
    with pytest.raises(FormatError):
        await reader(Client(answer)).prove_access()
