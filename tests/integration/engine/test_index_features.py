"""The embedded node has what the storage design rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

INDEX = "atlaslens-features-2024.02"
FEBRUARY_MS = 1_706_745_600_000


@pytest.fixture(scope="module")
async def store(opensearch_url: str) -> AsyncIterator[httpx.AsyncClient]:
    body = {
        "settings": {
            "number_of_replicas": 0,
            "index.append_only.enabled": True,
            "index.creation_date": FEBRUARY_MS,
            "analysis": {"normalizer": {"lower": {"type": "custom", "filter": ["lowercase"]}}},
        },
        "mappings": {
            "dynamic": "strict",
            "properties": {
                "name": {"type": "keyword", "normalizer": "lower"},
                "path": {"type": "wildcard"},
                "raw": {"type": "flat_object"},
                "message": {"type": "match_only_text"},
                "product": {"type": "constant_keyword", "value": "jira"},
                "address": {"type": "ip"},
                "size": {"type": "long"},
            },
        },
    }
    async with httpx.AsyncClient(base_url=opensearch_url, trust_env=False) as client:
        (await client.put(f"/{INDEX}", json=body)).raise_for_status()
        document = {
            "name": "ALICE",
            "path": "/wiki/spaces/TEAM/pages/7",
            "raw": {"a": {"b": "deep"}},
            "message": "permission granted to group",
            "product": "jira",
            "address": "2001:db8::7",
            "size": 41,
        }
        created = await client.put(f"/{INDEX}/_create/1?refresh=true", json=document)
        assert created.status_code == 201
        yield client
        await client.delete(f"/{INDEX}")


async def hits(store: httpx.AsyncClient, query: dict[str, object]) -> int:
    answer = await store.post(f"/{INDEX}/_search", json={"query": query})
    answer.raise_for_status()
    return int(answer.json()["hits"]["total"]["value"])


async def test_an_append_only_index_refuses_every_change(store: httpx.AsyncClient) -> None:
    again = await store.put(f"/{INDEX}/_create/1", json={"name": "x"})
    overwrite = await store.put(f"/{INDEX}/_doc/1", json={"name": "x"})
    update = await store.post(f"/{INDEX}/_update/1", json={"doc": {"name": "x"}})
    delete = await store.delete(f"/{INDEX}/_doc/1")
    assert again.status_code == 409
    assert [answer.status_code // 100 for answer in (overwrite, update, delete)] == [4, 4, 4]
    assert (await store.get(f"/{INDEX}/_doc/1")).json()["_source"]["name"] == "ALICE"


async def test_the_creation_date_is_the_one_asked_for(store: httpx.AsyncClient) -> None:
    answer = (await store.get(f"/{INDEX}/_settings")).json()
    assert answer[INDEX]["settings"]["index"]["creation_date"] == str(FEBRUARY_MS)


@pytest.mark.parametrize(
    "query",
    [
        {"term": {"name": "alice"}},
        {"wildcard": {"path": "*/TEAM/*"}},
        {"term": {"raw.a.b": "deep"}},
        {"match": {"message": "granted"}},
        {"term": {"product": "jira"}},
        {"term": {"address": "2001:db8::/32"}},
        {"script": {"script": "doc['size'].value + 1 == 42"}},
    ],
    ids=["normalizer", "wildcard", "flat_object", "match_only_text", "constant_keyword", "ip", "painless"],
)
async def test_a_field_type_finds_its_document(store: httpx.AsyncClient, query: dict[str, object]) -> None:
    assert await hits(store, query) == 1


async def test_a_mapping_is_strict(store: httpx.AsyncClient) -> None:
    answer = await store.put(f"/{INDEX}/_create/2", json={"unknown": 1})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "strict_dynamic_mapping_exception"


async def test_only_foreign_indices_appear_by_themselves(store: httpx.AsyncClient) -> None:
    own = await store.put("/atlaslens-audit-1999.01/_doc/1", json={"a": 1})
    foreign = await store.put("/somebody-else/_doc/1", json={"a": 1})
    assert own.status_code == 404
    assert foreign.status_code == 201
    await store.delete("/somebody-else")


async def test_templates_pipelines_and_reindex_are_there(store: httpx.AsyncClient) -> None:
    pipeline = {"processors": [{"set": {"field": "a", "value": 1}}]}
    assert (await store.put("/_ingest/pipeline/feature", json=pipeline)).is_success
    assert (await store.delete("/_ingest/pipeline/feature")).is_success
    search = {"source": '{"query": {"term": {"name": "{{who}}"}}}', "params": {"who": "alice"}}
    assert (await store.post(f"/{INDEX}/_search/template", json=search)).json()["hits"]["total"]["value"] == 1
    copy = {"source": {"index": INDEX}, "dest": {"index": "features-copy"}}
    assert (await store.post("/_reindex?refresh=true", json=copy)).json()["created"] == 1
    await store.delete("/features-copy")
