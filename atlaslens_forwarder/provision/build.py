"""Makes the plan from what was found. Pure: what OpenSearch has comes in as ``Found``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.provision.diff import (
    forbid_auto_create,
    mapping_growth,
    policy_diff,
    template_diff,
    was_edited,
)
from atlaslens_forwarder.provision.monitors import load_monitors, monitor_items
from atlaslens_forwarder.provision.plan import Action, Kind, Plan, PlanItem, SetupOptions
from atlaslens_forwarder.provision.policy import retention_policy
from atlaslens_forwarder.provision.versions import refuse_newer, schema_version
from atlaslens_forwarder.storage.expiry import RETENTION_POLICY
from atlaslens_forwarder.storage.names import OWN_PATTERN, SINGLE, family_of, months_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.provision.templates import TemplateSet
    from atlaslens_forwarder.storage.client import ClusterInfo
    from atlaslens_forwarder.storage.plugins import Plugins

AUTO_CREATE = "action.auto_create_index"


@dataclass(frozen=True, slots=True)
class FoundIndex:
    """A live index of ours."""

    append_only: bool
    mapping: JsonObject
    policy_attached: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What OpenSearch has of the objects that a plan speaks of."""

    cluster: ClusterInfo
    plugins: Plugins
    auto_create: Mapping[str, str] = field(default_factory=dict)
    """The setting by level: ``transient``, ``persistent``, ``defaults`` (the configuration file)."""
    component: Mapping[str, JsonObject] = field(default_factory=dict)
    index_templates: Mapping[str, JsonObject] = field(default_factory=dict)
    policy: JsonObject | None = None
    indices: Mapping[str, FoundIndex] = field(default_factory=dict)
    monitors: Mapping[str, tuple[str, JsonObject]] | None = None
    """Our monitors, id and body by name; None where OpenSearch Alerting is not installed."""


def build_plan(found: Found, templates: TemplateSet, options: SetupOptions) -> Plan:
    """The plan that leads from ``found`` to what this version wants.

    Raises:
        ConfigError: a newer forwarder set the store up, or it cannot be append-only (OpenSearch 2.x) and that
            was not accepted.
    """
    refuse_newer(
        [
            *found.component.values(),
            *found.index_templates.values(),
            *(index.mapping for index in found.indices.values()),
        ],
        templates.version,
    )
    if not found.cluster.append_only:
        if not options.accept_mutable:
            raise ConfigError(
                f"OpenSearch {found.cluster.version} has no append-only indices: evidence could be altered",
                hint="use OpenSearch 3.x, or accept it knowingly with --accept-mutable",
            )
        templates = templates.without_append_only()
    items = [
        _auto_create(found),
        *_templates(Kind.COMPONENT_TEMPLATE, templates.component, found.component),
        *_templates(Kind.INDEX_TEMPLATE, templates.index, found.index_templates),
        _policy(found, options),
        *_single_indices(found),
        *_mutable_indices(found, options),
        *_mappings(found, templates),
        *_months(found, options),
        *monitor_items(load_monitors(options.channel_id), found.monitors),
    ]
    return Plan(found.cluster, options, tuple(items))


def _auto_create(found: Found) -> PlanItem:
    levels = ("transient", "persistent", "defaults")
    current = next((found.auto_create[level] for level in levels if level in found.auto_create), None)
    wanted = forbid_auto_create(current)
    if wanted is None:
        return PlanItem(Kind.CLUSTER_SETTING, AUTO_CREATE, Action.UNCHANGED)
    level = "transient" if "transient" in found.auto_create else "persistent"
    return PlanItem(
        Kind.CLUSTER_SETTING,
        AUTO_CREATE,
        Action.UPDATE,
        "months must never come into being with today's date",
        (f"{level}.{AUTO_CREATE}: {current or 'true'} → {wanted}",),
        {level: {AUTO_CREATE: wanted}},
    )


def _templates(
    kind: Kind, desired: Mapping[str, JsonObject], found: Mapping[str, JsonObject]
) -> Iterator[PlanItem]:
    for name, body in desired.items():
        there = found.get(name)
        if there is None:
            yield PlanItem(kind, name, Action.CREATE, f"version {body.get('version')}", body=body)
        elif diff := template_diff(body, there):
            detail = "was edited since it was set up" if was_edited(there) else ""
            yield PlanItem(kind, name, Action.UPDATE, detail, diff, body)
        else:
            yield PlanItem(kind, name, Action.UNCHANGED)


def _policy(found: Found, options: SetupOptions) -> PlanItem:
    if not found.plugins.index_management:
        return PlanItem(
            Kind.ISM_POLICY,
            RETENTION_POLICY,
            Action.UNAVAILABLE,
            "index management is not installed: the forwarder deletes whole expired months itself",
        )
    desired = retention_policy(options.retention_days)
    if found.policy is None:
        return PlanItem(Kind.ISM_POLICY, RETENTION_POLICY, Action.CREATE, body={"policy": desired})
    there = found.policy.get("policy")
    diff = policy_diff(desired, there if isinstance(there, dict) else {})
    if not diff:
        return PlanItem(Kind.ISM_POLICY, RETENTION_POLICY, Action.UNCHANGED)
    return PlanItem(Kind.ISM_POLICY, RETENTION_POLICY, Action.UPDATE, diff=diff, body={"policy": desired})


def _single_indices(found: Found) -> Iterator[PlanItem]:
    for family in SINGLE:
        name = family.single_index
        action = Action.UNCHANGED if name in found.indices else Action.CREATE
        yield PlanItem(Kind.INDEX, name, action, body={} if action is Action.CREATE else None)


def _mutable_indices(found: Found, options: SetupOptions) -> Iterator[PlanItem]:
    for name, index in sorted(found.indices.items()):
        family = family_of(name)
        if family is None or not family.append_only or index.append_only or options.accept_mutable:
            continue
        yield PlanItem(
            Kind.INDEX,
            name,
            Action.REFUSE,
            "not append-only although it must be: find out who created it, and remove or re-create it",
        )


def _mappings(found: Found, templates: TemplateSet) -> Iterator[PlanItem]:
    same = 0
    for name, index in sorted(found.indices.items()):
        family = family_of(name)
        if family is None:
            continue
        desired = templates.mapping(family)
        missing, clash = mapping_growth(desired, index.mapping)
        before, after = schema_version(index.mapping), schema_version(desired)
        if before != after:
            missing = (*missing, f"_meta.version: {before} → {after}")
        if clash:
            yield PlanItem(
                Kind.MAPPING,
                name,
                Action.REFUSE,
                "has fields of another type, which cannot be changed",
                clash,
            )
        elif missing:
            grown = {"properties": desired["properties"], "_meta": desired["_meta"]}
            yield PlanItem(Kind.MAPPING, name, Action.UPDATE, "grows", missing, grown)
        else:
            same += 1
    if same:
        yield PlanItem(Kind.MAPPING, OWN_PATTERN, Action.UNCHANGED, f"{same} indices")


def _months(found: Found, options: SetupOptions) -> Iterator[PlanItem]:
    ahead = months_ahead(options.now_ms)
    for name in ahead:
        if name not in found.indices:
            yield PlanItem(Kind.MONTH, name, Action.CREATE)
    for name, index in sorted(found.indices.items()):
        family = family_of(name)
        if family is None or not family.monthly:
            continue
        if found.plugins.index_management and not index.policy_attached and name not in options.held:
            yield PlanItem(Kind.MONTH, name, Action.UPDATE, f"put under the policy {RETENTION_POLICY}")
        elif name in ahead:
            yield PlanItem(Kind.MONTH, name, Action.UNCHANGED)
