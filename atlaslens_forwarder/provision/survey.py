"""Reads what OpenSearch has and makes the plan that leads to what this version wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opensearchpy.exceptions import NotFoundError

from atlaslens_forwarder.provision.build import AUTO_CREATE, Found, FoundIndex, build_plan
from atlaslens_forwarder.provision.monitors import read_monitors
from atlaslens_forwarder.provision.templates import load_templates
from atlaslens_forwarder.storage.client import check_version
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.expiry import RETENTION_POLICY
from atlaslens_forwarder.storage.ism import attached, explain
from atlaslens_forwarder.storage.months import APPEND_ONLY
from atlaslens_forwarder.storage.names import OWN_PATTERN, family_of, parse_month_index
from atlaslens_forwarder.storage.plugins import read_plugins

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.provision.plan import Plan, SetupOptions
    from atlaslens_forwarder.provision.templates import TemplateSet

_NONE_IS_FINE = {"ignore_unavailable": "true", "allow_no_indices": "true", "expand_wildcards": "open,hidden"}


async def make_plan(
    client: AsyncOpenSearch, options: SetupOptions, templates: TemplateSet | None = None
) -> Plan:
    """Compare all objects of this version with those in the store; changes nothing.

    Args:
        client: the store.
        options: what the user chose.
        templates: the index templates to provide, by default those that ship with this version.

    Raises:
        ConfigError: a newer forwarder set the store up, the store cannot be append-only (OpenSearch 2.x)
            and that was not accepted, or the templates of this installation are broken.
        StoreError: what answers is no OpenSearch that can be used.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    return build_plan(await _survey(client), templates or load_templates(), options)


async def _survey(client: AsyncOpenSearch) -> Found:
    cluster = await check_version(client)
    plugins = await read_plugins(client)
    with store_errors("read its set-up"):
        settings = await client.cluster.get_settings(
            params={"flat_settings": "true", "include_defaults": "true"}
        )
        component = await client.cluster.get_component_template()
        index = await client.indices.get_index_template()
        live = await client.indices.get_settings(
            index=OWN_PATTERN, params={**_NONE_IS_FINE, "flat_settings": "true"}
        )
        mappings = await client.indices.get_mapping(index=OWN_PATTERN, params=_NONE_IS_FINE)
    months = [name for name in live if parse_month_index(name) is not None]
    policy, managed = await _retention(client, months) if plugins.index_management else (None, set())
    return Found(
        cluster=cluster,
        plugins=plugins,
        auto_create={
            level: _listed(values[AUTO_CREATE]) for level, values in settings.items() if AUTO_CREATE in values
        },
        component={row["name"]: row["component_template"] for row in component["component_templates"]},
        index_templates={row["name"]: row["index_template"] for row in index["index_templates"]},
        policy=policy,
        monitors=await read_monitors(client) if plugins.alerting else None,
        indices={
            name: FoundIndex(
                append_only=entry["settings"].get(APPEND_ONLY) == "true",
                mapping=mappings.get(name, {}).get("mappings", {}),
                policy_attached=name in managed,
            )
            for name, entry in live.items()
            if family_of(name) is not None
        },
    )


async def _retention(client: AsyncOpenSearch, months: list[str]) -> tuple[JsonObject | None, set[str]]:
    policy: JsonObject | None = None
    with store_errors("read its retention policy"):
        try:
            policy = await client.transport.perform_request(
                "GET", f"/_plugins/_ism/policies/{RETENTION_POLICY}"
            )
        except NotFoundError:
            policy = None
    return policy, attached(await explain(client, months))


def _listed(value: Any) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, list) else str(value)
