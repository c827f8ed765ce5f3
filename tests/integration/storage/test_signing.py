"""Requests to OpenSearch that AWS manages: a server that knows the secret computes each signature anew."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from atlaslens_forwarder.errors import ConfigError, UnreachableError
from atlaslens_forwarder.storage.client import OpenSearchConfig, check_version, open_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI-EXAMPLEKEY", "session-token"
INFO = {
    "version": {"number": "3.4.0", "distribution": "opensearch"},
    "cluster_name": "c",
    "cluster_uuid": "u",
}


def expected(request: web.Request, body: bytes) -> str:
    """The signature that the server finds for what it received."""
    authorization = request.headers["Authorization"]
    signed = re.search(r"SignedHeaders=([^,]+)", authorization)[1].split(";")
    received = AWSRequest(
        method=request.method,
        url=str(request.url.with_host("127.0.0.1")).partition("?")[0]
        + f"?{request.rel_url.raw_query_string}",
        data=body,
        headers={name: request.headers[name] for name in signed if name != "host"},
    )
    received.context["timestamp"] = request.headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials(KEY, SECRET, TOKEN), "es", "eu-central-1")
    return signer.signature(signer.string_to_sign(received, signer.canonical_request(received)), received)


@pytest.fixture
async def managed(monkeypatch) -> AsyncIterator[str]:
    """Answers only what is signed with our key; else as AWS does."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", TOKEN),
    ):
        monkeypatch.setenv(name, value)

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        given = request.headers.get("Authorization", "").rpartition("Signature=")[2]
        if not given or given != expected(request, body):
            return web.json_response({"message": "The request signature does not match"}, status=403)
        return web.json_response(INFO)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_what_is_sent_is_signed_with_query_and_body(managed):
    client = open_client(OpenSearchConfig(managed, aws_region="eu-central-1"))
    try:
        assert (await check_version(client)).version == "3.4.0"
        await client.bulk(
            body='{"create":{"_id":"ü"}}\n{"a":1}\n', params={"filter_path": "errors,items.*.status"}
        )
        await client.transport.perform_request("GET", "/_plugins/_ism/explain/atlaslens-a,atlaslens-b")
    finally:
        await client.close()


async def test_another_region_is_another_signature(managed):
    client = open_client(OpenSearchConfig(managed, aws_region="us-east-1"))
    try:
        with pytest.raises(UnreachableError, match="403"):
            await check_version(client)
    finally:
        await client.close()


async def test_without_the_extra_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "botocore.session", None)

    with pytest.raises(ConfigError, match="not installed") as caught:
        open_client(OpenSearchConfig("https://search.example", aws_region="eu-central-1"))

    assert "atlaslens-forwarder[aws]" in caught.value.hint


async def test_a_profile_that_does_not_exist_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    with pytest.raises(ConfigError, match="profile keeper"):
        open_client(
            OpenSearchConfig("https://search.example", aws_region="eu-central-1", aws_profile="keeper")
        )
