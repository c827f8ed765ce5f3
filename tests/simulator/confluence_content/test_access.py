"""Who may read content, and by which door."""

from __future__ import annotations

import pytest

V2 = "/wiki/api/v2"
PATHS = (f"{V2}/pages", f"{V2}/spaces", "/wiki/rest/api/search")


async def answers(s, auth, base=""):
    return [
        (await s.client.get(base + path, params={"cql": "type = page"}, auth=auth)).status_code
        for path in PATHS
    ]


async def test_each_token_opens_its_own_door_only(shelf):
    async with shelf() as s:
        owned = s.simulator.credentials
        gateway = f"/ex/confluence/{s.simulator.cloud_id}"
        for token, site, behind in ((owned.classic_token, 200, 401), (owned.scoped_token, 401, 200)):
            assert set(await answers(s, (owned.email, token))) == {site}
            assert set(await answers(s, (owned.email, token), gateway)) == {behind}


async def test_next_on_the_gateway_lacks_the_gateways_prefix(shelf):
    async with shelf() as s:
        owned = s.simulator.credentials
        s.auth, s.base = (owned.email, owned.scoped_token), f"/ex/confluence/{s.simulator.cloud_id}"
        page = await s.told(f"{V2}/pages", limit=5)
        assert page["_links"]["next"].startswith(f"{V2}/pages?")
        assert len(await s.walked(f"{V2}/pages", limit=5)) > 40


async def test_an_expired_token_is_401_in_the_form_of_v2(shelf):
    async with shelf(expired_token=True) as s:
        answer = await s.ask(f"{V2}/pages")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "UNAUTHORIZED")


async def test_credentials_expire_while_walking(shelf):
    async with shelf(expires_after=2) as s:
        assert [(await s.ask(f"{V2}/pages")).status_code for _ in range(3)] == [200, 200, 401]


async def test_a_silent_anonymous_answer_is_an_empty_list(shelf):
    async with shelf(silent_anonymous=True) as s:
        for path in PATHS:
            answer = await s.ask(path, {"cql": "type = page"})
            assert (answer.status_code, answer.json()["results"]) == (200, [])
            assert answer.headers["X-Seraph-Loginreason"] == "AUTHENTICATED_FAILED"


async def test_an_account_without_licence_is_403(shelf):
    async with shelf(content_no_licence=True) as s:
        v2, v1 = await s.ask(f"{V2}/pages"), await s.ask("/wiki/rest/api/search", {"cql": "type = page"})
        assert (v2.status_code, v1.status_code) == (403, 403)
        assert v2.json()["errors"][0]["title"] == v1.json()["message"]
        assert (await s.ask("/wiki/rest/api/audit")).status_code == 200


async def test_a_missing_scope_is_401_of_the_gateway_only(shelf):
    async with shelf(content_no_scope=True) as s:
        owned = s.simulator.credentials
        gateway = f"/ex/confluence/{s.simulator.cloud_id}"
        assert set(await answers(s, (owned.email, owned.scoped_token), gateway)) == {401}
        assert set(await answers(s, (owned.email, owned.classic_token))) == {200}


@pytest.mark.parametrize("switch", ["throttle", "throttle_html", "server_error", "unavailable"])
async def test_passing_failures_happen_to_content_too(shelf, switch):
    async with shelf(**{switch: 1.0}) as s:
        codes = [(await s.ask(f"{V2}/pages")).status_code for _ in range(3)]
        assert codes[0] == codes[1] != 200
        assert codes[2] == 200
