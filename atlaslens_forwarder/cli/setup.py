"""``setup``: plan → diff → apply, for OpenSearch and, where one is named, for OpenSearch Dashboards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.plan_items import items_json, print_items
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
from atlaslens_forwarder.cli.setup_accounts import set_up_accounts
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
from atlaslens_forwarder.service.saved_views import known_people
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.service.store_access import Account, open_as
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import Family
from atlaslens_forwarder.views.saved_objects.bundle import NOBODY

if TYPE_CHECKING:
    from pathlib import Path

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.cli.setup_accounts import SetUpAccounts
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.provision.dashboards.compare import ObjectPlan
    from atlaslens_forwarder.provision.plan import Plan
    from atlaslens_forwarder.settings import Settings


@click.command()
@click.option("--check", is_flag=True, help="Only compare; exit 1 when anything differs.")
@click.option(
    "--security", is_flag=True, help="Also set up roles and accounts in OpenSearch's security plugin."
)
@click.option(
    "--renew",
    "renewed",
    multiple=True,
    type=click.Choice([account.value for account in Account]),
    help="With --security: give this account a new password; may be repeated.",
)
@dashboards_options
@common_options()
@asynchronous
async def setup(
    env_file: Path | None,
    dashboards_url: str | None,
    dashboards_tenant: str | None,
    dashboards_workspace: str | None,
    renewed: tuple[str, ...],
    *,
    check: bool,
    security: bool,
    embedded: bool,
    as_json: bool,
) -> int:
    """Put index templates, months, retention and settings into OpenSearch, and views into Dashboards.

    With --security also roles, and accounts with the least rights that each needs (docs/security.md).

    Shows each object and what differs, then applies it. Doing it again changes nothing.
    """
    if renewed and not security:
        raise click.UsageError("--renew needs --security")
    settings = open_settings(env_file)
    dashboards = dashboards_config(
        settings, url=dashboards_url, tenant=dashboards_tenant, workspace=dashboards_workspace
    )
    async with with_store(settings, embedded=embedded, set_up=False) as ready:
        async with open_as(ready, Account.ADMIN) as client:
            options = replace(setup_options(ready), held=await _held(client, ready))
            plan = await make_plan(client, options)
            if not as_json:
                print_items(plan.items, "objects")
            if not check:
                await apply_plan(client, plan)
            accounts = (
                await set_up_accounts(client, settings, renewed, check=check, quiet=as_json)
                if security
                else None
            )
        known = NOBODY
        if dashboards:
            async with open_as(ready, Account.READER) as client:
                known = await known_people(client)
        if not check:
            await _record(plan, ready)
    views = None if dashboards is None else await set_up_dashboards(dashboards, known, check=check)
    drift = plan.drift or any(part is not None and part.drift for part in (views, accounts))
    if as_json:
        print_json(_as_json(plan, views, accounts, applied=not check) | {"drift": drift})
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
    if not settings.keyring_path.exists():
        return frozenset()
    with store_errors("look for the custody log"):
        if not await client.indices.exists(index=Family.CUSTODY.single_index):
            return frozenset()
    async with open_store(settings, now_ms) as store:
        return frozenset(await store.holds.months())


async def _record(plan: Plan, settings: Settings) -> None:
    """Say in the custody log what was changed, in a store that is in use."""
    if not plan.drift or not settings.keyring_path.exists():
        return
    changed = [
        f"{item.kind.value} {item.name}"
        for item in plan.items
        if item.action in {Action.CREATE, Action.UPDATE}
    ]
    async with open_store(settings, now_ms) as store:
        await record_set_up(store.custody, changed, append_only=plan.cluster.append_only)


def _as_json(
    plan: Plan, views: ObjectPlan | None, accounts: SetUpAccounts | None, *, applied: bool
) -> JsonObject:
    found: JsonObject = {
        "applied": applied,
        "append_only": plan.cluster.append_only,
        "items": items_json(plan.items),
    }
    if views is not None:
        found["dashboards"] = objects_json(views)
    if accounts is not None:
        found["security"] = accounts.to_json()
    return found
