"""A fault between us and the real node: a proxy that loses answers, refuses, or speaks something else."""

from __future__ import annotations

from collections import Counter

import aiohttp
import pytest
from aiohttp import web

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.sink.bulk import Delivery
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client

LOSE_ANSWER = "lose-answer"
HTML = "html"


class Proxy:
    """Passes requests to the node, after the faults it was told to make, one for each ``_bulk``."""

    def __init__(self, upstream):
        self.upstream = upstream
        self.faults = []
        self.mget_faults = []
        self.largest_bytes = None
        self.requests = 0

    async def handle(self, request):
        body = await request.read()
        bulk = request.path.endswith("_bulk")
        if request.path.endswith("_mget") and self.mget_faults:
            return web.Response(status=self.mget_faults.pop(0))
        self.requests += bulk
        fault = self.faults.pop(0) if bulk and self.faults else None
        if bulk and self.largest_bytes and len(body) > self.largest_bytes:
            return web.Response(status=413)
        if isinstance(fault, int):
            return web.json_response({"error": {"type": "made_up", "reason": "x"}}, status=fault)
        if fault == HTML:
            return web.Response(text="<html>", content_type="text/html")
        headers = {"content-type": "application/json"}
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, self.upstream + request.path_qs, data=body, headers=headers
            ) as answer,
        ):
            text = await answer.text()
            if fault == LOSE_ANSWER:
                request.transport.abort()
            return web.Response(text=text, status=answer.status, content_type="application/json")


@pytest.fixture
async def proxy(opensearch_url):
    """The proxy and a client that goes through it."""
    proxy = Proxy(opensearch_url)
    app = web.Application(client_max_size=2**30)
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    proxy.client = open_client(OpenSearchConfig(f"http://127.0.0.1:{runner.addresses[0][1]}"))
    yield proxy
    await proxy.client.close()
    await runner.cleanup()


def outcomes(results):
    return Counter(result.outcome for result in results)


async def count(client, index):
    await client.indices.refresh(index=index)
    return (await client.count(index=index))["count"]


async def test_documents_of_a_lost_answer_count_as_stored_once(proxy, make_sink, month, events, store):
    proxy.faults = [LOSE_ANSWER, None, LOSE_ANSWER]

    results = await make_sink(proxy.client, max_docs=10).create(events(30))

    assert outcomes(results) == {Delivery.STORED: 30}
    assert await count(store, month) == 30


async def test_a_repeat_after_a_lost_answer_is_still_a_repeat(proxy, make_sink, month, events, store):
    await make_sink(store).create(events(5))
    proxy.faults = [LOSE_ANSWER]

    results = await make_sink(proxy.client).create(events(10))

    assert [result.outcome for result in results] == [Delivery.REPEAT] * 5 + [Delivery.STORED] * 5
    assert await count(store, month) == 10


@pytest.mark.parametrize("fault", [429, 500, 502, 503, HTML])
async def test_a_passing_fault_is_waited_out(  # noqa: PLR0917  fixtures
    proxy, make_sink, month, events, pauses, store, fault
):
    proxy.faults = [fault, fault]

    results = await make_sink(proxy.client).create(events(10))

    assert outcomes(results) == {Delivery.STORED: 10}
    assert len(pauses.seconds) == 2
    assert pauses.seconds[0] < pauses.seconds[1]
    assert await count(store, month) == 10


@pytest.mark.parametrize("fault", [401, 403])
async def test_a_refusal_stops_at_once(proxy, make_sink, events, pauses, fault):
    proxy.faults = [fault]

    with pytest.raises(StoreError, match=str(fault)):
        await make_sink(proxy.client).create(events(10))

    assert proxy.requests == 1
    assert pauses.seconds == []


async def test_a_fault_that_stays_ends_in_one_clear_error(proxy, make_sink, month, events, store):
    proxy.faults = [503] * 100

    with pytest.raises(StoreError, match="10 of 10 documents were not taken in 6 attempts") as caught:
        await make_sink(proxy.client).create(events(10))

    assert "503" in caught.value.one_line()
    assert proxy.requests == 6
    assert await count(store, month) == 0


async def test_a_request_that_is_too_large_is_sent_in_parts(proxy, make_sink, month, events, store):
    proxy.largest_bytes = 1_000

    results = await make_sink(proxy.client).create(events(40))

    assert outcomes(results) == {Delivery.STORED: 40}
    assert await count(store, month) == 40


async def test_one_document_that_is_too_large_stops_with_the_setting_to_raise(proxy, make_sink, events):
    proxy.largest_bytes = 10

    with pytest.raises(StoreError, match="413") as caught:
        await make_sink(proxy.client).create(events(4))

    assert "http.max_content_length" in caught.value.hint


@pytest.mark.parametrize("fault", [413, 503])
async def test_repeats_are_told_although_reading_them_fails_at_first(  # noqa: PLR0917  fixtures
    proxy, make_sink, month, events, store, fault
):
    await make_sink(store).create(events(5))
    proxy.mget_faults = [fault]

    results = await make_sink(proxy.client).create(events(10))

    assert [result.outcome for result in results] == [Delivery.REPEAT] * 5 + [Delivery.STORED] * 5
    assert proxy.requests == 2
    assert await count(store, month) == 10
