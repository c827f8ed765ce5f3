"""Answers fit the official API descriptions, where these are at hand.

``parentId`` is null in recorded answers of pages at the top, which the description does not allow.
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
FILES = {"v1": FOLDER / "confluence-cloud-v1.json", "v2": FOLDER / "confluence-cloud-v2.json"}

pytestmark = pytest.mark.skipif(not FILES["v2"].exists(), reason="the API descriptions are not at hand")


def as_json_schema(node):
    """An OpenAPI 3.0 schema in JSON Schema terms: ``nullable`` becomes a type that may be null."""
    if isinstance(node, list):
        return [as_json_schema(part) for part in node]
    if not isinstance(node, dict):
        return node
    plain = {name: as_json_schema(value) for name, value in node.items() if name not in {"nullable", "xml"}}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


@pytest.fixture(scope="module")
def validators():
    """A validator for each operation that is asked for."""
    descriptions = {name: json.loads(path.read_text()) for name, path in FILES.items()}
    descriptions["v2"]["components"]["schemas"]["PageBulk"]["properties"]["parentId"]["nullable"] = True
    descriptions["v2"]["components"]["schemas"]["PageSingle"]["properties"]["parentId"]["nullable"] = True

    def check(version, operation, body):
        described = descriptions[version]["paths"][operation]["get"]["responses"]["200"]["content"]
        components = descriptions[version]["components"]
        schema = as_json_schema({**described["application/json"]["schema"], "components": components})
        jsonschema.Draft202012Validator(schema).validate(body)

    return check


async def test_lists_and_versions_fit(shelf, validators):
    async with shelf() as s:
        page = (await s.order("create"))["id"]
        inline = (await s.order("comment", on=page, selection="here"))["id"]
        await s.order("resolve", id=inline)
        for kind in ("pages", "blogposts", "footer-comments", "inline-comments"):
            answer = await s.told(f"/wiki/api/v2/{kind}", limit=250, body_format="storage")
            assert answer["results"]
            validators("v2", f"/{kind}", answer)
            item = answer["results"][-1]["id"]
            validators("v2", f"/{kind}/{{id}}/versions", await s.told(f"/wiki/api/v2/{kind}/{item}/versions"))
        validators("v2", "/pages/{id}", await s.told(f"/wiki/api/v2/pages/{page}"))
        validators("v2", "/spaces", await s.told("/wiki/api/v2/spaces", limit=3))


async def test_search_fits(shelf, validators):
    async with shelf() as s:
        answer = await s.told("/wiki/rest/api/search", cql="type in (page, comment)", limit=50)
        assert answer["results"]
        validators("v1", "/wiki/rest/api/search", answer)


async def test_a_wrong_type_does_not_fit(shelf, validators):
    async with shelf() as s:
        answer = await s.told("/wiki/api/v2/pages")
        answer["results"][0]["version"]["number"] = "4"
        with pytest.raises(jsonschema.ValidationError):
            validators("v2", "/pages", answer)
