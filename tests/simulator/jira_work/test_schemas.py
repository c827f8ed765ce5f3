"""Answers fit the official API description, where it is at hand.

Recorded answers win where they differ: ids and texts that a change lacks are null, and ``created`` of the
bulk changelog may be a number.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

FOLDER = Path(
    os.environ.get("ATLASLENS_OPENAPI") or Path(__file__).resolve().parents[4] / "shared" / "openapi"
)
JIRA = FOLDER / "jira-cloud-v3.json"

pytestmark = pytest.mark.skipif(not JIRA.exists(), reason="the API description is not at hand")

NULL_IN_ANSWERS = ("from", "fromString", "to", "toString")


def as_json_schema(node: Any) -> Any:
    """An OpenAPI 3.0 schema in JSON Schema terms."""
    if isinstance(node, list):
        return [as_json_schema(part) for part in node]
    if not isinstance(node, dict):
        return node
    plain = {name: as_json_schema(value) for name, value in node.items() if name not in {"nullable", "xml"}}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


def check(operation: str, body: Any, method: str = "get") -> None:
    description = json.loads(JIRA.read_text())
    details = description["components"]["schemas"]["ChangeDetails"]["properties"]
    for name in NULL_IN_ANSWERS:
        details[name]["nullable"] = True
    content = description["paths"][operation][method]["responses"]["200"]["content"]
    schema = as_json_schema(
        {**content["application/json"]["schema"], "components": description["components"]}
    )
    jsonschema.Draft202012Validator(schema).validate(body)


@pytest.mark.parametrize(
    "faults", [{}, {"missing_is_last": True, "repeated_token": True, "closed_people": 2, "page_limit": 60}]
)
async def test_answers_fit_the_description(desk, faults):
    async with desk(**faults) as d:
        search = {"jql": "created >= 0 ORDER BY updated", "fields": ["*all"], "expand": "changelog"}
        page = await d.told("/rest/api/3/search/jql", search)
        check("/rest/api/3/search/jql", page, "post")
        check("/rest/api/3/search/jql", await d.told("/rest/api/3/search/jql", jql="created >= 0"))
        ids = [issue["id"] for issue in page["issues"]]
        bulk = await d.told("/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": ids})
        assert bulk["issueChangeLogs"]
        check("/rest/api/3/changelog/bulkfetch", bulk, "post")
        for name in ("changelog", "comment"):
            body = await d.told(f"/rest/api/3/issue/{ids[0]}/{name}")
            check(f"/rest/api/3/issue/{{issueIdOrKey}}/{name}", body)
        comments = [
            int(one["id"]) for issue in page["issues"] for one in issue["fields"]["comment"]["comments"]
        ]
        body = await d.told("/rest/api/3/comment/list", {"ids": comments})
        assert body["values"]
        check("/rest/api/3/comment/list", body, "post")
        for name in ("updated", "deleted"):
            body = await d.told(f"/rest/api/3/worklog/{name}", since=0)
            assert body["values"]
            check(f"/rest/api/3/worklog/{name}", body)
        body = await d.told("/rest/api/3/worklog/updated", since=0)
        listed = await d.told(
            "/rest/api/3/worklog/list", {"ids": [one["worklogId"] for one in body["values"]]}
        )
        check("/rest/api/3/worklog/list", listed, "post")
        count = await d.told("/rest/api/3/search/approximate-count", {"jql": "created >= 0"})
        check("/rest/api/3/search/approximate-count", count, "post")


async def test_people_groups_and_projects_fit_the_description(desk):
    async with desk(issues=0, closed_people=1) as d:
        users = await d.told("/rest/api/3/users/search", maxResults=100)
        check("/rest/api/3/users/search", users)
        ids = [one["accountId"] for one in users]
        check("/rest/api/3/user/bulk", await d.told("/rest/api/3/user/bulk", accountId=ids))
        groups = await d.told("/rest/api/3/group/bulk")
        check("/rest/api/3/group/bulk", groups)
        group = groups["values"][0]["groupId"]
        check("/rest/api/3/group/member", await d.told("/rest/api/3/group/member", groupId=group))
        check("/rest/api/3/project/search", await d.told("/rest/api/3/project/search", maxResults=2))


async def test_numbers_for_times_do_not_fit_the_description(desk):
    async with desk(bulk_times="millis") as d:
        ids = await d.ids("created >= 0")
        body = await d.told("/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": ids})
        with pytest.raises(jsonschema.ValidationError):
            check("/rest/api/3/changelog/bulkfetch", body, "post")
