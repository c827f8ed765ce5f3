"""Seals on a real OpenSearch: made, kept outside, and held against a store that somebody tampered with."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr

from atlaslens_forwarder.errors import ConfigError, EvidenceError
from atlaslens_forwarder.model.time import HOUR_MS
from atlaslens_forwarder.seals.chain import seal_id
from atlaslens_forwarder.service.seals.opening import open_sealer, seal_verifier
from atlaslens_forwarder.service.seals.watch import SealWatch
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.settings import EvidenceSettings
from atlaslens_forwarder.storage.months import APPEND_ONLY
from atlaslens_forwarder.storage.names import Family, family_of
from atlaslens_forwarder.storage.seal_store import SealStore, current_head
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from tests.integration.rig import Clock, Rigs
from tests.integration.seals.authority import make_authority, serve_authority

SEALED = "atlaslens-audit-*,atlaslens-activity-*,atlaslens-windows-*,atlaslens-quarantine-*,atlaslens-custody"
WAIT = {"wait_for_active_shards": "1"}


@pytest.fixture(scope="module")
async def synced(clean_store, opensearch_url, keys_folder):
    """A synced site, which the tests use up one after the other: those that tamper with events come last."""
    async with AsyncExitStack() as stack:
        rigs = Rigs(stack, clean_store, opensearch_url, keys_folder)
        rig = await rigs.open("sealed", clock=Clock(), size=120, span_days=60, poisoned_rows=2)
        await rig.sync()
        async with rig.forwarder() as forwarder:
            await forwarder.store.custody.record("tried", body={})
        yield rig


@pytest.fixture
async def rig(synced):
    """The site, without a seal yet."""
    await synced.client.indices.delete(index="atlaslens-seals")
    await synced.client.indices.create(index="atlaslens-seals")
    return synced


@pytest.fixture
def sealing(rig, tmp_path):
    """Opens the sealer and the verifier of the site, and their metrics, with a data folder of the test's."""

    @asynccontextmanager
    async def opened(*, data_dir=tmp_path / "data", signing_key_file=tmp_path / "signing.json", **evidence):
        changes = {
            "evidence": EvidenceSettings(signing_key_file=signing_key_file, **evidence),
            "data_dir": data_dir,
            "key_file": rig.settings.keyring_path,
        }
        settings = rig.settings.model_copy(update=changes)
        telemetry = Telemetry(Metrics())
        async with (
            open_store(settings, rig.clock) as store,
            open_sealer(settings, store, telemetry, rig.clock) as sealer,
        ):
            yield sealer, seal_verifier(settings, store, rig.clock), telemetry.metrics

    return opened


async def replace_by_clone(client, name, tamper):
    """What an admin can do to an append-only index: clone it without the setting, edit, clone it back."""
    await client.indices.put_settings(index=name, body={"index.blocks.write": True})
    loose = {"settings": {APPEND_ONLY: False, "index.blocks.write": None}}
    await client.indices.clone(index=name, target="loose", body=loose, params=WAIT)
    await tamper("loose")
    await client.indices.put_settings(index="loose", body={"index.blocks.write": True})
    await client.indices.delete(index=name)
    back = {"settings": {APPEND_ONLY: True, "index.blocks.write": None}}
    await client.indices.clone(index="loose", target=name, body=back, params=WAIT)
    await client.indices.delete(index="loose")


async def replace_by_reindex(client, name, query):
    """Build an index anew, on two shards, of those of its documents that match."""
    here = {"source": {"index": name, "query": query}, "dest": {"index": "loose", "op_type": "create"}}
    there = {"source": {"index": "loose"}, "dest": {"index": name, "op_type": "create"}}
    await client.indices.create(index="loose", body={"mappings": {"dynamic": False}})
    await client.reindex(body=here, params={"refresh": "true"})
    await client.indices.delete(index=name)
    await client.indices.create(index=name, body={"settings": {"number_of_shards": 2}})
    await client.reindex(body=there, params={"refresh": "true"})
    await client.indices.delete(index="loose")


