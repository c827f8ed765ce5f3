"""The client against the real node, and against what is not one: one clear error each."""

from __future__ import annotations

import socket

import pytest
from aiohttp import web

from atlaslens_forwarder.errors import StoreError, UnreachableError
from atlaslens_forwarder.storage.client import OpenSearchConfig, check_version, open_client
from atlaslens_forwarder.storage.plugins import Plugins, read_plugins


async def version_at(url):
    client = open_client(OpenSearchConfig(url, timeout_s=5))
    try:
        return await check_version(client)
    finally:
        await client.close()


async def test_the_node_is_an_opensearch_with_append_only_indices(client):
    info = await check_version(client)

    assert info.version == "3.4.0"
    assert info.append_only
    assert info.uuid


async def test_the_embedded_node_has_none_of_the_optional_plugins(client):
    assert await read_plugins(client) == Plugins()


async def test_a_port_where_nobody_listens_is_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(UnreachableError, match=f"127.0.0.1:{port} does not answer"):
        await version_at(f"http://127.0.0.1:{port}")


async def test_https_to_a_plain_port_is_told(opensearch_url):
    with pytest.raises(UnreachableError, match="TLS"):
        await version_at(opensearch_url.replace("http://", "https://"))


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda: web.Response(text="<html>", content_type="text/html"), "not JSON"),
        (lambda: web.json_response({"hello": "world"}), "not OpenSearch"),
        (lambda: web.json_response({"version": {"number": "8.1.0"}}), "another product"),
        (
            lambda: web.json_response({"version": {"number": "1.3.0", "distribution": "opensearch"}}),
            "too old",
        ),
        (lambda: web.json_response({"error": "x"}, status=500), "500"),
    ],
)
async def test_what_is_not_opensearch_is_told_apart(answer, text):
    async def reply(_request):
        return answer()

    app = web.Application()
    app.router.add_get("/", reply)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        with pytest.raises(StoreError, match=text):
            await version_at(f"http://127.0.0.1:{port}")
    finally:
        await runner.cleanup()


async def test_refused_credentials_are_told_without_them():
    async def reply(_request):
        return web.json_response({"error": "no"}, status=401)

    app = web.Application()
    app.router.add_get("/", reply)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    client = open_client(OpenSearchConfig(f"http://127.0.0.1:{runner.addresses[0][1]}", "admin", "geheim"))
    try:
        with pytest.raises(UnreachableError, match="credentials") as caught:
            await check_version(client)
        assert "geheim" not in caught.value.one_line()
    finally:
        await client.close()
        await runner.cleanup()
