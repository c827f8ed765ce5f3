"""Importing saved objects: compared first, only what differs is sent, a user's own objects stay.

Over HTTP, against a server that answers as OpenSearch Dashboards does (see ``server``).
"""

from __future__ import annotations

import json

import pytest

from atlaslens_forwarder.errors import ConfigError, StoreError, UnreachableError
from atlaslens_forwarder.provision.dashboards.client import DashboardsConfig
from atlaslens_forwarder.provision.dashboards.compare import ObjectAction
from atlaslens_forwarder.provision.dashboards.install import import_objects, open_dashboards, plan_objects
from tests.unit.provision.dashboards.server import FakeDashboards, serve

FIELD = {"name": "user.id", "type": "string", "count": 0}
PATTERN = {
    "type": "index-pattern",
    "id": "atlaslens-events",
    "attributes": {"title": "atlaslens-events", "fields": json.dumps([FIELD])},
    "references": [],
    "migrationVersion": {"index-pattern": "7.6.0"},
}
NUMBER = {
    "type": "visualization",
    "id": "atlaslens-overview-total",
    "attributes": {"title": "Events", "visState": json.dumps({"type": "metric", "aggs": []})},
    "references": [{"name": "index", "type": "index-pattern", "id": "atlaslens-events"}],
    "migrationVersion": {"visualization": "7.10.0"},
}
OBJECTS = (PATTERN, NUMBER)


def changed(saved, **attributes):
    """The same object with other attributes."""
    return saved | {"attributes": saved["attributes"] | attributes}


def actions(plan):
    return [item.action.value for item in plan.items]


@pytest.fixture
async def fake():
    return FakeDashboards()


@pytest.fixture
async def url(fake):
    async with serve(fake) as address:
        yield address


async def plan_of(url, objects=OBJECTS, **options):
    async with open_dashboards(DashboardsConfig(url, **options)) as client:
        return await plan_objects(client, objects)


async def imported(url, objects=OBJECTS, **options):
    async with open_dashboards(DashboardsConfig(url, **options)) as client:
        return await import_objects(client, objects, await plan_objects(client, objects))


async def test_the_first_import_creates_all_and_the_second_sends_nothing(fake, url):
    first, second = await imported(url), await imported(url)

    assert actions(first) == ["create", "create"]
    assert actions(second) == ["unchanged", "unchanged"]
    assert second.drift is False
    assert len(fake.imports) == 1


async def test_a_plan_alone_changes_nothing(fake, url):
    plan = await plan_of(url)

    assert plan.drift is True
    assert plan.version == "3.3.0"
    assert fake.objects == {}


async def test_only_what_differs_is_sent_and_the_place_is_told(fake, url):
    await imported(url)
    key = "visualization", "atlaslens-overview-total"
    fake.objects[key] = changed(NUMBER, visState=json.dumps({"type": "pie", "aggs": []}))

    plan = await imported(url)

    assert actions(plan) == ["unchanged", "update"]
    assert plan.items[1].diff == ("attributes.visState.type",)
    assert fake.imports[-1] == [key]
    assert fake.objects[key] == NUMBER


async def test_a_lost_reference_is_drift(fake, url):
    await imported(url)
    fake.objects["visualization", "atlaslens-overview-total"] = NUMBER | {"references": []}

    assert (await plan_of(url)).items[1].diff == ("references",)


async def test_objects_of_a_user_stay_as_they_are(fake, url):
    own = changed(NUMBER, title="Mine") | {"id": "0f1e2d3c"}
    fake.objects["visualization", "0f1e2d3c"] = own

    await imported(url)

    assert fake.objects["visualization", "0f1e2d3c"] == own
    assert ("visualization", "0f1e2d3c") not in fake.imports[0]


async def test_what_dashboards_adds_by_itself_is_no_drift(fake, url):
    await imported(url)
    fields = [FIELD | {"count": 7}, {"name": "hour", "scripted": True, "type": "number"}]
    spaced = json.dumps({"aggs": [], "type": "metric"}, indent=2)
    fake.objects["index-pattern", "atlaslens-events"] = changed(
        PATTERN, fields=json.dumps(fields), typeMeta="{}"
    )
    fake.objects["visualization", "atlaslens-overview-total"] = changed(NUMBER, visState=spaced)

    assert actions(await plan_of(url)) == ["unchanged", "unchanged"]


