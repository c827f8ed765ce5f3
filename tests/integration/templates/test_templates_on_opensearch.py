"""The templates on a real node: accepted, composed, and wide enough for a sample of every action."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from atlaslens_forwarder.normalise.actions.table import WORDINGS
from tests.unit.normalise.rows import confluence_event, document, golden_cases, golden_row, jira_event
from tests.unit.normalise.templates import FOLDER, load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEMPLATES = sorted(path.stem for path in (FOLDER / "index").glob("*.json"))
LONG = "ß" * 40_000


@pytest.fixture(scope="module")
async def store(opensearch_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the node, on which the templates stand under names and patterns of this test only."""
    async with httpx.AsyncClient(base_url=opensearch_url, timeout=60) as client:
        for path in (FOLDER / "component").glob("*.json"):
            (
                await client.put(
                    f"/_component_template/sample-{path.stem}", json=load("component", path.stem)
                )
            ).raise_for_status()
        for name in TEMPLATES:
            body = load("index", name)
            body["index_patterns"] = [f"sample-{pattern}" for pattern in body["index_patterns"]]
            body["composed_of"] = [f"sample-{part}" for part in body["composed_of"]]
            aliases = body["template"].get("aliases", {})
            body["template"]["aliases"] = {f"sample-{alias}": settings for alias, settings in aliases.items()}
            (await client.put(f"/_index_template/sample-{name}", json=body)).raise_for_status()
        yield client
        for name in TEMPLATES:
            await client.delete(f"/sample-{name}-2026.01")
            await client.delete(f"/_index_template/sample-{name}")
        for path in (FOLDER / "component").glob("*.json"):
            await client.delete(f"/_component_template/sample-{path.stem}")


async def create_index(store: httpx.AsyncClient, name: str) -> str:
    index = f"sample-{name}-2026.01"
    answer = await store.put(f"/{index}")
    assert answer.status_code == 200 or "resource_already_exists" in answer.text, answer.text
    return index


async def bulk_create(store: httpx.AsyncClient, index: str, documents: list[dict]) -> None:
    lines = []
    for number, doc in enumerate(documents):
        lines += [json.dumps({"create": {"_index": index, "_id": f"n{number}"}}), json.dumps(doc)]
    answer = await store.post(
        "/_bulk?refresh=true",
        content="\n".join(lines) + "\n",
        headers={"content-type": "application/x-ndjson"},
    )
    refused = [item["create"]["error"] for item in answer.json()["items"] if "error" in item["create"]]
    assert refused == []


@pytest.mark.parametrize("name", TEMPLATES)
async def test_an_index_of_each_template_is_created_with_its_own_settings(store, name):
    index = await create_index(store, name)
    body = (await store.get(f"/{index}")).json()[index]
    append_only = body["settings"]["index"].get("append_only", {}).get("enabled") == "true"
    assert append_only is ("atlaslens-settings-append-only" in load("index", name)["composed_of"])
    assert body["mappings"]["dynamic"] == "strict"


async def test_the_audit_index_takes_a_sample_of_every_action(store):
    index = await create_index(store, "atlaslens-audit")
    samples = [case["document"] for name in ("jira", "jsm", "confluence") for case in golden_cases(name)]
    jira = golden_row("jira", "people are added to and taken from a project role")
    confluence = golden_row("confluence", "a user gets a permission in a space")
    for product, wordings in WORDINGS.items():
        row, make = (confluence, confluence_event) if product == "confluence" else (jira, jira_event)
        samples += [document(make(row | {"summary": wording.summaries[0]})) for wording in wordings]
    await bulk_create(store, index, samples)
    found = await store.get(f"/{index}/_count", params={"q": "event.action:user_added_to_group"})
    assert found.json()["count"] >= 2


async def test_values_of_any_length_are_stored(store):
    index = await create_index(store, "atlaslens-activity")
    row = golden_row("jira", "people are added to and taken from a project role")
    row |= {"summary": LONG, "category": LONG, "description": LONG, "authorKey": LONG, "remoteAddress": LONG}
    row["objectItem"] |= {"name": LONG, "id": LONG}
    row["changedValues"] = [{"fieldName": LONG, "changedFrom": LONG, "changedTo": LONG}]
    await bulk_create(store, index, [document(jira_event(row, LONG))])


async def test_a_field_that_is_not_mapped_is_refused(store):
    index = await create_index(store, "atlaslens-audit")
    doc = golden_cases("jira")[0]["document"]
    for stray in (doc | {"stray": 1}, doc | {"atlassian": doc["atlassian"] | {"stray": 1}}):
        answer = await store.put(f"/{index}/_create/stray", json=stray)
        assert answer.status_code == 400
        assert "strict_dynamic_mapping_exception" in answer.text


async def test_names_are_found_without_regard_to_case(store):
    index = await create_index(store, "atlaslens-activity-undated")
    await bulk_create(store, index, [golden_cases("jira")[0]["document"]])
    query = {"query": {"term": {"group.name.folded": "JIRA-Admins"}}}
    assert (await store.post(f"/{index}/_search", json=query)).json()["hits"]["total"]["value"] == 1


async def test_the_two_activity_patterns_do_not_clash(store):
    answer = await store.post("/_index_template/_simulate_index/sample-atlaslens-activity-undated-2026.02")
    assert answer.status_code == 200
    assert "sample-atlaslens-events" in answer.json()["template"]["aliases"]


@pytest.mark.parametrize("name", ["atlaslens-windows", "atlaslens-quarantine", "atlaslens-state"])
async def test_a_document_with_every_mapped_field_fits(store, name):
    index = await create_index(store, name)
    await bulk_create(store, index, [filled(load("index", name)["template"]["mappings"])])


def filled(mapping: dict) -> object:
    """A value of the mapping's type; for an object one of each of its fields."""
    if "properties" in mapping:
        return {name: filled(child) for name, child in mapping["properties"].items()}
    return {
        "date": "2026-01-01T00:00:00.000Z",
        "long": 2**53 - 1,
        "integer": 1,
        "boolean": True,
        "object": {"any": [{"thing": 1}]},
        "flat_object": {"any": 1},
    }.get(mapping["type"], LONG)
