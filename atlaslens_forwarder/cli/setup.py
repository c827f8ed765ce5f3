"""``setup``: plan → diff → apply, for OpenSearch and, where one is named, for OpenSearch Dashboards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    print_json,
    say,
    setup_options,
    with_store,
)
from atlaslens_forwarder.cli.setup_dashboards import (
    dashboards_config,
    dashboards_options,
    objects_json,
    print_objects,
    set_up_dashboards,
)
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK, EXIT_UNREACHABLE
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import Action
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.service.custody_log import record_set_up
from atlaslens_forwarder.service.forwarder import open_store
from atlaslens_forwarder.service.saved_views import known_people
from atlaslens_forwarder.service.store_access import Account, open_as
from atlaslens_forwarder.storage.names import Family
from atlaslens_forwarder.views.saved_objects.bundle import NOBODY

if TYPE_CHECKING:
    from pathlib import Path

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.provision.plan import Plan
    from atlaslens_forwarder.settings import Settings


@click.command()
@click.option("--check", is_flag=True, help="Only compare; exit 1 when anything differs.")
@dashboards_options
@common_options()
@asynchronous
async def setup(
    env_file: Path | None,
    dashboards_url: str | None,
    dashboards_tenant: str | None,
    dashboards_workspace: str | None,
    *,
    check: bool,
    embedded: bool,
    as_json: bool,
) -> int:
    """Put index templates, months, retention and settings into OpenSearch, and views into Dashboards.

    Shows each object and what differs, then applies it. Doing it again changes nothing.
    """
    settings = open_settings(env_file)
    dashboards = dashboards_config(
        settings, url=dashboards_url, tenant=dashboards_tenant, workspace=dashboards_workspace
    )
    async with with_store(settings, embedded=embedded, set_up=False) as ready:
        async with open_as(ready, Account.ADMIN) as client:
            options = replace(setup_options(ready), held=await _held(client, ready))
            plan = await make_plan(client, options)
            if not as_json:
                _print(plan)
            if not check:
                await apply_plan(client, plan)
        known = NOBODY
        if dashboards:
            async with open_as(ready, Account.READER) as client:
                known = await known_people(client)
        if plan.drift and not check and ready.keyring_path.exists():
            await _record(plan, ready)
    views = None if dashboards is None else await set_up_dashboards(dashboards, known, check=check)
    drift = plan.drift or (views is not None and views.drift)
    if as_json:
        shown: JsonObject = {} if views is None else {"dashboards": objects_json(views)}
        print_json(_as_json(plan, applied=not check) | {"drift": drift} | shown)
    else:
        if views is not None:
            print_objects(views)
        if not check:
            say("applied" if drift else "nothing to do")
    if views is not None and views.errors:
        return EXIT_UNREACHABLE
    return EXIT_CHECK_FAILED if check and drift else EXIT_OK


async def _held(client: AsyncOpenSearch, settings: Settings) -> frozenset[str]:
    """Months that a legal hold keeps; none in a store that has not been set up or used yet."""
    used = settings.keyring_path.exists() and await client.indices.exists(index=Family.CUSTODY.single_index)
    if not used:
        return frozenset()
    async with open_store(settings, now_ms) as store:
        return frozenset(await store.holds.months())


async def _record(plan: Plan, settings: Settings) -> None:
    """Say in the custody log what was changed, in a store that is in use."""
    changed = [
        f"{item.kind.value} {item.name}"
        for item in plan.items
        if item.action in {Action.CREATE, Action.UPDATE}
    ]
    async with open_store(settings, now_ms) as store:
        await record_set_up(store.custody, changed, append_only=plan.cluster.append_only)


def _print(plan: Plan) -> None:
    for item in plan.items:
        if item.action is Action.UNCHANGED:
            continue
        detail = f": {item.detail}" if item.detail else ""
        click.echo(f"{item.action.value:<12} {item.kind.value} {item.name}{detail}")
        for line in item.diff:
            click.echo(f"             {line}")
    unchanged = sum(item.action is Action.UNCHANGED for item in plan.items)
    click.echo(f"{unchanged} of {len(plan.items)} objects are as they should be")


def _as_json(plan: Plan, *, applied: bool) -> JsonObject:
    return {
        "drift": plan.drift,
        "applied": applied,
        "append_only": plan.cluster.append_only,
        "items": [
            {
                "kind": item.kind.value,
                "name": item.name,
                "action": item.action.value,
                "detail": item.detail,
                "diff": list(item.diff),
            }
            for item in plan.items
        ],
    }