async def test_a_field_that_is_missing_or_other_is_drift(fake, url):
    await imported(url)
    fake.objects["index-pattern", "atlaslens-events"] = changed(
        PATTERN, fields=json.dumps([FIELD | {"type": "number"}])
    )

    assert (await plan_of(url)).items[0].diff == ("attributes.fields.user.id",)


async def test_objects_that_fail_are_told_one_by_one(fake, url):
    fake.refuse_types = {"index-pattern"}

    plan = await imported(url)

    assert [(item.id, item.detail) for item in plan.errors] == [
        ("atlaslens-events", "this Dashboards does not know the type"),
    ]
    assert plan.items[1].action is ObjectAction.CREATE


async def test_a_reference_to_nothing_is_told(url):
    plan = await imported(url, (NUMBER,))

    assert plan.errors[0].detail == "refers to what is not there: index-pattern atlaslens-events"


async def test_a_workspace_is_asked_by_its_path_and_ids_of_another_are_errors(fake, url):
    first = await imported(url, workspace="security")
    fake.objects.clear()  # another workspace does not see them
    second = await imported(url, workspace="other")

    assert actions(first) == ["create", "create"]
    assert {item.detail for item in second.errors} == {"an object of this id exists in another workspace"}


async def test_the_tenant_is_sent_and_one_that_is_not_there_is_refused(fake, url):
    fake.tenants = {"global_tenant": True, "audit": True}

    await imported(url, tenant="audit")
    with pytest.raises(ConfigError, match="no tenant audits"):
        await imported(url, tenant="audits")

    assert fake.asked_tenants == {"audit", "audits"}
    assert len(fake.imports) == 1


async def test_a_tenant_without_the_security_plugin_is_refused(url):
    with pytest.raises(ConfigError, match="no security plugin"):
        await plan_of(url, tenant="audit")


async def test_user_and_password_open_it_and_without_them_it_refuses(fake, url):
    fake.account = ("keeper", "s3cret")

    assert (await plan_of(url, username="keeper", password="s3cret")).drift is True
    for options in ({}, {"username": "keeper", "password": "other"}):
        with pytest.raises(UnreachableError, match=r"does not let .* \(401\)"):
            await plan_of(url, **options)


@pytest.mark.parametrize("version", ["2.11.1", "1.3.0"])
async def test_an_older_version_is_refused(fake, url, version):
    fake.version = version

    with pytest.raises(StoreError, match=f"{version} is too old"):
        await plan_of(url)


@pytest.mark.parametrize(("version", "note"), [("2.19.1", False), ("3.8.0", False), ("4.0.0-SNAPSHOT", True)])
async def test_later_versions_are_taken_and_unknown_ones_noted(fake, url, version, note):
    fake.version = version

    assert bool((await plan_of(url)).note) is note


@pytest.mark.parametrize(
    ("status", "error", "text"),
    [
        (503, UnreachableError, "not ready"),
        (403, UnreachableError, "does not let"),
        (302, StoreError, "is not at"),
        (404, StoreError, "is not at"),
        (422, StoreError, "does not know the version"),
        (413, StoreError, "size"),
        (500, StoreError, "could not"),
    ],
)
async def test_each_refusal_says_what_to_do(fake, url, status, error, text):
    fake.status = status

    with pytest.raises(error, match=text) as caught:
        await plan_of(url)
    assert caught.value.hint


async def test_nobody_at_the_address_is_unreachable():
    with pytest.raises(UnreachableError, match="does not answer") as caught:
        await plan_of("http://127.0.0.1:9")
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    "url",
    ["localhost:5601", "ftp://host", "http://", "http://me:s3cret@host", "http://host:x", "http://h?q=1"],
)
async def test_an_address_that_is_none_is_refused_without_being_shown(url):
    with pytest.raises(ConfigError) as caught:
        await plan_of(url)
    assert "s3cret" not in caught.value.one_line()
