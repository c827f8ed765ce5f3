"""No e-mail address of anybody reaches the store."""

from __future__ import annotations

import json
import re

import httpx

from tests.integration.rig import NOW_MS, SOURCES

_BASE64 = re.compile(r'"raw_sealed": "[^"]*"')


async def everything(client):
    """Every document of every index of ours, as text."""
    await client.indices.refresh(index="atlaslens-*")
    for row in await client.cat.indices(index="atlaslens-*", params={"format": "json", "h": "index"}):
        answer = await client.search(index=row["index"], body={"size": 10_000})
        hits = answer["hits"]["hits"]
        assert answer["hits"]["total"]["value"] == len(hits)
        for hit in hits:
            yield row["index"], _BASE64.sub("", json.dumps(hit, ensure_ascii=False)).casefold()


async def test_no_address_of_the_site_is_found_in_any_index(rigs):
    rig = await rigs.open("private", size=900, poisoned_rows=6)
    for source in SOURCES:
        rig.simulator.site.feed(source).add(
            NOW_MS - 600_000,
            NOW_MS,
            override={"description": "ask Jo.Doe+x@Corp.Example, or jo%40corp.example"},
        )
    async with httpx.AsyncClient(base_url=rig.simulator.url) as client:
        people = (await client.get("/_sim/people")).json()
    served = json.dumps([truth.row for source in SOURCES for truth in rig.simulator.truth(source)]).casefold()
    addresses = {person["email"].casefold() for person in people if person["email"]}
    assert sum(address in served for address in addresses) > 3, (
        "the site must show some, or this proves nothing"
    )
    addresses |= {"jo.doe+x@corp.example", "corp.example"}

    await rig.sync()

    families = set()
    async for index, text in everything(rig.client):
        families.add(index[:15])
        found = [address for address in addresses if address in text]
        assert not found, f"{index} holds {found[0]}"
        assert "@example" not in text
    assert {"atlaslens-audit", "atlaslens-quara", "atlaslens-windo", "atlaslens-state"} <= families
