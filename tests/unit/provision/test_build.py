"""The plan: one action for each object, refusals where applying would harm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from atlaslens_forwarder import __version__
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.provision.build import Found, FoundIndex, build_plan
from atlaslens_forwarder.provision.diff import fingerprint
from atlaslens_forwarder.provision.plan import Action, Kind, SetupOptions
from atlaslens_forwarder.provision.policy import retention_policy
from atlaslens_forwarder.provision.templates import load_templates
from atlaslens_forwarder.storage.client import ClusterInfo
from atlaslens_forwarder.storage.names import SINGLE, Family, family_of, months_ahead, parse_month_index
from atlaslens_forwarder.storage.plugins import Plugins

NOW_MS = parse_iso_ms("2026-05-05T00:00:00Z")
OPTIONS = SetupOptions(now_ms=NOW_MS)
TEMPLATES = load_templates()
CLUSTER = ClusterInfo("c", "u", "3.4.0", append_only=True)
MONTH = "atlaslens-audit-2026.01"


def complete(**changes):
    names = [*months_ahead(NOW_MS), *(family.single_index for family in SINGLE)]
    indices = {
        name: FoundIndex(append_only=family_of(name).append_only, mapping=TEMPLATES.mapping(family_of(name)))
        for name in names
    }
    found = Found(
        cluster=CLUSTER,
        plugins=Plugins(),
        auto_create={"persistent": "-atlaslens-*,*"},
        component=TEMPLATES.component,
        index_templates=TEMPLATES.index,
        indices=indices,
    )
    return replace(found, **changes)


def actions(plan, action):
    return {(item.kind, item.name) for item in plan.items if item.action is action}


def test_an_empty_cluster_gets_everything():
    plan = build_plan(Found(cluster=CLUSTER, plugins=Plugins()), TEMPLATES, OPTIONS)

    created = {name for _, name in actions(plan, Action.CREATE)}
    assert plan.drift
    assert {"atlaslens-ecs", "atlaslens-audit", "atlaslens-state", "atlaslens-audit-2026.06"} <= created
    assert actions(plan, Action.UPDATE) == {(Kind.CLUSTER_SETTING, "action.auto_create_index")}


def test_items_stand_in_the_order_in_which_they_are_applied():
    plan = build_plan(Found(cluster=CLUSTER, plugins=Plugins()), TEMPLATES, OPTIONS)

    order = [list(Kind).index(item.kind) for item in plan.items]
    assert order == sorted(order)


def test_a_complete_cluster_has_no_drift():
    plan = build_plan(complete(), TEMPLATES, OPTIONS)

    assert not plan.drift
    assert actions(plan, Action.UNAVAILABLE) == {
        (Kind.ISM_POLICY, "atlaslens-retention"),
        (Kind.MONITOR, "atlaslens-*"),
    }


def test_a_transient_setting_that_hides_ours_is_changed_too():
    found = complete(auto_create={"persistent": "-atlaslens-*,*", "transient": "true"})

    item = build_plan(found, TEMPLATES, OPTIONS).items[0]

    assert item.action is Action.UPDATE
    assert item.body == {"transient": {"action.auto_create_index": "-atlaslens-*,*"}}


def of_version(described, version, **more):
    return {**described, "_meta": {**described["_meta"], "version": version, **more}}


def test_a_newer_template_in_the_store_is_refused_and_both_versions_are_named():
    newer = of_version(TEMPLATES.component["atlaslens-ecs"], 999, forwarder="9.8.7")
    found = complete(component={**TEMPLATES.component, "atlaslens-ecs": newer})

    with pytest.raises(ConfigError) as caught:
        build_plan(found, TEMPLATES, OPTIONS)

    line = caught.value.one_line()
    assert "(9.8.7, schema 999)" in line
    assert f"({__version__}, schema {TEMPLATES.version})" in line
    assert "install 9.8.7 or later" in line


def test_a_newer_index_is_refused_although_its_templates_are_gone():
    newer = FoundIndex(append_only=True, mapping=of_version(TEMPLATES.mapping(Family.AUDIT), 999))

    with pytest.raises(ConfigError, match="schema 999"):
        build_plan(Found(cluster=CLUSTER, plugins=Plugins(), indices={MONTH: newer}), TEMPLATES, OPTIONS)


def test_templates_of_other_products_are_none_of_our_business():
    foreign = {"_meta": {"product": "other", "version": 999}}
    found = complete(component={**TEMPLATES.component, "other": foreign, "none": {}})

    assert not build_plan(found, TEMPLATES, OPTIONS).drift


def test_an_older_index_is_brought_to_our_version_even_where_no_field_is_new():
    older = FoundIndex(append_only=True, mapping=of_version(TEMPLATES.mapping(Family.AUDIT), 0))
    found = complete(indices={**complete().indices, MONTH: older})

    (item,) = (item for item in build_plan(found, TEMPLATES, OPTIONS).items if item.action is Action.UPDATE)

    assert (item.kind, item.name) == (Kind.MAPPING, MONTH)
    assert item.diff == (f"_meta.version: 0 → {TEMPLATES.version}",)
    assert item.body["_meta"]["version"] == TEMPLATES.version


def test_an_edited_template_is_told_from_an_older_one():
    ours = TEMPLATES.index["atlaslens-custody"]
    older = {**ours, "priority": 1}
    older["_meta"] = {**ours["_meta"], "hash": fingerprint(older)}

    details = {}
    for name, body in {"edited": {**ours, "priority": 1}, "older": older}.items():
        found = complete(index_templates={**TEMPLATES.index, "atlaslens-custody": body})
        plan = build_plan(found, TEMPLATES, OPTIONS)
        (details[name],) = (item.detail for item in plan.items if item.action is Action.UPDATE)

    assert details == {"edited": "was edited since it was set up", "older": ""}


def test_another_release_with_the_same_templates_changes_nothing():
    ours = TEMPLATES.index["atlaslens-custody"]
    theirs = {**ours, "_meta": {**ours["_meta"], "forwarder": "0.0.1"}}
    found = complete(index_templates={**TEMPLATES.index, "atlaslens-custody": theirs})

    assert not build_plan(found, TEMPLATES, OPTIONS).drift


def test_a_month_that_is_not_append_only_is_refused_unless_accepted():
    mutable = {MONTH: FoundIndex(append_only=False, mapping=TEMPLATES.mapping(Family.AUDIT))}
    found = complete(indices={**complete().indices, **mutable})

    refused = build_plan(found, TEMPLATES, OPTIONS)
    accepted = build_plan(found, TEMPLATES, replace(OPTIONS, accept_mutable=True))

    assert actions(refused, Action.REFUSE) == {(Kind.INDEX, MONTH)}
    assert not actions(accepted, Action.REFUSE)


def test_a_month_that_lacks_a_field_gets_it_and_one_with_another_type_is_refused():
    lacking = FoundIndex(append_only=True, mapping={"properties": {"@timestamp": {"type": "date"}}})
    other = FoundIndex(append_only=True, mapping={"properties": {"@timestamp": {"type": "long"}}})
    second = "atlaslens-audit-2026.02"
    found = complete(indices={**complete().indices, MONTH: lacking, second: other})

    plan = build_plan(found, TEMPLATES, OPTIONS)

    assert actions(plan, Action.UPDATE) == {(Kind.MAPPING, MONTH)}
    assert actions(plan, Action.REFUSE) == {(Kind.MAPPING, second)}


def test_opensearch_2_is_refused_unless_mutable_indices_are_accepted():
    old = complete(cluster=ClusterInfo("c", "u", "2.19.3", append_only=False))

    with pytest.raises(ConfigError, match="append-only"):
        build_plan(old, TEMPLATES, OPTIONS)

    plan = build_plan(old, TEMPLATES, replace(OPTIONS, accept_mutable=True))
    bodies = [item.body for item in plan.items if item.kind is Kind.INDEX_TEMPLATE and item.body]
    assert bodies
    assert all("atlaslens-settings-append-only" not in body["composed_of"] for body in bodies)


def test_with_index_management_the_policy_and_its_attachment_are_planned():
    found = complete(plugins=Plugins(index_management=True))

    plan = build_plan(found, TEMPLATES, OPTIONS)

    assert actions(plan, Action.CREATE) == {(Kind.ISM_POLICY, "atlaslens-retention")}
    assert actions(plan, Action.UPDATE) == {(Kind.MONTH, name) for name in months_ahead(NOW_MS)}


def test_a_policy_of_another_retention_is_updated():
    indices = {name: replace(index, policy_attached=True) for name, index in complete().indices.items()}
    policy = {"_seq_no": 1, "_primary_term": 1, "policy": retention_policy(100)}
    found = complete(plugins=Plugins(index_management=True), indices=indices, policy=policy)

    plan = build_plan(found, TEMPLATES, OPTIONS)

    assert actions(plan, Action.UPDATE) == {(Kind.ISM_POLICY, "atlaslens-retention")}
    assert not build_plan(found, TEMPLATES, replace(OPTIONS, retention_days=100)).drift


def test_a_held_month_is_not_put_under_the_policy():
    policy = {"_seq_no": 1, "_primary_term": 1, "policy": retention_policy(OPTIONS.retention_days)}
    found = complete(plugins=Plugins(index_management=True), policy=policy)
    months = {name for name in found.indices if parse_month_index(name)}
    held = min(months)

    plan = build_plan(found, TEMPLATES, replace(OPTIONS, held=frozenset({held})))

    assert {name for kind, name in actions(plan, Action.UPDATE) if kind is Kind.MONTH} == months - {held}
