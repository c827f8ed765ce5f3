"""Answers fit the official API descriptions, where these are at hand.

Where a description and recorded answers differ, the recorded answers win; each such place is named here.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

FOLDER = Path(
    os.environ.get("ATLASLENS_OPENAPI") or Path(__file__).resolve().parents[3] / "shared" / "openapi"
)
JIRA, CONFLUENCE = FOLDER / "jira-cloud-v3.json", FOLDER / "confluence-cloud-v1.json"

pytestmark = pytest.mark.skipif(not JIRA.exists(), reason="the API descriptions are not at hand")


def as_json_schema(node: Any) -> Any:
    """An OpenAPI 3.0 schema in JSON Schema terms: ``nullable`` becomes a type that may be null."""
    if isinstance(node, list):
        return [as_json_schema(part) for part in node]
    if not isinstance(node, dict):
        return node
    plain = {name: as_json_schema(value) for name, value in node.items() if name not in {"nullable", "xml"}}
    if node.get("nullable") is True:
        return {"anyOf": [plain, {"type": "null"}]}
    return plain


def recorded_fields(schemas: dict[str, Any]) -> None:
    """Fields that recorded answers have and the description lacks."""
    if "AuditRecordBean" in schemas:
        schemas["AuditRecordBean"]["properties"]["authorAccountId"] = {"type": "string"}


def check(path: Path, operation: str, status: str, body: Any) -> None:
    description = json.loads(path.read_text())
    recorded_fields(description["components"]["schemas"])
    described = description["paths"][operation]["get"]["responses"][status]["content"]
    schema = as_json_schema(
        {**described["application/json"]["schema"], "components": description["components"]}
    )
    jsonschema.Draft202012Validator(schema).validate(body)


FAULTS = (
    {},
    {"lying_total": True, "lying_size": True, "page_limit": 100, "twin_rate": 0.3},
    {"late_rows": 5, "back_dated_rows": 5, "renamed_people": 3, "rename_after_s": 0, "arriving_rows": 2},
    {"silent_anonymous": True},
)


@pytest.mark.parametrize("faults", FAULTS)
async def test_audit_pages_fit_the_description(stage, faults):
    async with stage(size=4000, **faults) as s:
        check(JIRA, "/rest/api/3/auditing/record", "200", await s.jira())
        check(CONFLUENCE, "/wiki/rest/api/audit", "200", await s.confluence())
        check(
            CONFLUENCE, "/wiki/rest/api/audit/since", "200", await s.confluence("/wiki/rest/api/audit/since")
        )


async def test_a_poisoned_row_does_not_fit(stage):
    async with stage(poisoned_rows=3) as s:
        with pytest.raises(jsonschema.ValidationError):
            check(JIRA, "/rest/api/3/auditing/record", "200", await s.jira())


async def test_identity_answers_fit_the_description(stage):
    async with stage() as s:
        for path, operation in (
            (JIRA, "/rest/api/3/myself"),
            (JIRA, "/rest/api/3/serverInfo"),
            (CONFLUENCE, "/wiki/rest/api/user/current"),
            (CONFLUENCE, "/wiki/rest/api/audit/retention"),
        ):
            check(path, operation, "200", (await s.get(operation)).json())


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        ({"expired_token": True}, "401"),
        ({"free_plan": ("jira",)}, "403"),
        ({"no_permission": ("jira",)}, "403"),
    ],
)
async def test_jira_refusals_fit_the_description(stage, faults, status):
    async with stage(**faults) as s:
        answer = await s.get("/rest/api/3/auditing/record")
        assert str(answer.status_code) == status
        check(JIRA, "/rest/api/3/auditing/record", status, answer.json())


async def test_an_anonymous_user_fits_the_description(stage):
    async with stage(silent_anonymous=True) as s:
        check(
            CONFLUENCE,
            "/wiki/rest/api/user/current",
            "200",
            (await s.get("/wiki/rest/api/user/current")).json(),
        )