async def some(client, pattern, count=1):
    """The first documents of the indices."""
    answer = await client.search(index=pattern, body={"size": count, "sort": [{"_seq_no": "asc"}]})
    return answer["hits"]["hits"]


def told(verdict):
    return {(one.kind.value, one.index, one.id) for one in verdict.findings}


def rebuilt(verdict):
    return [detail.partition(" ")[0] for notice, detail in verdict.notices if notice == "index-rebuilt"]


def chain_told(verdict):
    return {(one.kind.value, one.seal) for one in verdict.findings}


async def test_a_forged_seal_stops_sealing_until_it_is_cleared_up(rig, sealing):
    client = rig.client
    async with sealing() as (sealer, verifier, _):
        await sealer.make()

        async def forge(index):
            body = (await client.get(index=index, id=seal_id(1)))["_source"]
            body["seal"]["body"] = body["seal"]["body"].replace('"missed":0', '"missed":1')
            await client.index(index=index, id=seal_id(1), body=body, params={"refresh": "true"})

        await replace_by_clone(client, "atlaslens-seals", forge)
        with pytest.raises(EvidenceError, match="not signed by a key"):
            await sealer.make()
        assert chain_told(await verifier.verify()) == {("seal-forged", 1)}


async def test_two_forwarders_seal_one_chain_and_a_store_that_is_rolled_back_is_told(rig, sealing, tmp_path):
    client = rig.client
    async with (
        sealing() as (one, verifier, _),
        sealing(data_dir=tmp_path / "other") as (two, _, _),
    ):
        await one.make()
        await asyncio.gather(one.make(), two.make())
        rig.clock.forward(hours=3)
        again_ms = await asyncio.gather(one.make_if_due(), two.make_if_due())
        assert again_ms == [rig.clock() + HOUR_MS] * 2
        assert (await current_head(client)).number == 4
        watch = SealWatch(one, 3600, rig.clock)
        await watch.tick()
        assert (await current_head(client)).number == 4
        rig.clock.forward(hours=2)
        await watch.tick()
        fifth = await SealStore(client).last()
        assert fifth.id == seal_id(5)
        verdict = await verifier.verify()
        assert verdict.ok, verdict.findings
        assert [notice.value for notice, _ in verdict.notices] == ["seals-missed", "seals-missed"]

        async def lose(index):
            for number in (4, 5):
                await client.delete(index=index, id=seal_id(number), params={"refresh": "true"})

        await replace_by_clone(client, "atlaslens-seals", lose)
        assert chain_told(await verifier.verify()) == {("rolled-back", 3)}
        sixth = await one.make()
        assert (sixth.seal.number, sixth.seal.rolled_back_to) == (6, 3)
        found = await verifier.verify()
        assert chain_told(found) == {("seal-missing", 4), ("seal-missing", 5)}

    async with sealing(signing_key_file=tmp_path / "lost.json") as (sealer, _, _):
        with pytest.raises(ConfigError, match="signing key file"):
            await sealer.make()


