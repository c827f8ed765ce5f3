"""Exports from a real node: every event of the filter, in order, or an error and no file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlaslens_forwarder.errors import ConfigError, StoreError, UnreachableError
from atlaslens_forwarder.evidence.export import Statements, export
from atlaslens_forwarder.evidence.filters import make_filter
from atlaslens_forwarder.evidence.layout import ReportFormat
from atlaslens_forwarder.evidence.reader import frozen_view, stream_events
from atlaslens_forwarder.evidence.redact import RedactionOrder, redact
from atlaslens_forwarder.evidence.store_check import compare_with_store
from atlaslens_forwarder.evidence.verify import verify
from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from tests.unit.evidence.made_exports import signing_keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from opensearchpy import AsyncOpenSearch

COMPONENTS = Path(__file__).parents[3] / "index_templates" / "component"
ALIAS = "evidence-events"
MONTHS = ("evidence-audit-2026.01", "evidence-audit-2026.02")
JANUARY_MS = parse_iso_ms("2026-01-01T00:00:00Z")
HALF_DAY_MS = 12 * 3_600_000
CREATED_MS = parse_iso_ms("2026-03-01T00:00:00Z")


def component(name: str) -> dict[str, Any]:
    return json.loads((COMPONENTS / f"atlaslens-{name}.json").read_bytes())["template"]


def index_body(settings: str) -> dict[str, Any]:
    properties = component("ecs")["mappings"]["properties"] | component("atlassian")["mappings"]["properties"]
    return {
        "settings": component(settings)["settings"],
        "mappings": {"dynamic": "strict", "properties": properties},
    }


def event(number: int) -> dict[str, Any]:
    """Thirty events share each millisecond; ids do not follow the order of arrival."""
    return {
        "@timestamp": iso_ms(JANUARY_MS + number // 30 * HALF_DAY_MS),
        "event": {
            "id": f"jira:audit:c:{number * 7919 % 3000}",
            "action": f"action_{number % 3}",
            "category": ["iam"],
        },
        "user": {"id": f"557058:{number % 10}", "full_name": f"Zoë {number % 10}"},
        "atlassian": {
            "pipeline": "activity" if number % 50 == 0 else "audit",
            "product": "jira" if number % 2 else "confluence",
            "permission_change": number % 4 == 0,
            "object": {"key": f"PAY-{number}", "container": "PAY" if number % 6 == 0 else "SHOP"},
        },
        "source": {"ip": f"192.0.2.{number % 7}"},
        "message": f"=event {number}\n",
    }


EVENTS = [event(number) for number in range(3000)]
"""From 1 January to 19 February 2026: two month indices."""


def order(one: dict[str, Any]) -> tuple[int, str]:
    return parse_iso_ms(one["@timestamp"]), one["event"]["id"]


@pytest.fixture(scope="module")
async def client(opensearch_url: str) -> AsyncIterator[AsyncOpenSearch]:
    client = open_client(OpenSearchConfig(opensearch_url))
    body = {**index_body("settings-append-only"), "aliases": {ALIAS: {}}}
    for name in MONTHS:
        await client.indices.create(index=name, body=body)
    lines: list[Any] = []
    for number, doc in enumerate(EVENTS):
        month = doc["@timestamp"][:7].replace("-", ".")
        lines += [{"create": {"_index": f"evidence-audit-{month}", "_id": str(number)}}, doc]
    answer = await client.bulk(body="\n".join(map(json.dumps, lines)) + "\n")
    assert not answer["errors"]
    yield client
    await client.indices.delete(index=",".join(MONTHS))
    await client.close()


KEYS = signing_keys()
PIN = [KEYS.current.id]


async def run(client: AsyncOpenSearch, path: Path, formats: Sequence[str] = (), **options: Any):
    wanted = {"view": "security", "from_text": "2026-01-01", "to_text": "2026-12-31"}
    wanted |= {key: options.pop(key) for key in list(options) if key not in {"index", "force"}}
    return await export(
        client,
        make_filter(**wanted),
        [ReportFormat(form) for form in formats],
        path,
        keys=KEYS,
        clock=lambda: CREATED_MS,
        statements=Statements("1.2.3", "auditor on host", {"verdict": "holes"}, [{"source": "jira"}]),
        **({"index": ALIAS} | options),
    )


def exported(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (path / "events.jsonl").read_bytes().splitlines()]


async def test_every_audit_event_is_exported_once_in_order_and_verifies(client, tmp_path):
    result = await run(client, tmp_path / "all")
    wanted = sorted((one for one in EVENTS if one["atlassian"]["pipeline"] == "audit"), key=order)
    assert exported(tmp_path / "all") == wanted
    assert result.count == len(wanted) == 2940
    assert result.append_only
    assert verify(tmp_path / "all", pins=PIN).ok
    content = (tmp_path / "all" / "events.jsonl").read_bytes()
    assert hashlib.sha256(content).hexdigest() == result.claims.events_sha256


async def test_reports_of_a_zip_are_what_its_events_make(client, tmp_path):
    await run(client, tmp_path / "all.zip", ("csv", "jsonl"))
    report = verify(tmp_path / "all.zip", pins=PIN)
    assert {check.name for check in report.not_checked} == {"origin", "seal", "store", "statements"}
    assert not report.failed


@pytest.mark.parametrize(
    ("options", "holds"),
    [
        ({"view": "permissions"}, lambda one: one["atlassian"]["permission_change"]),
        ({"to_text": "2026-01-31"}, lambda one: one["@timestamp"] < "2026-02"),
        ({"from_text": "2026-01-05T12:00:00Z"}, lambda one: one["@timestamp"] >= "2026-01-05T12"),
        ({"to_text": "2026-01-05T12:00:00Z"}, lambda one: one["@timestamp"] < "2026-01-05T12"),
        ({"users": ["Zoë 3", "557058:4"]}, lambda one: one["user"]["id"][-1] in "34"),
        ({"permission_changes": True}, lambda one: one["atlassian"]["permission_change"]),
        ({"objects": ["PAY"]}, lambda one: one["atlassian"]["object"]["container"] == "PAY"),
        ({"ips": ["192.0.2.3"]}, lambda one: one["source"]["ip"] == "192.0.2.3"),
        ({"products": ["jira"]}, lambda one: one["atlassian"]["product"] == "jira"),
        (
            {"actions": ["action_1", "action_2"], "users": ["557058:1"], "products": ["jira"]},
            lambda one: (
                one["event"]["action"] != "action_0"
                and one["user"]["id"] == "557058:1"
                and one["atlassian"]["product"] == "jira"
            ),
        ),
    ],
)
async def test_a_filter_gives_exactly_its_events(client, tmp_path, options, holds):
    result = await run(client, tmp_path / "some", **options)
    wanted = sorted(
        (one for one in EVENTS if one["atlassian"]["pipeline"] == "audit" and holds(one)), key=order
    )
    assert exported(tmp_path / "some") == wanted
    assert result.count > 0
    assert verify(tmp_path / "some").ok


async def test_nothing_found_is_a_valid_export_of_zero(client, tmp_path):
    result = await run(client, tmp_path / "none", ["csv", "jsonl"], users=["nobody"])
    assert result.count == 0
    assert verify(tmp_path / "none").ok


async def test_the_manifest_tells_store_filter_and_statements(client, tmp_path):
    await run(client, tmp_path / "all", to_text="2026-03-31")
    manifest = json.loads((tmp_path / "all" / "manifest.json").read_bytes())
    indices = manifest["store"]["indices"]
    assert [(one["name"], one["append_only"]) for one in indices] == [(name, True) for name in MONTHS]
    assert sum(one["docs"] for one in indices) == len(EVENTS)
    assert all(one["uuid"] for one in indices)
    assert manifest["store"]["cluster_uuid"]
    assert manifest["filter"]["to"] == "2026-04-01T00:00:00.000Z"
    assert (manifest["coverage"], manifest["gaps"]) == ({"verdict": "holes"}, [{"source": "jira"}])
    assert manifest["created"] == iso_ms(CREATED_MS)


@pytest.mark.parametrize("page_events", [1, 7, 30])
async def test_page_borders_inside_a_millisecond_lose_and_double_nothing(client, page_events):
    query = make_filter(view="security", from_text="2026-01-03", to_text="2026-01-03").to_query()
    got: list[dict[str, Any]] = []
    async with frozen_view(client, ALIAS) as view:
        async for page in stream_events(client, view, query, page_events=page_events):
            assert len(page) <= page_events
            got += page
    assert [canonical_bytes(one) for one in got] == [
        canonical_bytes(one)
        for one in sorted(EVENTS, key=order)
        if one["@timestamp"].startswith("2026-01-03") and one["atlassian"]["pipeline"] == "audit"
    ]


async def test_documents_that_claim_one_id_are_all_exported(client, tmp_path):
    index = "evidence-audit-twins"
    await client.indices.create(index=index, body=index_body("settings-mutable"))
    try:
        for number in range(5):
            await client.index(index=index, id=str(number), body=EVENTS[1], params={"refresh": "true"})
        query = {"match_all": {}}
        async with frozen_view(client, index) as view:
            pages = [page async for page in stream_events(client, view, query, page_events=2)]
        assert sum(map(len, pages)) == 5
    finally:
        await client.indices.delete(index=index)


async def test_an_index_that_is_not_append_only_is_stated(client, tmp_path):
    index = "evidence-audit-mutable"
    await client.indices.create(index=index, body=index_body("settings-mutable"))
    try:
        result = await run(client, tmp_path / "q1", index=index)
    finally:
        await client.indices.delete(index=index)
    assert not result.append_only
    assert "NOT append-only" in verify(tmp_path / "q1").checks[-1].detail


async def test_no_view_stays_open_whether_the_export_ends_or_fails(client, tmp_path):
    await run(client, tmp_path / "q1")
    async with frozen_view(client, ALIAS) as view:
        with pytest.raises(StoreError):
            [page async for page in stream_events(client, view, {"no_such_query": {}})]
    assert not (await client.get_all_pits())["pits"]


async def test_a_store_without_the_alias_says_to_set_it_up(client, tmp_path):
    with pytest.raises(StoreError) as caught:
        await run(client, tmp_path / "q1", index="evidence-missing")
    assert "setup" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


async def test_an_existing_file_is_refused_before_the_store_is_asked(client, tmp_path):
    (tmp_path / "q1").write_text("mine")
    with pytest.raises(ConfigError, match="exists"):
        await run(client, tmp_path / "q1", index="evidence-missing")
    assert (tmp_path / "q1").read_text() == "mine"


async def test_a_store_that_is_gone_is_unreachable_and_leaves_no_file(tmp_path):
    nobody = open_client(OpenSearchConfig("http://127.0.0.1:9"))
    try:
        with pytest.raises(UnreachableError):
            await run(nobody, tmp_path / "q1")
    finally:
        await nobody.close()
    assert list(tmp_path.iterdir()) == []


async def test_the_store_is_compared_and_what_changed_behind_our_back_is_named(client, tmp_path):
    """An admin clones an append-only index with the protection off, changes it, and puts it in its place."""
    index, alias = "evidence-audit-behind", "evidence-behind"
    await client.indices.create(index=index, body=index_body("settings-mutable"))
    made = [event(number) | {"message": "plain"} for number in range(60) if number % 50]
    for number, doc in enumerate(made):
        await client.index(index=index, id=str(number), body=doc)
    await client.indices.put_alias(index=index, name=alias)
    rows = sorted(made, key=order)
    place = {number: rows.index(doc) + 1 for number, doc in enumerate(made)}
    bundle = tmp_path / "b.zip"
    await run(client, bundle, index=alias)

    async def told() -> str:
        await client.indices.refresh(index=alias)
        check = await compare_with_store(client, bundle, index=alias)
        assert check.ok is not None
        return f"{check.ok} {check.detail}"

    assert await told() == "True the store holds the same 58 events now, in the same indices"
    await client.update(index=index, id="7", body={"doc": {"user": {"full_name": "Mallory"}}})
    changed = f"row {place[7]} ({made[7]['event']['id']}) differs in the store in user.full_name"
    assert await told() == f"False {changed}"
    await client.index(index=index, id="7", body=made[7])
    await client.delete(index=index, id="8")
    assert await told() == f"False row {place[8]} ({made[8]['event']['id']}) is not in the store"
    await client.index(index=index, id="8", body=made[8])
    await client.index(index=index, id="new", body=made[9] | {"event": {"id": "jira:audit:c:99999"}})
    assert "jira:audit:c:99999, which is not in the bundle" in await told()
    await client.delete(index=index, id="new")

    await client.indices.put_settings(index=index, body={"index.blocks.write": True})
    await client.indices.clone(index=index, target="evidence-audit-copy")
    await client.indices.delete(index=index)
    await client.indices.clone(index="evidence-audit-copy", target=index, body={"aliases": {alias: {}}})
    await client.indices.delete(index="evidence-audit-copy")
    assert "the 58 events are the same, but the index evidence-audit-behind was rebuilt" in await told()

    redacted = RedactionOrder("auditor on host", "privacy", CREATED_MS, "1.2.3", None)
    redact(bundle, tmp_path / "r", lambda number, _: number < 4, redacted, force=False)
    check = await compare_with_store(client, tmp_path / "r", index=alias)
    assert check.ok is None
    assert check.detail.startswith("the 55 rows that are here are in the store; 3 others there are as many")
    await client.indices.delete(index=index)
