"""``setup --dashboards-url`` from outside: the installed program and a real store.

The server at that address answers as OpenSearch Dashboards does, see its docstring.
"""

from __future__ import annotations

import json

from tests.unit.provision.dashboards.server import FakeDashboards, serve

PATTERN = ("index-pattern", "atlaslens-events")
ACCOUNT = ("keeper", "dashboards-s3cret")


async def test_views_are_imported_once_and_drift_is_noticed(program, open_site):
    fake = FakeDashboards()
    async with open_site("views") as (rig, env_file), serve(fake) as url:
        await program("sync", "--env-file", env_file)
        ask = ("setup", "--env-file", env_file, "--dashboards-url", url)

        unset = await program(*ask, "--check", "--json")
        first = await program(*ask)
        again = await program(*ask, "--json")
        fake.objects["dashboard", "atlaslens-overview"]["attributes"]["title"] = "Mine"
        drifted = await program(*ask, "--check")

    assert unset.code == 1
    assert {item["action"] for item in unset.json["dashboards"]["items"]} == {"create"}
    assert first.code == 0
    assert "create       dashboard atlaslens-overview, AtlasLens Overview" in first.out
    assert (again.code, again.json["drift"]) == (0, False)
    assert len(fake.imports) == 1
    assert drifted.code == 1
    assert "update       dashboard atlaslens-overview" in drifted.out
    assert "attributes.title" in drifted.out
    assert rig.site == "views"


async def test_people_are_shown_by_the_names_in_the_store(program, open_site, opensearch):
    fake = FakeDashboards()
    async with open_site("named") as (rig, env_file), serve(fake) as url:
        await program("sync", "--env-file", env_file)
        ended = await program("setup", "--env-file", env_file, "--dashboards-url", url)

    assert ended.code == 0
    found = await rig.client.search(
        index="atlaslens-people", body={"size": 1, "query": {"exists": {"field": "person.full_name"}}}
    )
    formats = json.loads(fake.objects[PATTERN]["attributes"]["fieldFormatMap"])
    if not found["hits"]["hits"]:  # a site that was read for its audit logs alone has no names
        assert "user.id" not in formats
        return
    person = found["hits"]["hits"][0]["_source"]["person"]
    shown = {entry["key"]: entry["value"] for entry in formats["user.id"]["params"]["lookupEntries"]}
    assert shown[person["id"]] == person["full_name"]


async def test_account_tenant_and_address_come_from_the_settings(program, open_site):
    fake = FakeDashboards()
    fake.account, fake.tenants = ACCOUNT, {"audit": True}
    program.secrets.add(ACCOUNT[1])
    async with open_site("tenant") as (_, env_file), serve(fake) as url:
        env = {
            "ATLASLENS_DASHBOARDS__URL": url,
            "ATLASLENS_DASHBOARDS__TENANT": "audit",
            "ATLASLENS_DASHBOARDS__USERNAME": ACCOUNT[0],
            "ATLASLENS_DASHBOARDS__PASSWORD": ACCOUNT[1],
        }
        good = await program("setup", "--env-file", env_file, env=env)
        missing = await program("setup", "--env-file", env_file, "--dashboards-tenant", "audits", env=env)
        refused = await program(
            "setup", "--env-file", env_file, env=env | {"ATLASLENS_DASHBOARDS__PASSWORD": "x"}
        )

    assert good.code == 0
    assert fake.asked_tenants == {"audit", "audits"}
    assert missing.code == 2
    assert "no tenant audits" in missing.error
    assert refused.code == 3
    assert "does not let this account" in refused.error


async def test_what_fails_is_told_with_exit_3_or_2(program, open_site):
    fake = FakeDashboards()
    fake.refuse_types = {"search"}
    async with open_site("failing-views") as (_, env_file), serve(fake) as url:
        setup = ("setup", "--env-file", env_file)
        partly = await program(*setup, "--dashboards-url", url)
        nobody = await program(*setup, "--dashboards-url", "http://127.0.0.1:9")
        without = await program(*setup, "--dashboards-workspace", "security")

    assert partly.code == 3
    assert "error        search atlaslens-search-permission-changes" in partly.out
    assert nobody.code == 3
    assert "does not answer" in nobody.error
    assert without.code == 2
