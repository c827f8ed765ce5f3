"""A person is found under all ids, also in what was stored before; whoever is forgotten stays so."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import replace
from functools import partial
from itertools import pairwise

import httpx
import pytest

from atlaslens_forwarder.errors import CheckFailedError, ConfigError
from atlaslens_forwarder.evidence.fields import texts_at
from atlaslens_forwarder.evidence.filters import ExportFilter, View, make_filter, people_query
from atlaslens_forwarder.model.event import Event, Pipeline, RawRow
from atlaslens_forwarder.normalise.actions.vocabulary import UNCLASSIFIED
from atlaslens_forwarder.normalise.activity_document import ActivityFacts, activity_event
from atlaslens_forwarder.normalise.actors import ActorKind
from atlaslens_forwarder.people.update import Sealing
from atlaslens_forwarder.privacy.keyring import Keyring
from atlaslens_forwarder.privacy.origin import origin_of
from atlaslens_forwarder.service.asking import expand
from atlaslens_forwarder.service.forwarder import open_ingest
from atlaslens_forwarder.service.holds import Hold
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.simulator.world.chance import label
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from tests.integration.people.test_sync import lookup, order, people, sync
from tests.integration.rig import NOW_MS
from tests.integration.service.test_privacy import everything

LIKE_AN_ADDRESS = re.compile(r"[\w.+-]@[\w-]+\.\w")
SEALED = re.compile(r'"[a-z_]*sealed": "[^"]*"')
EVERYTHING = {"sources": ("jira-audit", "confluence-audit", "people")}


def store_of(rig):
    """The store as commands open it."""
    return open_store(rig.settings, rig.clock)


def mailed(rig):
    """Somebody of the staff whose address the site shows, and somebody whose it hides."""
    shown, hidden = [], []
    for person in rig.simulator.site.world.people.staff[:21]:
        is_shown = label(person.account_id) % 3 == 0  # as the simulator's Jira decides it
        (shown if is_shown else hidden).append(person)
    return shown[0], hidden[0]


async def commit_by(rig, address, number):
    """Store a commit whose author is known by address only, the way a source does; its event id."""

    def normalise(row, context):
        blind = row.data["raw"].removeprefix("Jo <[email:").removesuffix("]>")
        facts = ActivityFacts(
            event_id=f"bitbucket:commit:{context.cloud_id}:{row.identity}",
            provider="bitbucket",
            kind="commit",
            product="bitbucket",
            action=UNCLASSIFIED,
            actor={},
            actor_kind=ActorKind.UNIDENTIFIED,
            object={"id": row.identity},
            original={"hash": row.identity},
            message="a commit",
            vendor={"author": {"name": "Jo", "email_blind": blind}},
        )
        return activity_event(row.at_ms, context, facts)

    async with rig.forwarder() as forwarder:
        site = forwarder.sites[rig.site]
        connector = next(iter(forwarder.connectors))
        ingest = await open_ingest(
            connector,
            replace(SOURCES["jira-audit"], normalise=normalise, pipeline=Pipeline.ACTIVITY),
            site,
            forwarder.store,
            Telemetry(Metrics()),
            rig.clock,
            10**12,
        )
        row = RawRow({"raw": f"Jo <{address}>"}, f"{number:040x}", rig.clock() - 1000)
        event = ingest.event_of(row)
        assert isinstance(event, Event), event
        assert await ingest.replay(row) == "stored"
        return event


async def found(rig, terms):
    """Ids of the events of people with these terms."""
    await rig.client.indices.refresh(index="atlaslens-*")
    body = {"size": 10_000, "_source": False, "query": people_query(terms)}
    hits = (await rig.client.search(index="atlaslens-events", body=body))["hits"]["hits"]
    return {hit["_id"] for hit in hits}


async def test_a_commit_author_known_by_address_only_is_found_once_the_address_has_an_account(rigs):
    rig = await rigs.open("late", size=60, site_changes=EVERYTHING)
    shown, hidden = mailed(rig)
    early = await commit_by(rig, shown.email.upper(), 1)
    other = await commit_by(rig, hidden.email, 2)
    assert early.doc["atlassian"]["person_blind"] == [early.doc["atlassian"]["author"]["email_blind"]]
    async with store_of(rig) as store:
        users, _ = await expand(store.people, [shown.account_id], [])
        assert early.id not in await found(rig, users)

        await sync(rig)
        users, _ = await expand(store.people, [shown.account_id], [])

        assert early.id in await found(rig, users)
        assert other.id not in await found(rig, users)
        assert await lookup(rig, f"person:{shown.account_id}") == [*users]
        by_address, _ = await expand(store.people, [f" {shown.email.title()} "], [])
        assert by_address == users
        assert not any("@" in term for term in users)
        nobody, _ = await expand(store.people, [hidden.email], [])
        assert other.id in await found(rig, nobody)
        assert not any("@" in term for term in nobody)
    by_filter = ExportFilter(View.SECURITY, 0, rig.clock(), users=users)
    early.doc["atlassian"]["pipeline"] = "audit"  # views of activity are yet to come
    texts = partial(texts_at, early.doc)
    assert by_filter.first_mismatch(early.at_ms, texts) == ""
    assert "user.id" in replace(by_filter, users=("x",)).first_mismatch(early.at_ms, texts)


async def test_groups_are_asked_by_their_members_and_an_empty_one_has_no_events(rigs):
    rig = await rigs.open("teams", size=200, site_changes=EVERYTHING)
    await rig.sync()
    await sync(rig)
    interval = {"view": "security", "from_text": "2020-01-01", "to_text": "2030-01-01"}
    async with store_of(rig) as store:
        _, admins = await expand(store.people, [], ["jira-admins"])
        _, nobody = await expand(store.people, [], ["Änderungsbeirat"])
        with pytest.raises(ConfigError, match="no group"):
            await expand(store.people, [], ["no such group"])
    assert nobody == ()
    some = replace(make_filter(**interval, groups=["jira-admins"]), members=admins)
    none = replace(make_filter(**interval, groups=["Änderungsbeirat"]), members=nobody)
    events = await rig.docs("audit")
    inside = {
        event["event"]["id"]
        for event in events
        if some.first_mismatch(NOW_MS - 1, partial(texts_at, event)) == ""
    }
    assert 0 < len(inside) < len(events)
    for wanted, expected in ((some, inside), (none, set())):
        site = {"term": {"atlassian.site": rig.site}}
        body = {"size": 10_000, "query": {"bool": {"filter": [wanted.to_query(), site]}}}
        hits = (await rig.client.search(index="atlaslens-events", body=body))["hits"]["hits"]
        assert {hit["_source"]["event"]["id"] for hit in hits} == expected
        assert ExportFilter.from_manifest(wanted.to_manifest()) == wanted


async def test_two_people_of_one_name_are_not_mistaken_for_each_other(rigs):
    rig = await rigs.open("namesakes", size=10, site_changes=EVERYTHING)
    one, two = rig.simulator.site.world.people.staff[4:6]
    for person in (one, two):
        await order(rig, "rename", account_id=person.account_id, display_name="Kim Namesake")
    await sync(rig)
    async with store_of(rig) as store:
        stored = await store.people.stored()
        with pytest.raises(ConfigError) as caught:
            store.people.find(stored, "Kim Namesake")
        assert one.account_id in caught.value.message
        assert two.account_id in caught.value.message
        assert store.people.find(stored, one.account_id).accounts == {one.account_id}
        with pytest.raises(ConfigError, match="nobody"):
            store.people.find(stored, "kim namesake")


async def test_a_forgotten_person_does_not_come_back_by_a_sync_nor_by_a_restore(rigs):
    rig = await rigs.open("forgotten", size=60, site_changes=EVERYTHING)
    await rig.sync()
    await sync(rig)
    person, _ = mailed(rig)
    before = (await people(rig))[person.account_id]
    assert {"email_sealed", "data_key_sealed", "full_name", "blind"} <= before.keys()
    doc_id = next(
        hit["_id"]
        for hit in (
            await rig.client.search(
                index="atlaslens-people", body={"query": {"term": {"person.id": person.account_id}}}
            )
        )["hits"]["hits"]
    )
    snapshot = (await rig.client.get(index="atlaslens-people", id=doc_id))["_source"]
    async with store_of(rig) as store:
        stored = await store.people.stored()
        who = store.people.find(stored, person.email)
        held, _ = await store.holds.add(Hold(0, 0, rig.clock(), reason="a case"))
        with pytest.raises(CheckFailedError, match=f"legal hold is in force .{held.number}"):
            await store.people.forget(who, "asked by the person")
        await store.holds.remove(held.number, "closed")
        assert await store.people.reveal(stored, who, "asked by the person") == [person.email]
        number = await store.people.forget(who, "asked by the person")

    gone = {"email_sealed", "data_key_sealed", "key_id", "full_name", "name_sealed", "blind"}
    after = (await people(rig))[person.account_id]
    assert gone.isdisjoint(after)
    assert (after["forgotten"], after["account_id"]) == (True, person.account_id)
    assert set(await lookup(rig, f"person:{person.account_id}")) == set(after["ids"])
    await sync(rig)
    assert gone.isdisjoint((await people(rig))[person.account_id])

    async def restore():
        params = {"refresh": "true"}
        await rig.client.index(index="atlaslens-people", id=doc_id, body=snapshot, params=params)
        assert "email_sealed" in (await people(rig))[person.account_id]

    await restore()
    await sync(rig)
    assert gone.isdisjoint((await people(rig))[person.account_id])
    await restore()
    async with store_of(rig) as store:
        assert await store.people.reapply() == 1
        rows = await store.custody.rows()
    assert gone.isdisjoint((await people(rig))[person.account_id])

    keyring = Keyring.load(rig.settings.keyring_path)
    mine = rows[-3:]
    assert [row["event"]["action"] for row in mine] == [
        "person_revealed",
        "person_forgotten",
        "people_forgotten_again",
    ]
    assert mine[1]["custody"]["number"] == number
    assert [row["custody"]["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(origin_of(row, keyring) is True for row in rows)
    for one, two in pairwise(rows):
        assert two["custody"]["previous_hash"] == one["event"]["hash"]
    assert person.email not in json.dumps(rows)
    kept = rig.settings.forgotten_path
    assert person.account_id in kept.read_text()
    assert person.email not in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


async def test_without_its_key_an_address_is_neither_read_nor_replaced(rigs):
    rig = await rigs.open("keyless", size=10, site_changes=EVERYTHING)
    await sync(rig)
    person, _ = mailed(rig)
    async with store_of(rig) as store:
        stored = await store.people.stored()
        who = store.people.find(stored, person.account_id)
        record = stored.population.records_of(who)[0]
        other = Sealing(Keyring.generate(), names=False)
        with pytest.raises(ConfigError, match="key file"):
            other.emails(record)
        with pytest.raises(ConfigError, match="key file"):
            other.with_secrets(record, "", "new@corp.example")


async def test_no_address_is_in_clear_anywhere_after_a_full_sync(rigs):
    rig = await rigs.open("scanned", size=400, poisoned_rows=4, site_changes=EVERYTHING)
    odd = rig.simulator.site.world.people.staff[7]
    await order(rig, "rename", account_id=odd.account_id, display_name="Odd.Name@corp.example")
    async with httpx.AsyncClient(base_url=rig.simulator.url) as client:
        everyone = (await client.get("/_sim/people")).json()
    addresses = {one["email"].casefold() for one in everyone if one["email"]} | {"odd.name@corp.example"}
    await sync(rig)
    await rig.sync()
    await sync(rig)
    async with store_of(rig) as store:
        stored = await store.people.stored()
        person, _ = mailed(rig)
        await store.people.reveal(stored, store.people.find(stored, person.email), "")

    seen = set()
    async for index, text in everything(rig.client):
        seen.add(index)
        open_text = SEALED.sub("", text)
        assert not [address for address in addresses if address in open_text], index
        assert LIKE_AN_ADDRESS.search(open_text) is None, index
        assert "avatar" not in text or not index.startswith("atlaslens-people")
    assert {"atlaslens-people", "atlaslens-lookup", "atlaslens-custody", "atlaslens-state"} <= seen
