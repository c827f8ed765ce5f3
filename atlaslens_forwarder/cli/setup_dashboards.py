"""The part of ``setup`` that imports the views into OpenSearch Dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.provision.dashboards.client import DashboardsConfig
from atlaslens_forwarder.provision.dashboards.compare import ObjectAction
from atlaslens_forwarder.provision.dashboards.install import import_objects, open_dashboards, plan_objects
from atlaslens_forwarder.service.saved_views import saved_views

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.provision.dashboards.compare import ObjectPlan
    from atlaslens_forwarder.settings import Settings
    from atlaslens_forwarder.views.saved_objects.bundle import Known

Function = TypeVar("Function", bound="Callable[..., Any]")


def dashboards_options(function: Function) -> Function:
    """``--dashboards-url``, ``--dashboards-tenant`` and ``--dashboards-workspace``."""
    for name, text in (
        ("--dashboards-workspace", "Id of the workspace that gets the views."),
        ("--dashboards-tenant", "Tenant that gets the views."),
        ("--dashboards-url", "Also import the views into the OpenSearch Dashboards at this address."),
    ):
        function = click.option(name, help=text)(function)
    return function


def dashboards_config(
    settings: Settings, *, url: str | None, tenant: str | None, workspace: str | None
) -> DashboardsConfig | None:
    """What options and settings say of Dashboards, options first; None where no address is named.

    Raises:
        ConfigError: a tenant or workspace is given, but no address.
    """
    named = settings.dashboards
    address = url or named.url
    if not address:
        if tenant or workspace:
            raise ConfigError(
                "a tenant or workspace is named, but no OpenSearch Dashboards",
                hint="add --dashboards-url, or set ATLASLENS_DASHBOARDS__URL",
            )
        return None
    store = settings.opensearch
    account = next((each for each in (named, store.admin) if each.username), store)
    return DashboardsConfig(
        url=address,
        tenant=tenant or named.tenant,
        workspace=named.workspace if workspace is None else workspace,
        username=account.username,
        password=account.password.get_secret_value(),
        ca_file=named.ca_file or store.ca_file,
        verify=named.verify_certificate,
    )


async def set_up_dashboards(config: DashboardsConfig, known: Known, *, check: bool) -> ObjectPlan:
    """Compare all objects and, unless it is only to check, import what differs.

    Raises:
        UnreachableError: Dashboards does not answer, or refuses us.
        StoreError: it is another product, too old, or takes none of the objects.
        ConfigError: the address or the tenant cannot be used.
    """
    objects = saved_views(known)
    async with open_dashboards(config) as client:
        plan = await plan_objects(client, objects)
        return plan if check else await import_objects(client, objects, plan)


def print_objects(plan: ObjectPlan) -> None:
    """One line for each object that was not as it should be, then the count."""
    click.echo(f"OpenSearch Dashboards {plan.version}")
    if plan.note:
        click.echo(plan.note)
    for item in plan.items:
        if item.action is ObjectAction.UNCHANGED:
            continue
        detail = f": {item.detail}" if item.detail else ""
        click.echo(f"{item.action.value:<12} {item.type} {item.id}, {item.title}{detail}")
        for place in item.diff:
            click.echo(f"             {place}")
    unchanged = sum(item.action is ObjectAction.UNCHANGED for item in plan.items)
    click.echo(f"{unchanged} of {len(plan.items)} saved objects are as they should be")


def objects_json(plan: ObjectPlan) -> JsonObject:
    """What ``setup --json`` prints of Dashboards."""
    return {
        "version": plan.version,
        "note": plan.note,
        "items": [
            {
                "type": item.type,
                "id": item.id,
                "title": item.title,
                "action": item.action.value,
                "detail": item.detail,
                "diff": [*item.diff],
            }
            for item in plan.items
        ],
    }
