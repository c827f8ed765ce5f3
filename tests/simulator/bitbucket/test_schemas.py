"""Answers fit the official API description, where it is at hand.

Recorded answers win in two places: ``closed_by`` and ``merge_commit`` are null while a pull request is open,
and rendered texts and the commits of pull requests have a ``type``.
Activity, branch restrictions and ``/user/workspaces`` have no description there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

FOLDER = Path(
    os.environ.get("ATLASLENS_OPENAPI") or Path(__file__).resolve().parents[4] / "shared" / "openapi"
)
FILE = FOLDER / "bitbucket-cloud-2.0.json"
REPOSITORY = "/repositories/{workspace}/{repo_slug}"

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the API description is not at hand")


@pytest.fixture(scope="module")
def check():
    """Validates a body against the description of an operation."""
    description = json.loads(FILE.read_text())
    schemas = description["components"]["schemas"]
    pull = schemas["pullrequest"]["allOf"][1]["properties"]
    commit = schemas["base_commit"]["allOf"][1]["properties"]
    ends = schemas["pullrequest_endpoint"]["properties"]
    for typed in (commit["summary"], pull["summary"], pull["merge_commit"], ends["commit"]):
        typed["properties"]["type"] = {"type": "string"}
    for name in ("closed_by", "merge_commit"):
        pull[name] = {"anyOf": [pull[name], {"type": "null"}]}

    def validate(operation, body, status="200"):
        content = description["paths"][operation]["get"]["responses"][status]["content"]
        schema = {**content["application/json"]["schema"], "components": description["components"]}
        jsonschema.Draft202012Validator(schema).validate(body)

    return validate


async def test_answers_fit(bench, repository, check):
    async with bench() as s:
        await s.order("open", repository=repository)
        check("/user", await s.told("/user"))
        check("/workspaces/{workspace}", await s.told("/workspaces/acme"))
        for path in ("members", "permissions", "permissions/repositories"):
            body = await s.told(f"/workspaces/acme/{path}", {"pagelen": 5})
            assert body["values"]
            check(f"/workspaces/{{workspace}}/{path}", body)
        check("/repositories/{workspace}", await s.told("/repositories/acme"))
        for path, query in (
            ("refs/branches", {}),
            ("commits", {"pagelen": 5}),
            ("pullrequests", [("state", "OPEN"), ("state", "MERGED"), ("pagelen", 50)]),
        ):
            body = await s.told(f"/repositories/{repository}/{path}", query)
            assert body["values"]
            check(f"{REPOSITORY}/{path}", body)


async def test_refusals_fit(bench, check):
    async with bench() as s:
        answer = await s.ask("/repositories/acme/nothing/commits")
        check(f"{REPOSITORY}/commits", answer.json(), "404")


async def test_a_wrong_type_does_not_fit(bench, repository, check):
    async with bench() as s:
        body = await s.told(f"/repositories/{repository}/commits")
        body["values"][0]["hash"] = 7
        with pytest.raises(jsonschema.ValidationError):
            check(f"{REPOSITORY}/commits", body)
