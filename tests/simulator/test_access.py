"""Who gets in by which door, and what everybody else is told."""

from __future__ import annotations

import pytest

JIRA = "/rest/api/3/auditing/record"
CONFLUENCE = "/wiki/rest/api/audit"
STRANGER = ("nobody@acme.example", "wrong")


async def test_the_cloud_id_is_told_to_everybody(stage):
    async with stage() as s:
        answer = await s.get("/_edge/tenant_info", auth=None)
        assert answer.json() == {"cloudId": s.simulator.cloud_id}


async def test_a_bearer_token_lists_its_sites(stage):
    async with stage() as s:
        (site,) = (await s.get("/oauth/token/accessible-resources", auth="bearer")).json()
        assert (site["id"], site["url"]) == (s.simulator.cloud_id, s.simulator.url)
        assert (await s.get("/oauth/token/accessible-resources", auth="classic")).status_code == 401


@pytest.mark.parametrize(
    ("auth", "on_site", "on_gateway"),
    [
        ("classic", 200, 401),
        ("scoped", 401, 200),
        ("bearer", 401, 200),
        (STRANGER, 401, 401),
        (None, 401, 401),
    ],
)
async def test_each_token_opens_its_own_door_only(stage, auth, on_site, on_gateway):
    async with stage() as s:
        cloud_id = s.simulator.cloud_id
        for path in ("/rest/api/3/myself", JIRA):
            assert (await s.get(path, auth=auth)).status_code == on_site
            assert (await s.get(f"/ex/jira/{cloud_id}{path}", auth=auth)).status_code == on_gateway
        for path in ("/wiki/rest/api/user/current", CONFLUENCE):
            assert (await s.get(path, auth=auth)).status_code == on_site
            assert (await s.get(f"/ex/confluence/{cloud_id}{path}", auth=auth)).status_code == on_gateway


async def test_unknown_paths_products_and_cloud_ids_are_not_found(stage):
    async with stage() as s:
        for path in (
            "/rest/api/3/nothing",
            f"/ex/jira/11111111-2222-4333-a444-555555555555{JIRA}",
            f"/ex/jira/{s.simulator.cloud_id}{CONFLUENCE}",
            f"/ex/confluence/{s.simulator.cloud_id}{JIRA}",
        ):
            assert (await s.get(path, auth="scoped")).status_code == 404


async def test_a_wrong_token_is_hidden_on_routes_for_everybody(stage):
    async with stage() as s:
        hidden = await s.get("/rest/api/3/serverInfo", auth=STRANGER)
        assert hidden.status_code == 200
        assert hidden.headers["X-Seraph-Loginreason"] == "AUTHENTICATED_FAILED"
        assert "X-Seraph-Loginreason" not in (await s.get("/rest/api/3/serverInfo")).headers


async def test_an_expired_token_is_refused_in_each_products_form(stage):
    async with stage(expired_token=True) as s:
        for path in ("/rest/api/3/myself", JIRA):
            answer = await s.get(path)
            assert answer.status_code == 401
            assert answer.json()["errorMessages"] == ["Client must be authenticated to access this resource."]
        assert (await s.get(CONFLUENCE)).json()["statusCode"] == 401


async def test_credentials_can_expire_while_paging(stage):
    async with stage(expires_after=2) as s:
        assert [(await s.get(JIRA, limit=10, offset=n)).status_code for n in (0, 10, 20)] == [200, 200, 401]


async def test_a_silent_anonymous_answer_is_200_without_rows(stage):
    async with stage(silent_anonymous=True) as s:
        jira, confluence = await s.get(JIRA), await s.get(CONFLUENCE)
        assert (jira.status_code, jira.json()["records"]) == (200, [])
        assert (confluence.status_code, confluence.json()["results"]) == (200, [])
        assert {answer.headers["X-Seraph-Loginreason"] for answer in (jira, confluence)} == {
            "AUTHENTICATED_FAILED"
        }
        assert (await s.get("/rest/api/3/myself")).status_code == 401
        assert (await s.get("/wiki/rest/api/user/current")).json()["type"] == "anonymous"


async def test_free_plans_are_refused_per_product(stage):
    async with stage(free_plan=("jira",)) as s:
        answer = await s.get(JIRA)
        assert answer.status_code == 403
        assert "Free plans" in answer.json()["errorMessages"][0]
        assert (await s.get("/rest/api/3/myself")).status_code == 200
        assert (await s.get(CONFLUENCE)).status_code == 200
    async with stage(free_plan=("confluence",)) as s:
        answer = await s.get(CONFLUENCE)
        assert (answer.status_code, answer.json()["statusCode"]) == (403, 403)
        assert "Free edition" in answer.json()["message"]


async def test_people_who_are_no_administrators_are_refused(stage):
    async with stage(no_permission=("jira", "confluence")) as s:
        assert (await s.get(JIRA)).status_code == 403
        answer = await s.get(CONFLUENCE)
        assert answer.json() == {"statusCode": 403, "message": "Current user not permitted to use Confluence"}


async def test_a_missing_scope_is_401_of_the_gateway(stage):
    async with stage(no_scope=("jira",)) as s:
        cloud_id = s.simulator.cloud_id
        answer = await s.get(f"/ex/jira/{cloud_id}{JIRA}", auth="scoped")
        assert answer.status_code == 401
        assert answer.json() == {"code": 401, "message": "Unauthorized; scope does not match"}
        assert (await s.get(f"/ex/jira/{cloud_id}/rest/api/3/myself", auth="scoped")).status_code == 200
        assert (await s.get(f"/ex/confluence/{cloud_id}{CONFLUENCE}", auth="scoped")).status_code == 200


async def test_removed_routes_are_gone(stage):
    async with stage(gone=("jira",)) as s:
        for path in ("/rest/api/3/search", JIRA):
            answer = await s.get(path)
            assert answer.status_code == 410
            assert "has been removed" in answer.json()["errorMessages"][0]


@pytest.mark.parametrize(("form", "status"), [("html", 200), ("redirect", 302)])
async def test_a_login_page_may_come_instead(stage, form, status):
    async with stage(login_page=form) as s:
        answer = await s.get(JIRA)
        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith("text/html")
