"""Set-up on the real node: idempotent, additive, and it refuses what would harm."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from atlaslens_forwarder.errors import ConfigError, StoreError
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import Action, Kind, SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.provision.templates import load_templates
from atlaslens_forwarder.storage.months import read_settings

OPTIONS = SetupOptions(now_ms=parse_iso_ms("2015-06-15T00:00:00Z"))
AUTO_CREATE = "action.auto_create_index"


def changes(plan):
    return {
        (item.kind, item.name): item for item in plan.items if item.action in {Action.CREATE, Action.UPDATE}
    }


async def test_a_second_plan_has_nothing_to_do(store):
    await apply_plan(store, await make_plan(store, OPTIONS))

    second = await make_plan(store, OPTIONS)

    assert changes(second) == {}
    assert not second.drift
    assert not any(result.changed for result in await apply_plan(store, second))


async def test_months_ahead_are_part_of_the_set_up(store):
    await apply_plan(store, await make_plan(store, OPTIONS))

    names = ["atlaslens-audit-2015.06", "atlaslens-audit-2015.07"]
    assert set(await read_settings(store, names)) == set(names)


async def test_seals_and_custody_are_append_only_and_the_rest_can_be_updated(store):
    names = [
        "atlaslens-seals",
        "atlaslens-custody",
        "atlaslens-state",
        "atlaslens-people",
        "atlaslens-lookup",
    ]

    settings = await read_settings(store, names)

    append_only = {name for name in names if settings[name].get("index.append_only.enabled") == "true"}
    assert append_only == {"atlaslens-seals", "atlaslens-custody"}


async def test_retention_is_said_to_be_the_forwarders_where_the_plugin_is_missing(store):
    plan = await make_plan(store, OPTIONS)

    item = next(item for item in plan.items if item.kind is Kind.ISM_POLICY)
    assert item.action is Action.UNAVAILABLE
    assert "forwarder deletes" in item.detail


async def test_a_changed_template_is_drift_and_is_put_right(store):
    name = "atlaslens-custody"
    template = copy.deepcopy(load_templates().index[name])
    template["priority"] = 1
    await store.indices.put_index_template(name=name, body=template)

    plan = await make_plan(store, OPTIONS)
    await apply_plan(store, plan)

    assert plan.drift
    assert set(changes(plan)) == {(Kind.INDEX_TEMPLATE, name)}
    assert changes(plan)[Kind.INDEX_TEMPLATE, name].diff == ("priority: 1 → 300",)
    assert not (await make_plan(store, OPTIONS)).drift


async def test_a_template_that_grew_reaches_the_live_index(store):
    name = "atlaslens-custody"
    grown = copy.deepcopy(load_templates())
    grown.index[name]["template"]["mappings"]["properties"]["custody"]["properties"]["grown"] = {
        "type": "long"
    }

    plan = await make_plan(store, OPTIONS, grown)
    await apply_plan(store, plan)
    try:
        mapping = await store.indices.get_mapping(index=name)
        fields = mapping[name]["mappings"]["properties"]["custody"]["properties"]
        assert changes(plan)[Kind.MAPPING, name].diff == ("custody.grown: – → long",)
        assert fields["grown"] == {"type": "long"}
        assert not (await make_plan(store, OPTIONS, grown)).drift
    finally:
        await apply_plan(store, await make_plan(store, OPTIONS))


async def test_a_field_of_another_type_is_refused_and_nothing_is_applied(store):
    clashing = copy.deepcopy(load_templates())
    clashing.index["atlaslens-custody"]["priority"] = 333
    clashing.index["atlaslens-custody"]["template"]["mappings"]["properties"]["@timestamp"] = {
        "type": "keyword"
    }

    plan = await make_plan(store, OPTIONS, clashing)
    with pytest.raises(StoreError, match="mapping atlaslens-custody") as caught:
        await apply_plan(store, plan)
    assert "@timestamp: date → keyword" in caught.value.one_line()

    assert not (await make_plan(store, OPTIONS)).drift


async def test_a_newer_set_up_is_refused(store):
    name = "atlaslens-settings-mutable"
    ours = load_templates().component[name]
    newer = {**ours, "_meta": {**ours["_meta"], "version": 99, "forwarder": "99.0.0"}}
    await store.cluster.put_component_template(name=name, body=newer)
    try:
        with pytest.raises(ConfigError, match=r"newer forwarder \(99\.0\.0, schema 99\)"):
            await make_plan(store, OPTIONS)
    finally:
        await store.cluster.put_component_template(name=name, body=load_templates().component[name])


async def test_the_admins_own_auto_create_patterns_are_kept(store):
    await store.cluster.put_settings(body={"persistent": {AUTO_CREATE: "+logs-*,-*"}})
    try:
        await apply_plan(store, await make_plan(store, OPTIONS))
        settings = await store.cluster.get_settings(params={"flat_settings": "true"})
        assert settings["persistent"][AUTO_CREATE] == "-atlaslens-*,+logs-*,-*"
        assert not (await make_plan(store, OPTIONS)).drift
    finally:
        await store.cluster.put_settings(body={"persistent": {AUTO_CREATE: None}})


async def test_the_mutable_variant_is_accepted_by_opensearch(store):
    templates = replace(load_templates().without_append_only())
    body = copy.deepcopy(templates.index["atlaslens-audit"])
    body |= {"index_patterns": ["atlaslens-mutable-test"], "priority": 400}
    await store.indices.put_index_template(name="atlaslens-mutable-test", body=body)
    try:
        answer = await store.indices.simulate_index_template(name="atlaslens-mutable-test")
        assert "append_only" not in answer["template"]["settings"]["index"]
    finally:
        await store.indices.delete_index_template(name="atlaslens-mutable-test")
