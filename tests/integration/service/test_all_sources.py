"""Every source of a site together, through every fault: nothing twice, nobody's address, one person."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from atlaslens_forwarder.model.connector import PEOPLE
from atlaslens_forwarder.simulator import FaultPlan
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.sources.source import Service
from tests.integration.rig import bitbucket_settings

ADDRESS = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
NAMES = (*(name for name, spec in SOURCES.items() if spec.service is not Service.ORGANISATION), PEOPLE)
PLAN = replace(
    FaultPlan.everything(),
    bucket_size=100_000,
    bitbucket_requests_per_h=100_000,
    arriving_rows=0,
    arriving_late_rows=0,
    arriving_changes=0,
    throttle=0.01,
    throttle_zero=0.01,
    throttle_html=0.01,
    unavailable=0.01,
    failures_in_a_row=1,
)


@pytest.fixture
async def rig(rigs):
    """A site with everything, read once."""
    return await rigs.open(
        "whole",
        size=200,
        issues=12,
        pages=12,
        repositories=4,
        plan=PLAN,
        site_changes=lambda simulator: {
            "sources": NAMES,
            "bitbucket": bitbucket_settings(simulator, "whole", "whole-labs"),
        },
    )


async def everything_stored(client):
    """Every document of every index, as text."""
    await client.indices.refresh(index="atlaslens-*")
    answer = await client.search(
        index="atlaslens-*", body={"size": 10_000}, params={"expand_wildcards": "all"}
    )
    assert answer["hits"]["total"]["value"] < 10_000
    return [(hit["_index"], json.dumps(hit["_source"], ensure_ascii=False)) for hit in answer["hits"]["hits"]]


async def test_a_full_sync_of_every_source_keeps_every_address_out_of_the_store(rig):
    first = await rig.sync()
    assert {name: report.status.value for name, report in first.items() if not report.status.read} == {}
    assert sum(report.tally.conflict for report in first.values()) == 0
    for source in NAMES:
        if SOURCES.get(source) is None or SOURCES[source].has_history:
            assert rig.report(first, source).tally.rows > 0, source

    stored = await everything_stored(rig.client)
    leaks = [(index, found) for index, text in stored for found in ADDRESS.findall(text)]
    known = {each.email for each in rig.simulator.site.world.people.everyone() if each.email}
    assert leaks == []
    assert not [index for index, text in stored for address in known if address in text]

    rig.clock.forward(minutes=2)
    second = await rig.sync()
    assert {name: report.tally.stored for name, report in second.items() if report.tally.stored} == {}
    assert sum(report.tally.conflict for report in second.values()) == 0


async def test_one_person_is_found_in_all_products(rig):
    await rig.sync()
    rig.clock.forward(hours=2)
    await rig.sync()
    docs = await rig.docs("audit") + await rig.docs("activity")
    by_person: dict[str, set[str]] = {}
    for doc in docs:
        person = doc.get("user", {}).get("id")
        if person:
            by_person.setdefault(person, set()).add(doc["atlassian"]["product"])

    assert any(products >= {"jira", "confluence", "bitbucket"} for products in by_person.values())
    known = {person.account_id for person in rig.simulator.site.world.people.everyone()}
    assert {person for person in by_person if not person.startswith("ug:")} <= known
