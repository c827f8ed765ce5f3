"""Bitbucket has credentials, limits and refusals of its own."""

from __future__ import annotations

import pytest

LIMIT_HEADERS = {"x-ratelimit-limit", "x-ratelimit-resource", "x-ratelimit-nearlimit"}


async def test_the_api_token_goes_with_the_email_and_not_with_a_user_name(bench):
    async with bench() as s:
        owned = s.simulator.credentials
        for auth, status in (
            ((owned.email, owned.bitbucket_token), 200),
            ((owned.email.upper(), owned.bitbucket_token), 200),
            (("audit-collector", owned.bitbucket_token), 401),
            ((owned.email, owned.classic_token), 401),
            ((owned.email, owned.bitbucket_access_token), 401),
            (None, 401),
        ):
            assert (await s.client.get("/2.0/user", auth=auth)).status_code == status


async def test_the_access_token_goes_alone(bench):
    async with bench() as s:
        owned = s.simulator.credentials
        for token, status in ((owned.bitbucket_access_token, 200), (owned.bearer_token, 401)):
            answer = await s.client.get("/2.0/user", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == status


async def test_bitbucket_tokens_open_no_other_product(bench):
    async with bench() as s:
        owned = s.simulator.credentials
        answer = await s.client.get("/rest/api/3/myself", auth=(owned.email, owned.bitbucket_token))
        assert answer.status_code == 401
        gateway = f"/ex/jira/{s.simulator.cloud_id}/2.0/user"
        assert (await s.client.get(gateway, auth=s.auth)).status_code == 404


@pytest.mark.parametrize("switch", ["bitbucket_expired", "expired_token"])
async def test_an_expired_token_is_401(bench, switch):
    async with bench(**{switch: True}) as s:
        answer = await s.ask("/user")
        assert answer.status_code == 401
        assert answer.json() == {
            "type": "error",
            "error": {"message": "Token is invalid, expired, or not supported for this endpoint."},
        }


async def test_only_bitbucket_is_expired_by_its_own_switch(bench):
    async with bench(bitbucket_expired=True) as s:
        owned = s.simulator.credentials
        answer = await s.client.get("/rest/api/3/myself", auth=(owned.email, owned.classic_token))
        assert answer.status_code == 200


async def test_a_missing_scope_is_403_and_says_which(bench):
    async with bench(bitbucket_no_scope=True) as s:
        answer = await s.ask("/repositories/acme")
        assert answer.status_code == 403
        error = answer.json()["error"]
        assert error["message"] == "Your credentials lack one or more required privilege scopes."
        assert error["detail"]["required"] == ["read:repository:bitbucket"]


async def test_permissions_take_an_administrator(bench, repository):
    async with bench(bitbucket_no_admin=True) as s:
        for path in (
            "/workspaces/acme/permissions",
            "/workspaces/acme/permissions/repositories",
            f"/repositories/{repository}/branch-restrictions",
        ):
            assert (await s.ask(path)).status_code == 403
        assert (await s.ask("/workspaces/acme/members")).status_code == 200
        assert (await s.told("/user/workspaces"))["values"][0]["administrator"] is False


async def test_the_hour_is_counted_per_credential_over_all_routes(bench):
    async with bench(bitbucket_requests_per_h=3) as s:
        paths = ("/user", "/workspaces/acme", "/user/workspaces", "/user")
        answers = [await s.ask(path) for path in paths]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[3].json()["error"]["message"] == "Rate limit for this resource has been exceeded"
        assert "retry-after" not in answers[3].headers
        token = s.simulator.credentials.bitbucket_access_token
        other = await s.client.get("/2.0/user", headers={"Authorization": f"Bearer {token}"})
        assert other.status_code == 200


async def test_only_access_tokens_are_told_about_their_limit(bench):
    async with bench(bitbucket_requests_per_h=1000) as s:
        assert not LIMIT_HEADERS & set((await s.ask("/user")).headers)
        token = s.simulator.credentials.bitbucket_access_token
        answer = await s.client.get("/2.0/user", headers={"Authorization": f"Bearer {token}"})
        assert set(answer.headers) >= LIMIT_HEADERS
        assert answer.headers["X-RateLimit-Limit"] == "1000"
        assert answer.headers["X-RateLimit-NearLimit"] == "false"


@pytest.mark.parametrize(
    ("switch", "status", "wait"),
    [
        ("throttle", 429, None),
        ("throttle_bare", 429, None),
        ("throttle_zero", 429, "0"),
        ("throttle_html", 429, None),
        ("server_error", 502, None),
        ("unavailable", 503, "1"),
    ],
)
async def test_passing_failures_take_bitbuckets_form(bench, switch, status, wait):
    async with bench(**{switch: 1.0}) as s:
        answer = await s.ask("/user")
        assert (answer.status_code, answer.headers.get("Retry-After")) == (status, wait)
        assert "RateLimit-Reason" not in answer.headers
        assert [(await s.ask("/user")).status_code for _ in range(2)] == [status, 200]


async def test_what_is_not_there_is_404_in_bitbuckets_form(bench, repository):
    async with bench() as s:
        for path in (
            "/workspaces/nobody",
            "/repositories/nobody",
            "/repositories/acme/nothing",
            "/repositories/acme/nothing/commits",
            f"/repositories/{repository}/pullrequests/99999/activity",
        ):
            answer = await s.ask(path)
            assert (answer.status_code, answer.json()["type"]) == (404, "error")
