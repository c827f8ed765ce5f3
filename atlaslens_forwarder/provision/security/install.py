"""Plans and applies roles, their mappings and the accounts of services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError, StoreError
from atlaslens_forwarder.provision.plan import Action, Kind
from atlaslens_forwarder.provision.security.api import MAPPINGS, ROLES, USERS, SecurityApi
from atlaslens_forwarder.provision.security.compare import security_items
from atlaslens_forwarder.provision.security.passwords import check_password, hash_password, make_password
from atlaslens_forwarder.storage.plugins import read_plugins

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.provision.plan import PlanItem

_CHANGES = frozenset({Action.CREATE, Action.UPDATE})


async def plan_security(client: AsyncOpenSearch, *, renew: Collection[str] = ()) -> tuple[PlanItem, ...]:
    """Compare the roles and accounts of this version with those in the plugin; changes nothing.

    Raises:
        ConfigError: the plugin is not installed.
        StoreError: it failed.
        UnreachableError: it does not answer, or this account may not use its API.
    """
    if not (await read_plugins(client)).security:
        raise ConfigError(
            "OpenSearch has no security plugin", hint="install it, or run setup without --security"
        )
    api = SecurityApi(client)
    return security_items(await api.all(ROLES), await api.all(MAPPINGS), await api.all(USERS), renew=renew)


def missing_passwords(items: Sequence[PlanItem], given: Mapping[str, str]) -> dict[str, str]:
    """New passwords for those accounts that need one and are given none.

    Raises:
        ConfigError: a given password that is needed is too weak.
    """
    accounts = [item.name for item in items if item.kind is Kind.ACCOUNT and item.action in _CHANGES]
    for name in accounts:
        if name in given:
            check_password(given[name], related=[name])
    return {name: make_password() for name in accounts if name not in given}


async def apply_security(
    client: AsyncOpenSearch, items: Sequence[PlanItem], passwords: Mapping[str, str]
) -> None:
    """Apply the items in their order; ``passwords`` has one for each account that is to be changed.

    Raises:
        StoreError: an item is refused (nothing is changed then), or the plugin refused one.
        UnreachableError: the plugin does not answer, or this account may not use its API.
    """
    refused = next((item for item in items if item.action is Action.REFUSE), None)
    if refused is not None:
        raise StoreError(f"set-up refused for {refused.kind.value} {refused.name}", hint=refused.detail)
    api = SecurityApi(client)
    for item in (item for item in items if item.action in _CHANGES):
        if item.kind is Kind.ROLE and item.body is not None:
            await api.put(ROLES, item.name, item.body)
        elif item.kind is Kind.ROLE_MAPPING and item.body is not None:
            await api.put(MAPPINGS, item.name, item.body)
        elif item.kind is Kind.ACCOUNT:
            body: JsonObject = {"hash": hash_password(passwords[item.name])}
            await api.put(USERS, item.name, body)
