"""What each account may do, tried on the real plugin, request by request."""

from __future__ import annotations

import time

import pytest

from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.security.api import MAPPINGS, ROLES, SecurityApi
from atlaslens_forwarder.provision.security.install import apply_security, plan_security
from atlaslens_forwarder.provision.security.roles import ADMIN, ANALYST, KEEPER, READER, WRITER
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.service.alerts.trial import try_samples
from atlaslens_forwarder.storage.client import open_client
from atlaslens_forwarder.storage.names import Family, month_index

MONTH = month_index(Family.AUDIT, time.time_ns() // 1_000_000)
EVENT = {"@timestamp": "2026-11-01T00:00:00.000Z", "event": {"id": "e", "hash": "h"}}
ANYTHING = {"query": {"match_all": {}}}
FORBIDDEN = 403
ANALYST_LOGIN = ("tester", "gravel-otter-lantern")

READS = {
    "search events": ("POST", f"/{MONTH}/_search", ANYTHING),
    "search all events": ("POST", "/atlaslens-events/_search", ANYTHING),
    "get an event": ("GET", f"/{MONTH}/_doc/there", None),
    "get many events": ("POST", "/_mget", {"docs": [{"_index": MONTH, "_id": "there"}]}),
    "count events": ("GET", f"/{MONTH}/_count", None),
    "page through events": ("POST", f"/{MONTH}/_search/point_in_time?keep_alive=1m", None),
}
WRITES = {
    "overwrite an event": ("PUT", f"/{MONTH}/_doc/there", EVENT),
    "update an event": ("POST", f"/{MONTH}/_update/there", {"doc": {"message": "other"}}),
    "delete an event": ("DELETE", f"/{MONTH}/_doc/there", None),
    "delete by query": ("POST", f"/{MONTH}/_delete_by_query", ANYTHING),
    "delete a month": ("DELETE", f"/{MONTH}", None),
    "close a month": ("POST", f"/{MONTH}/_close", None),
    "create a month": ("PUT", "/atlaslens-audit-1999.01", None),
    "create one by writing": ("PUT", "/atlaslens-audit-1999.02/_create/x", EVENT),
    "write elsewhere": ("PUT", "/theirs/_doc/x", {"a": 1}),
    "change a mapping": ("PUT", f"/{MONTH}/_mapping", {"properties": {"x": {"type": "keyword"}}}),
    "change a setting": ("PUT", f"/{MONTH}/_settings", {"index.number_of_replicas": 0}),
    "write a saved object": ("PUT", "/.kibana_1/_doc/dashboard:x", {"type": "dashboard"}),
    "forget a state": ("DELETE", "/atlaslens-state/_doc/none", None),
    "make a user": ("PUT", "/_plugins/_security/api/internalusers/mallory", {"hash": "x"}),
}


@pytest.fixture(scope="module")
async def ask(secured):
    """Asks as the holder of a role; there is one event, one foreign index and one saved object."""
    await secured.admin.create(index=MONTH, id="there", body=EVENT)
    await secured.admin.index(index="theirs", id="1", body={"a": 1})
    await secured.admin.index(index=".kibana_1", id="dashboard:1", body={"type": "dashboard"}, refresh=True)
    login, password = ANALYST_LOGIN
    await SecurityApi(secured.admin).put(
        "internalusers", login, {"password": password, "backend_roles": [ANALYST.name]}
    )

    async def asked(role, request):
        account = ANALYST_LOGIN if role is ANALYST else (role.name, secured.passwords[role.name])
        method, path, body = request
        return await secured.ask(account, method, path, body)

    return asked


async def test_the_reader_and_the_analyst_read_events(ask):
    for role in (READER, ANALYST):
        for what, request in READS.items():
            assert (await ask(role, request))[0] == 200, f"{role.name} may not {what}"


async def test_the_writer_and_the_keeper_read_none(ask):
    for role in (WRITER, KEEPER):
        for what, request in READS.items():
            status, answer = await ask(role, request)
            if what == "get many events" and status == 200:  # refused document by document
                assert answer["docs"][0]["error"]["type"] == "security_exception"
            else:
                assert status == FORBIDDEN, f"{role.name} may {what}"


async def test_the_reader_and_the_analyst_change_nothing(ask):
    for role in (READER, ANALYST):
        for what, request in WRITES.items():
            assert (await ask(role, request))[0] == FORBIDDEN, f"{role.name} may {what}"
    saved = await ask(ANALYST, ("POST", "/.kibana_1/_search", ANYTHING))
    assert saved[1]["hits"]["hits"][0]["_id"] == "dashboard:1"
    assert (await ask(READER, ("GET", "/.kibana_1/_search", None)))[0] == FORBIDDEN
    for family in ("people", "state", "custody"):
        assert (await ask(ANALYST, ("GET", f"/atlaslens-{family}/_search", None)))[0] == FORBIDDEN


async def test_the_writer_creates_events_and_nothing_else_becomes_of_them(ask):
    assert (await ask(WRITER, ("PUT", f"/{MONTH}/_create/new", EVENT)))[0] == 201
    assert (await ask(WRITER, ("PUT", f"/{MONTH}/_create/new", EVENT)))[0] == 409
    # Append-only says no; our names are not created by themselves; its own state it may forget.
    left = {"overwrite an event": 400, "create one by writing": 404, "forget a state": 404}
    for what, request in WRITES.items():
        assert (await ask(WRITER, request))[0] == left.get(what, FORBIDDEN), f"the writer may {what}"
    status, answer = await ask(READER, ("GET", f"/{MONTH}/_doc/there", None))
    assert (status, answer["_source"]) == (200, EVENT)


async def test_the_writer_creates_no_index_even_where_opensearch_would(secured, ask):
    setting = "action.auto_create_index"
    await secured.admin.cluster.put_settings(body={"transient": {setting: "true"}})
    try:
        assert (await ask(WRITER, WRITES["create one by writing"]))[0] == FORBIDDEN
    finally:
        await secured.admin.cluster.put_settings(body={"transient": {setting: None}})


async def test_the_keeper_makes_and_removes_months_only(ask):
    left = {"create a month": 200}
    for what, request in WRITES.items():
        if what != "delete a month":
            assert (await ask(KEEPER, request))[0] == left.get(what, FORBIDDEN), f"the keeper may {what}"
    assert (await ask(KEEPER, ("DELETE", "/atlaslens-audit-1999.01", None)))[0] == 200
    assert (await ask(KEEPER, ("DELETE", "/theirs", None)))[0] == FORBIDDEN


async def test_the_writer_keeps_its_own_indices(ask):
    for family in ("people", "lookup", "alerts"):
        for method, path, body in (
            ("PUT", "_doc/none?refresh=true", {"key": "none"}),
            ("POST", "_search", ANYTHING),
            ("POST", "_delete_by_query", {"query": {"ids": {"values": ["none"]}}}),
            ("POST", "_flush?force=true", None),
            ("POST", "_forcemerge?max_num_segments=1", None),
        ):
            status, answer = await ask(WRITER, (method, f"/atlaslens-{family}/{path}", body))
            assert status in {200, 201}, (family, path, answer)
            assert "delete" not in path or answer["deleted"] == 1


async def test_the_admin_sets_up_but_touches_no_index_of_others(secured, ask):
    now_ms = time.time_ns() // 1_000_000
    await secured.admin.indices.delete_index_template(name="atlaslens-seals")
    client = open_client(secured.config(ADMIN.name))
    try:
        assert not any(item.diff or item.body for item in await plan_security(client))
        await apply_plan(client, await make_plan(client, SetupOptions(now_ms=now_ms)))
        assert not (await make_plan(client, SetupOptions(now_ms=now_ms))).drift
        trials = await try_samples(client, load_catalogue(), load_catalogue().named(()), now_ms)
        assert all(trial.ok for trial in trials)
    finally:
        await client.close()
    for request in (("DELETE", "/theirs", None), ("GET", "/theirs/_search", None)):
        assert (await ask(ADMIN, request))[0] == FORBIDDEN


async def test_a_role_that_was_altered_is_found_and_mended(secured):
    api = SecurityApi(secured.admin)
    await api.put(ROLES, READER.name, {"cluster_permissions": ["*"]})
    await api.put(MAPPINGS, READER.name, {"users": ["cn=other"]})

    drifted = [item for item in await plan_security(secured.admin) if item.diff]
    await apply_security(secured.admin, drifted, {})

    assert [item.name for item in drifted] == [READER.name, READER.name]
    assert not any(item.diff for item in await plan_security(secured.admin))
    assert (await api.one(MAPPINGS, READER.name))["users"] == ["cn=other", READER.name]
