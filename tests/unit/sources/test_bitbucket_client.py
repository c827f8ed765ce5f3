"""Lists of Bitbucket are read whole, also when rows move while they are paged."""

from __future__ import annotations

import re

import pytest

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.client import Answer
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.bitbucket.client import BitbucketClient, Repository
from atlaslens_forwarder.sources.bitbucket.survey import each_repository
from atlaslens_forwarder.sources.source import Page

LENGTH = 3


class Numbered:
    """A list paged by number, as Bitbucket's are; ``moves`` are made before each answer."""

    def __init__(self, rows, moves=()):
        self.rows = rows
        self.moves = list(moves)
        self.asked = []

    async def get(self, api, path, params, *, endpoint):
        self.asked.append((path, dict(params)))
        if self.moves:
            self.moves.pop(0)(self.rows)
        found = re.search(r"since=(\d+)&page=(\d+)", path)
        since, number = (int(found[1]), int(found[2])) if found else (self._since(params), 1)
        rows = sorted((row for row in self.rows if row["at"] >= f"{since:04}"), key=lambda row: row["at"])
        value = {"values": rows[(number - 1) * LENGTH : number * LENGTH]}
        if len(rows) > number * LENGTH:
            value["next"] = f"https://elsewhere.example/2.0/list?since={since}&page={number + 1}"
        return Answer(value, {})

    def _since(self, params):
        found = re.fullmatch(r'at>="(\d+)"', params.get("q", ""))
        return int(found[1]) if found else 0


async def read(server, since=""):
    found = []
    async for page in BitbucketClient(server).by_time("/list", {}, "at", since, endpoint="list"):
        found += [row["id"] for row in page.values]
    return found


def rows(*times):
    return [{"id": number, "at": f"{at:04}"} for number, at in enumerate(times)]


async def test_all_rows_are_read_in_the_order_of_time():
    assert dict.fromkeys(await read(Numbered(rows(*range(10))))) == dict.fromkeys(range(10))
    assert set(await read(Numbered(rows(*range(10))), since="0004")) == {4, 5, 6, 7, 8, 9}
    assert await read(Numbered([])) == []


async def test_rows_that_move_to_the_end_make_no_other_slip_through():
    def touch(number):
        def move(found):
            found[number]["at"] = f"{900 + number:04}"

        return move

    server = Numbered(rows(*range(12)), [lambda _: None, touch(0), touch(1), touch(2)])
    assert set(await read(server)) == set(range(12))


@pytest.mark.parametrize("twins", [3, 4, 7, 10])
async def test_many_rows_of_one_time_are_paged_by_links(twins):
    server = Numbered(rows(1, *[5] * twins, 8, 9))
    assert set(await read(server)) == set(range(twins + 3))
    assert all(path.startswith("/2.0/list") for path, _ in server.asked)


class Fixed:
    """Answers every request with one value."""

    def __init__(self, value):
        self.value = value

    async def get(self, api, path, params, *, endpoint):
        return Answer(self.value, {})


@pytest.mark.parametrize("value", [[], {}, {"values": {}}, "x"])
async def test_an_answer_without_values_is_no_page(value):
    with pytest.raises(FormatError):
        await BitbucketClient(Fixed(value)).page("/list", {}, endpoint="list")


async def test_a_link_that_leads_back_is_noticed():
    client = BitbucketClient(Fixed({"values": [{"id": 1}], "next": "https://a.example/2.0/list?page=2"}))
    with pytest.raises(FormatError):
        async for _ in client.pages("/list", {}, endpoint="list"):
            pass


async def test_a_repository_without_uuid_is_refused():
    with pytest.raises(FormatError):
        await BitbucketClient(Fixed({"values": [{"full_name": "acme/x"}]})).repositories("acme")


def home(name):
    return Repository("acme", f"{{{name}}}", f"acme/{name}", "", "")


async def survey(failures):
    read_ones, reasons = [], []

    async def listed(workspace):
        return [home(name) for name in failures]

    async def read_one(repository):
        name = repository.full_name.split("/")[1]
        if failures[name] is not None:
            raise failures[name]
        read_ones.append(name)
        yield Page(0, [])

    try:
        async for page in each_repository(("acme",), listed, read_one):
            reasons += [*page.without_event]
    except AccessError as error:
        return read_ones, reasons, error.status
    return read_ones, reasons, None


def refusal(status):
    return AccessError("no", status=status)


async def test_a_repository_that_is_gone_or_fails_does_not_stop_the_others():
    gone = NotFoundError("gone", status=SourceStatus.NO_PERMISSION)
    forbidden = refusal(SourceStatus.NO_PERMISSION)
    assert await survey({"a": None, "b": gone, "c": None}) == (["a", "c"], ["repository_gone"], None)
    found = await survey({"a": forbidden, "b": forbidden, "c": forbidden, "d": None})
    assert found == (["d"], [], SourceStatus.NO_PERMISSION)


async def test_what_concerns_all_stops_at_once():
    assert await survey({"a": refusal(SourceStatus.EXPIRED), "b": None}) == ([], [], SourceStatus.EXPIRED)
