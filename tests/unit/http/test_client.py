"""The client at a simulated site: what it tries again, what it never does, and who has to wait."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from atlaslens_forwarder.errors import AccessError, FormatError, SourceError, TransientError
from atlaslens_forwarder.http.access import TokenKind
from atlaslens_forwarder.http.client import open_http_client
from atlaslens_forwarder.http.retry import RetryPolicy
from atlaslens_forwarder.http.tenant import ask_cloud_id
from atlaslens_forwarder.model.status import SourceStatus


@pytest.mark.parametrize("kind", TokenKind)
async def test_every_kind_of_token_opens_its_door(open_door, kind):
    async with open_door(kind) as door:
        assert len((await door.jira()).value["records"]) == 5
        assert len((await door.confluence()).value["results"]) == 5
        assert door.seen.outcomes == ["ok", "ok"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("throttle_bare", "throttled"),
        ("throttle_html", "throttled"),
        ("server_error", "unreachable"),
        ("cut_body", "unreachable"),
    ],
)
async def test_passing_failures_are_tried_again_and_each_try_pays(open_door, fault, status):
    async with open_door(**{fault: 1.0}, failures_in_a_row=2) as door:
        answer = await door.jira()

        assert len(answer.value["records"]) == 5
        assert door.seen.outcomes == [status, status, "ok"]
        assert [reason for _, reason, _ in door.seen.waits] == [status, status]
        assert door.budget.paid == 3


@pytest.mark.parametrize("fault", ["throttle", "throttle_zero", "unavailable"])
async def test_what_the_server_asks_for_is_waited_at_least_a_second(open_door, fault):
    async with open_door(**{fault: 1.0}, failures_in_a_row=1) as door:
        started_s = time.monotonic()

        await door.jira()

        assert time.monotonic() - started_s >= 1.0
        ((_, _, wait_s),) = door.seen.waits
        assert 1.0 <= wait_s <= 1.3


async def test_tries_end(open_door):
    async with open_door(server_error=1.0, failures_in_a_row=100) as door:
        with pytest.raises(TransientError) as caught:
            await door.jira()

        assert caught.value.status is SourceStatus.UNREACHABLE
        assert len(door.seen.outcomes) == door.budget.paid == 4
        assert len(door.seen.waits) == 3


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        ({"expired_token": True}, SourceStatus.EXPIRED),
        ({"login_page": "html"}, SourceStatus.EXPIRED),
        ({"login_page": "redirect"}, SourceStatus.EXPIRED),
        ({"silent_anonymous": True}, SourceStatus.EXPIRED),
        ({"free_plan": ("jira",)}, SourceStatus.NO_PLAN),
        ({"no_permission": ("jira",)}, SourceStatus.NO_PERMISSION),
    ],
)
async def test_refusals_are_named_and_never_tried_again(open_door, faults, status):
    async with open_door(**faults) as door:
        with pytest.raises(AccessError) as caught:
            await door.jira()

        assert caught.value.status is status
        assert door.budget.paid == 1
        assert door.seen.outcomes == [status.value]


async def test_one_product_on_a_free_plan_does_not_close_the_other(open_door):
    async with open_door(free_plan=("confluence",)) as door:
        with pytest.raises(AccessError) as caught:
            await door.confluence()
        assert caught.value.status is SourceStatus.NO_PLAN
        assert (await door.jira()).value["records"]


async def test_a_missing_scope_is_told_apart_from_an_expired_token(open_door):
    async with open_door(TokenKind.SCOPED, no_scope=("jira",)) as door:
        with pytest.raises(AccessError) as caught:
            await door.jira()

        assert caught.value.status is SourceStatus.NO_SCOPE
        assert door.budget.paid == 1


async def test_a_removed_route_is_a_changed_format(open_door):
    async with open_door(gone=("jira",)) as door:
        with pytest.raises(FormatError) as caught:
            await door.jira()
        assert caught.value.status is SourceStatus.UNREADABLE


async def test_a_wait_beyond_patience_gives_up_and_says_when_to_come_back(open_door):
    policy = RetryPolicy(patience_s=5)
    async with open_door(policy=policy, throttle=1.0, retry_after_s=600) as door:
        with pytest.raises(TransientError) as caught:
            await door.jira()
        assert caught.value.wait_s == 600
        assert door.budget.paid == 1

        with pytest.raises(TransientError) as again:
            await door.jira(offset=1)
        assert 590 < (again.value.wait_s or 0) <= 800
        assert door.budget.paid == 1, "the closed gate let a request through"


def answering(*answers: tuple[int, dict[str, str]]):
    """A transport that gives these answers in turn, then 200."""
    left = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        status, headers = left.pop(0) if left else (200, {})
        return httpx.Response(status, headers=headers, json={"records": [], "results": []})

    return httpx.MockTransport(answer)


BURST = {"RateLimit-Reason": "jira-burst-based", "Retry-After": "600"}
QUOTA = {"RateLimit-Reason": "jira-quota-tenant-based", "Retry-After": "600"}


async def test_a_burst_limit_closes_its_endpoint_only(open_door):
    async with open_door() as door, httpx.AsyncClient(transport=answering((429, BURST))) as http:
        door.client._http = http
        with pytest.raises(TransientError):
            await door.jira()

        with pytest.raises(TransientError, match="stay away"):
            await door.jira()
        assert await door.jira(endpoint="jira-other")
        assert await door.confluence()


async def test_a_quota_closes_the_product_only(open_door):
    async with open_door() as door, httpx.AsyncClient(transport=answering((429, QUOTA))) as http:
        door.client._http = http
        with pytest.raises(TransientError):
            await door.jira()

        with pytest.raises(TransientError, match="stay away"):
            await door.jira(endpoint="jira-other")
        assert await door.confluence()


async def test_readers_side_by_side_wait_at_a_closed_gate(open_door):
    transport = answering((429, {"Retry-After": "1"}))
    async with open_door() as door, httpx.AsyncClient(transport=transport) as http:
        door.client._http = http
        first = asyncio.ensure_future(door.jira())
        while not door.seen.waits:  # noqa: ASYNC110  the observer has no event to wait for
            await asyncio.sleep(0.01)
        started_s = time.monotonic()

        await door.jira()

        assert time.monotonic() - started_s > 0.9
        await first


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5_000])
async def test_an_answer_that_is_no_json_is_a_changed_format(open_door, body):
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})

    async with open_door() as door, httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        door.client._http = http
        with pytest.raises(FormatError) as caught:
            await door.jira()
        assert caught.value.status is SourceStatus.UNREADABLE


async def test_a_site_that_does_not_answer_is_unreachable_and_no_secret_is_told(open_door, unused_tcp_port):
    async with open_door() as door:
        dead = f"http://127.0.0.1:{unused_tcp_port}"
        object.__setattr__(door.client.access, "site_url", dead)

        with pytest.raises(TransientError) as caught:
            await door.jira()

        assert caught.value.status is SourceStatus.UNREACHABLE
        assert dead in caught.value.message
        assert door.client.access.token not in caught.value.one_line()
        assert door.client.access.email not in caught.value.one_line()


async def test_times_with_a_plus_survive_the_query(open_door):
    async with open_door() as door:
        window = {"from": "2026-01-01T00:00:00.000+0000", "to": "2027-01-01T00:00:00.000+0000"}

        assert len((await door.jira(**window)).value["records"]) == 5


async def test_the_cloud_id_is_asked_without_a_credential(open_door):
    async with open_door(expired_token=True) as door, open_http_client() as http:
        assert await ask_cloud_id(http, door.simulator.url) == door.simulator.cloud_id


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(503), TransientError),
        (httpx.Response(429), TransientError),
        (httpx.Response(404), FormatError),
        (httpx.Response(200, text="<html>"), FormatError),
        (httpx.Response(200, json=[]), FormatError),
        (httpx.Response(200, json={"cloudId": ""}), FormatError),
        (httpx.Response(200, content=b"[" * 100_000), FormatError),
    ],
)
async def test_what_is_no_site_is_told(answer, kind):
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _request: answer)) as http:
        with pytest.raises(SourceError) as caught:
            await ask_cloud_id(http, "https://acme.example")
    assert type(caught.value) is kind
    assert caught.value.status is SourceStatus.UNREACHABLE
    assert "site address" in caught.value.hint


async def test_a_site_that_is_down_is_told(unused_tcp_port):
    async with open_http_client() as http:
        with pytest.raises(TransientError, match="does not answer"):
            await ask_cloud_id(http, f"http://127.0.0.1:{unused_tcp_port}")