@pytest.fixture
def receiver():
    """A webhook that refuses the first call; its address, and what it was sent."""
    calls = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            calls.append((self.headers, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(503 if len(calls) == 1 else 204)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/heads", calls
    server.shutdown()
    server.server_close()
    thread.join()


async def test_witnesses_are_told_each_head_and_stamps_are_verified(sealing, tmp_path, receiver):
    url, calls = receiver
    root = make_authority(tmp_path)
    heads = tmp_path / "heads.jsonl"
    with serve_authority(tmp_path) as authority:
        async with sealing(
            seal_file=heads,
            seal_webhook_url=SecretStr(url),
            seal_webhook_secret=SecretStr("shared"),
            timestamp_url=authority,
            timestamp_ca_file=root,
        ) as (sealer, verifier, metrics):
            first = await sealer.make()
            assert metrics.value("atlaslens_seal_failures_total", part="webhook") == 1
            second = await sealer.make()
            assert metrics.value("atlaslens_seal_failures_total", part="webhook") == 1
            assert metrics.value("atlaslens_seal_failures_total", part="timestamp") == 0
            assert [each.number for each in second.seal.stamps] == [1]
            lines = heads.read_text().splitlines()
            assert [json.loads(line)["hash"] for line in lines] == [first.hash, second.hash]
            assert calls[1][1]["seal"]["hash"] == second.hash
            assert calls[1][0]["Atlaslens-Signature"].startswith("v1=")
            verdict = await verifier.verify()
            assert verdict.ok, verdict.findings
            assert verdict.counts["stamps"] == 3

            stamp = tmp_path / "data" / "seals" / f"{seal_id(2)}.tsr"
            stamp.write_bytes((tmp_path / "data" / "seals" / f"{seal_id(1)}.tsr").read_bytes())
            heads.write_text(heads.read_text().replace(first.hash, "0" * 64))
            assert chain_told(await verifier.verify()) == {("stamp-invalid", 2), ("head-differs", 1)}


async def test_an_index_built_anew_is_compared_by_id_and_read_on_all_its_shards(rig, sealing):
    client = rig.client
    async with sealing() as (sealer, verifier, _):
        await sealer.make()
        month = (await some(client, "atlaslens-audit-*"))[0]["_index"]
        await replace_by_reindex(client, month, {"match_all": {}})
        verdict = await verifier.verify()
        assert verdict.ok, verdict.findings
        assert rebuilt(verdict) == [month]

        gone = (await some(client, month))[0]
        await replace_by_reindex(client, month, {"bool": {"must_not": {"ids": {"values": [gone["_id"]]}}}})
        second = await sealer.make()
        assert {each.shard for each in second.seal.ranges if each.index == month} == {0, 1}
        assert second.seal.documents == (await client.count(index=month))["count"]
        assert told(await verifier.verify()) == {("removed", month, gone["_id"])}

        await client.indices.delete(index=month)
        assert ("index-missing", month, None) in told(await verifier.verify())


async def test_what_is_changed_removed_and_added_behind_our_back_is_named(rig, sealing, tmp_path):
    client = rig.client
    async with sealing() as (sealer, verifier, metrics):
        first = await sealer.make()
        counted = (await client.count(index=SEALED))["count"]
        assert (first.seal.number, first.seal.documents, first.seal.strangers) == (1, counted, 0)
        assert counted > 100
        families = {family_of(each.index) for each in first.seal.ranges}
        assert families == {Family.AUDIT, Family.WINDOWS, Family.QUARANTINE, Family.CUSTODY}
        assert not any(each.name == "atlaslens-seals" for each in first.seal.indices)
        verdict = await verifier.verify()
        assert verdict.ok, verdict.findings
        assert verdict.counts["documents"] == counted
        assert metrics.value("atlaslens_seal_number") == 1

        month = (await some(client, "atlaslens-audit-*"))[0]["_index"]
        changed, removed = await some(client, month, 2)
        (window,) = await some(client, "atlaslens-windows-*")

        async def edit(index):
            doc = {"message": "nothing happened here"}
            await client.update(index=index, id=changed["_id"], body={"doc": doc}, params={"refresh": "true"})
            await client.delete(index=index, id=removed["_id"], params={"refresh": "true"})

        await replace_by_clone(client, month, edit)
        await client.create(index=window["_index"], id="copied", body=window["_source"])
        expected = {
            ("changed", month, changed["_id"]),
            ("removed", month, removed["_id"]),
            ("added", window["_index"], "copied"),
        }
        verdict = await verifier.verify()
        assert told(verdict) == expected
        assert rebuilt(verdict) == [month]

        rig.clock.forward(hours=5)
        second = await sealer.make()
        assert second.seal.missed == 4
        assert [each.name for each in second.seal.rebuilt] == [month]
        assert second.seal.strangers == 2
        assert told(await verifier.verify()) == expected
        kept = json.loads((tmp_path / "data" / "seals" / "head.json").read_text())
        assert kept["hash"] == second.hash
        assert await current_head(client) == second.head
