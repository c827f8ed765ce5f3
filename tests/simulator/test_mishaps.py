"""Requests fail in the ways they fail at the real service, and never too often in a row."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, JIRA_AUDIT, FaultPlan

PATH = "/rest/api/3/auditing/record"


async def first_answer(stage, **faults):
    async with stage(failures_in_a_row=1, **faults) as s:
        failed, passed = await s.get(PATH, limit=3), await s.get(PATH, limit=3)
        assert passed.status_code == 200
        assert len(passed.json()["records"]) == 3
        return failed


async def test_a_429_says_when_to_come_back_and_why(stage):
    answer = await first_answer(stage, throttle=1.0, retry_after_s=7)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["RateLimit-Reason"] == "jira-burst-based"
    assert answer.headers["X-RateLimit-Reset"].endswith("Z")
    assert answer.headers["X-RateLimit-Remaining"] == "0"


async def test_a_429_of_the_gateway_says_nothing(stage):
    answer = await first_answer(stage, throttle_bare=1.0)
    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers
    assert answer.headers["X-Failure-Category"] == "FAILURE_CLIENT_RATE_LIMITED"


async def test_a_429_may_ask_for_no_wait(stage):
    assert (await first_answer(stage, throttle_zero=1.0)).headers["Retry-After"] == "0"


async def test_a_429_may_be_a_web_page(stage):
    answer = await first_answer(stage, throttle_html=1.0)
    assert answer.status_code == 429
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_server_errors_have_no_json(stage):
    answer = await first_answer(stage, server_error=1.0)
    assert answer.status_code == 502
    assert answer.text.startswith("<!DOCTYPE")


async def test_a_503_says_when_to_come_back(stage):
    answer = await first_answer(stage, unavailable=1.0)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


async def test_a_cut_body_breaks_the_connection(stage):
    async with stage(cut_body=1.0, failures_in_a_row=1) as s:
        with pytest.raises(httpx.RemoteProtocolError):
            await s.get(PATH, limit=50)
        assert (await s.get(PATH, limit=50)).status_code == 200
        assert [entry["cut"] for entry in s.simulator.requests] == [True, False]


async def test_a_slow_answer_comes_in_the_end(stage):
    async with stage(slow=1.0, slow_s=0.05) as s:
        start = asyncio.get_running_loop().time()
        assert (await s.get(PATH, limit=1)).status_code == 200
        assert asyncio.get_running_loop().time() - start >= 0.05


async def test_a_request_fails_at_most_so_often_in_a_row(stage):
    async with stage(server_error=1.0, failures_in_a_row=2) as s:
        statuses = [(await s.get(PATH, limit=1)).status_code for _ in range(6)]
        assert statuses == [502, 502, 200, 502, 502, 200]


async def test_equal_worlds_fail_alike(stage):
    async def statuses():
        async with stage(throttle=0.3, server_error=0.3) as s:
            return [(await s.get(PATH, limit=1, offset=n)).status_code for n in range(40)]

    first = await statuses()
    assert first == await statuses()
    assert set(first) == {200, 429, 502}


async def test_an_endpoint_that_is_asked_too_fast_is_throttled_alone(stage):
    async with stage(bucket_size=3, bucket_refill_per_s=0.0) as s:
        answers = [await s.get(PATH, limit=1) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert answers[2].headers["X-RateLimit-NearLimit"] == "true"
        assert "X-RateLimit-Reset" not in answers[2].headers
        assert "Retry-After" in answers[3].headers
        assert (await s.get("/rest/api/3/myself")).status_code == 200


async def test_the_identity_of_the_caller_is_in_the_headers(stage):
    async with stage() as s:
        headers = (await s.get(PATH, limit=1)).headers
        assert headers["Server"] == "AtlassianEdge"
        assert headers["X-Aaccountid"] == s.simulator.site.world.people.collector.account_id.replace(
            ":", "%3A"
        )


async def patient(s, path, **query):
    """Up to four tries, as a well-behaved client makes them."""
    for _ in range(4):
        try:
            answer = await s.get(path, **query)
        except httpx.RemoteProtocolError:
            continue
        if answer.status_code == 200:
            return answer.json()
    raise AssertionError("four tries did not suffice")


async def test_with_all_faults_on_four_tries_get_every_page(stage):
    faults = {name: value for name, value in FaultPlan.everything().as_json().items() if name != "slow"}
    faults |= {name: tuple(value) for name, value in faults.items() if isinstance(value, list)}
    async with stage(**faults | {"arriving_rows": 0, "arriving_late_rows": 0, "bucket_size": 10_000}) as s:
        found, offset = [], 0
        while page := (await patient(s, PATH, offset=offset))["records"]:
            found += page
            offset += len(page)
        assert found == s.rows(JIRA_AUDIT)
        found, path = [], "/wiki/rest/api/audit"
        while path:
            answer = await patient(s, path)
            found += answer["results"]
            following = answer["_links"].get("next")
            path = f"/wiki{following}" if following else ""
        assert found == s.rows(CONFLUENCE_AUDIT)
