"""Answers that are made to hurt: each is one clear error, quickly and within bounds."""

from __future__ import annotations

import gzip
import json
import resource
import time
import zlib
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from atlaslens_forwarder.errors import FormatError
from atlaslens_forwarder.http.access import Api, SiteAccess, TokenKind
from atlaslens_forwarder.http.bounded import LARGEST_ANSWER_BYTES
from atlaslens_forwarder.http.budget import FairBudget
from atlaslens_forwarder.http.client import AtlassianClient, open_http_client
from tests.unit.http.conftest import JIRA_PATH, CountingLimiter, Seen

MIB = 1024 * 1024
JSON = {"Content-Type": "application/json"}


def bomb() -> bytes:
    """A GiB of white space in a MiB."""
    packer = zlib.compressobj(wbits=31)
    return b"".join(packer.compress(b" " * MIB) for _ in range(1024)) + packer.flush()


@asynccontextmanager
async def client_of(body: bytes, **headers):
    """A client at a server that always answers this; with the number of its requests."""
    asked = []

    async def answer(request):
        asked.append(request.path)
        return web.Response(body=body, headers=JSON | headers)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    access = SiteAccess("acme", url, url, "c", TokenKind.CLASSIC, "a@corp.example", "token")
    try:
        async with open_http_client() as http:
            budget = FairBudget(CountingLimiter())
            yield AtlassianClient(access, http, budget=budget, observer=Seen(), clock=lambda: 0), asked
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (bomb(), {"Content-Encoding": "gzip"}, "longer than 64 MiB"),
        (b" " * (LARGEST_ANSWER_BYTES + 1), {}, "longer than 64 MiB"),
        (b"[" * 200_000 + b"]" * 200_000, {}, "not valid JSON"),
        (b"9" * 1_000_000, {}, "not valid JSON"),
        (b'{"records": \xff}', {}, "not valid JSON"),
    ],
    ids=["gzip bomb", "endless", "deep", "huge number", "no text"],
)
async def test_a_hostile_answer_is_one_error_and_is_asked_once(body, headers, said):
    async with client_of(body, **headers) as (client, asked):
        before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started_s = time.process_time()

        with pytest.raises(FormatError, match=said):
            await client.get(Api.JIRA, JIRA_PATH, {}, endpoint="jira-audit")

        assert len(asked) == 1
        assert time.process_time() - started_s < 5
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 400 * 1024


async def test_a_large_answer_below_the_limit_is_read():
    rows = [{"summary": "x" * 1_000}] * 20_000
    async with client_of(gzip.compress(json.dumps(rows).encode()), **{"Content-Encoding": "gzip"}) as (
        client,
        _,
    ):
        answer = await client.get(Api.JIRA, JIRA_PATH, {}, endpoint="jira-audit")

        assert answer.value == rows
        # The connection that an error left is not lost: the same client goes on.
        assert (await client.get(Api.JIRA, JIRA_PATH, {}, endpoint="jira-audit")).value == rows
