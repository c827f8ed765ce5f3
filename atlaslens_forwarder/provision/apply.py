"""Carries out a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opensearchpy.exceptions import RequestError

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.provision.monitors import put_monitor
from atlaslens_forwarder.provision.plan import Action, Kind
from atlaslens_forwarder.storage.errors import error_type, store_errors
from atlaslens_forwarder.storage.ism import attach_policy
from atlaslens_forwarder.storage.months import MonthKeeper
from atlaslens_forwarder.storage.names import OWN_PATTERN
from atlaslens_forwarder.storage.plugins import read_plugins

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.provision.plan import Plan, PlanItem


@dataclass(frozen=True, slots=True)
class Result:
    """A plan item that was carried out."""

    item: PlanItem
    changed: bool


async def apply_plan(client: AsyncOpenSearch, plan: Plan) -> list[Result]:
    """Apply every item in order; stops at the first that fails. Applying the same plan again does no harm.

    Raises:
        StoreError: the plan holds a refusal (nothing is applied then), or OpenSearch refused an object.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    refused = [item for item in plan.items if item.action is Action.REFUSE]
    if refused:
        first = refused[0]
        more = f" ({len(refused)} such objects)" if len(refused) > 1 else ""
        raise StoreError(
            f"set-up refused for {first.kind.value} {first.name}{more}",
            hint="; ".join([first.detail, *first.diff]),
        )

    async def held() -> frozenset[str]:
        return plan.options.held

    keeper = MonthKeeper(
        client,
        plugins=await read_plugins(client),
        accept_mutable=plan.options.accept_mutable,
        held=held,
    )
    results = []
    for item in plan.items:
        changes = item.action in {Action.CREATE, Action.UPDATE}
        if changes:
            await _apply(client, keeper, item)
        results.append(Result(item, changes))
    return results


async def _apply(client: AsyncOpenSearch, keeper: MonthKeeper, item: PlanItem) -> None:
    with store_errors(f"{item.action.value} the {item.kind.value} {item.name}"):
        match item.kind:
            case Kind.CLUSTER_SETTING:
                await client.cluster.put_settings(body=item.body)
            case Kind.COMPONENT_TEMPLATE:
                await client.cluster.put_component_template(name=item.name, body=item.body)
            case Kind.INDEX_TEMPLATE:
                await client.indices.put_index_template(name=item.name, body=item.body)
            case Kind.ISM_POLICY:
                await _put_policy(client, item)
            case Kind.INDEX:
                await _create_index(client, item)
            case Kind.MAPPING:
                await client.indices.put_mapping(index=item.name, body=item.body)
            case Kind.MONTH if item.action is Action.CREATE:
                await keeper.ensure_months([item.name])
            case Kind.MONTH:
                await attach_policy(client, [item.name])
            case Kind.MONITOR:
                await put_monitor(client, item)


async def _create_index(client: AsyncOpenSearch, item: PlanItem) -> None:
    try:
        await client.indices.create(index=item.name, body=item.body)
    except RequestError as error:
        if error_type(error) != "resource_already_exists_exception":
            raise


async def _put_policy(client: AsyncOpenSearch, item: PlanItem) -> None:
    path = f"/_plugins/_ism/policies/{item.name}"
    if item.action is Action.CREATE:
        await client.transport.perform_request("PUT", path, body=item.body)
        return
    # An update names the version it replaces; months under the old version move to the new one explicitly.
    there = await client.transport.perform_request("GET", path)
    version = {"if_seq_no": there["_seq_no"], "if_primary_term": there["_primary_term"]}
    await client.transport.perform_request("PUT", path, params=version, body=item.body)
    await client.transport.perform_request(
        "POST", f"/_plugins/_ism/change_policy/{OWN_PATTERN}", body={"policy_id": item.name}
    )
