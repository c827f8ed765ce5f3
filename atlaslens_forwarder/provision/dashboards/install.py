"""Imports our saved objects: compares first, sends only what differs, never touches anything else."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from atlaslens_forwarder.provision.dashboards.client import DashboardsClient
from atlaslens_forwarder.provision.dashboards.compare import ObjectAction, ObjectItem, ObjectPlan, compare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.provision.dashboards.client import DashboardsConfig


@asynccontextmanager
async def open_dashboards(config: DashboardsConfig) -> AsyncIterator[DashboardsClient]:
    """A client, closed at the end."""
    client = DashboardsClient(config)
    try:
        yield client
    finally:
        await client.close()


async def plan_objects(client: DashboardsClient, objects: Sequence[JsonObject]) -> ObjectPlan:
    """What an import would do.

    Raises:
        UnreachableError: Dashboards does not answer, or refuses us.
        StoreError: it is another product, or too old.
        ConfigError: the tenant is not there.
    """
    version, note = await client.version()
    await client.check_tenant()
    found = await client.read([_key(one) for one in objects])
    return ObjectPlan(version, tuple(compare(one, found.get(_key(one))) for one in objects), note)


async def import_objects(
    client: DashboardsClient, objects: Sequence[JsonObject], plan: ObjectPlan
) -> ObjectPlan:
    """Import what the plan creates or updates; the plan again, with those in error that failed.

    Raises:
        UnreachableError: Dashboards does not answer, or refuses us.
        StoreError: it takes none of them.
    """
    due = [
        one
        for one, item in zip(objects, plan.items, strict=True)
        if item.action in {ObjectAction.CREATE, ObjectAction.UPDATE}
    ]
    failed = await client.put(due) if due else {}
    return replace(plan, items=tuple(_outcome(item, failed) for item in plan.items))


def _outcome(item: ObjectItem, failed: dict[tuple[str, str], str]) -> ObjectItem:
    why = failed.get((item.type, item.id))
    return item if why is None else replace(item, action=ObjectAction.ERROR, detail=why)


def _key(saved: JsonObject) -> tuple[str, str]:
    return str(saved["type"]), str(saved["id"])
