"""Several addresses: a dead one is passed by, and what a lost answer had done is not done twice."""

from __future__ import annotations

import socket

import httpx
import pytest
from aiohttp import web

from atlaslens_forwarder.errors import FencedError, UnreachableError
from atlaslens_forwarder.storage.client import OpenSearchConfig, check_version, open_client
from atlaslens_forwarder.storage.custody import Custody
from atlaslens_forwarder.storage.state import StateStore


@pytest.fixture
def dead_url():
    """Where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
async def lossy(opensearch_url):
    """A way to the node that carries out every request and loses the answer: its address and its requests."""
    seen: list[str] = []

    async def handle(request):
        async with httpx.AsyncClient(base_url=opensearch_url) as http:
            answer = await http.request(
                request.method,
                request.path_qs,
                content=await request.read(),
                headers={"content-type": "application/json"},
            )
        seen.append(f"{request.method} {answer.status_code}")
        request.transport.close()
        return web.Response()

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    await runner.cleanup()


async def test_a_dead_node_is_passed_by(opensearch_url, dead_url):
    client = open_client(OpenSearchConfig(f"{dead_url},{opensearch_url}"))
    for _ in range(3):
        assert (await check_version(client)).version == "3.4.0"
    await client.close()


async def test_when_all_are_dead_that_is_told(dead_url):
    client = open_client(OpenSearchConfig(f"{dead_url},{dead_url}"))
    with pytest.raises(UnreachableError, match="does not answer"):
        await check_version(client)
    await client.close()


async def test_a_write_whose_answer_was_lost_is_known_again(opensearch_url, lossy, store):
    url, seen = lossy
    numbers = []
    for attempt in range(12):  # which address comes first is drawn by lot
        client = open_client(OpenSearchConfig(f"{url},{opensearch_url}"))
        state = StateStore(client, clock=lambda: 1_767_225_600_123)
        custody = Custody(
            client, clock=lambda: 1_767_225_600_123, stamp=lambda _row: None, operator="root@host"
        )
        saved = await state.save(f"test:lost-{attempt}", "test-lost", {"n": attempt}, None, holder="me")
        with pytest.raises(FencedError):
            await state.save(f"test:lost-{attempt}", "test-lost", {"n": -1}, None, holder="me")
        client.transport.connection_pool.resurrect(force=True)
        assert (await state.save(saved.id, "test-lost", {"n": 9}, saved, holder="me")).value == {"n": 9}
        numbers += [await custody.record("test", body={"attempt": attempt}) for _ in range(2)]
        await client.close()

    assert {"PUT 201", "PUT 200"} & {*seen}
    rows = [row for row in await custody_rows(store) if row["event"]["action"] == "test"]
    assert [row["custody"]["number"] for row in rows] == numbers


async def custody_rows(store):
    return await Custody(store, clock=lambda: 0, stamp=lambda _row: None, operator="").rows()
