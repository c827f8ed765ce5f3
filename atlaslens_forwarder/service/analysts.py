"""Accounts of analysts: internal users of OpenSearch with the analyst role, each for one person.

Only accounts that were made here are seen and touched; they carry a mark. Each change is in the custody log
before it is made. OpenSearch gets bcrypt hashes only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.provision.security.api import MAPPINGS, USERS
from atlaslens_forwarder.provision.security.passwords import check_password, hash_password, unusable_hash
from atlaslens_forwarder.provision.security.roles import ANALYST

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.provision.security.api import SecurityApi
    from atlaslens_forwarder.storage.custody import Custody

CREATED: Final = "account_created"
DISABLED: Final = "account_disabled"
ENABLED: Final = "account_enabled"
RESET: Final = "account_password_reset"
_MARK: Final = {"managed_by": "atlaslens-forwarder"}
_NAME: Final = re.compile(r"(?!atlaslens-)[A-Za-z][A-Za-z0-9._-]{1,62}")


@dataclass(frozen=True, slots=True)
class Analyst:
    """An account as it is listed."""

    name: str
    enabled: bool


class Analysts:
    """The accounts of one store."""

    def __init__(self, api: SecurityApi, custody: Custody) -> None:
        self._api = api
        self._custody = custody

    async def all(self) -> list[Analyst]:
        """Our accounts by name.

        Raises:
            StoreError: the plugin failed.
            UnreachableError: it does not answer, or this account may not use its API.
        """
        users = await self._api.all(USERS)
        return [Analyst(name, _enabled(user)) for name, user in sorted(users.items()) if _ours(user)]

    async def create(self, name: str, password: str, *, reason: str = "") -> None:
        """Make an account.

        Raises:
            ConfigError: the name is taken or does not fit, the password is too weak, or there is no analyst
                role yet.
            StoreError: the custody log cannot be written, or the plugin refused.
            UnreachableError: the plugin does not answer, or this account may not use its API.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(
                "the account's name does not fit",
                hint="use 2 to 63 letters, digits, dots, hyphens and underscores; no e-mail address, since "
                "names show in logs, and none that begins with atlaslens-",
            )
        if await self._api.one(MAPPINGS, ANALYST.name) is None:
            raise ConfigError("there is no analyst role yet", hint="run: setup --security")
        if await self._api.one(USERS, name) is not None:
            raise ConfigError(f"there is an account {name} already", hint="choose another name, or reset it")
        check_password(password, related=[name])
        await self._change(CREATED, name, hash_password(password), reason, enabled=True)

    async def reset(self, name: str, password: str, *, reason: str = "") -> None:
        """Give an account that is enabled a new password.

        Raises:
            ConfigError: it is unknown, not ours or disabled, or the password is too weak.
            StoreError: the custody log cannot be written, or the plugin refused.
            UnreachableError: the plugin does not answer, or this account may not use its API.
        """
        if not _enabled(await self._own(name)):
            raise ConfigError(f"the account {name} is disabled", hint=f"run: admin enable {name}")
        check_password(password, related=[name])
        await self._change(RESET, name, hash_password(password), reason, enabled=True)

    async def enable(self, name: str, password: str, *, reason: str = "") -> None:
        """Give a disabled account its role back, and a new password.

        Raises:
            ConfigError: it is unknown, not ours or enabled, or the password is too weak.
            StoreError: the custody log cannot be written, or the plugin refused.
            UnreachableError: the plugin does not answer, or this account may not use its API.
        """
        if _enabled(await self._own(name)):
            raise ConfigError(f"the account {name} is enabled", hint=f"run: admin reset {name}")
        check_password(password, related=[name])
        await self._change(ENABLED, name, hash_password(password), reason, enabled=True)

    async def disable(self, name: str, *, reason: str = "") -> None:
        """Take an account its role and its password; whoever is logged in is out with the next request.

        Raises:
            ConfigError: it is unknown or not ours.
            StoreError: the custody log cannot be written, or the plugin refused.
            UnreachableError: the plugin does not answer, or this account may not use its API.
        """
        await self._own(name)
        await self._change(DISABLED, name, unusable_hash(), reason, enabled=False)

    async def _own(self, name: str) -> JsonObject:
        user = await self._api.one(USERS, name)
        if user is None:
            raise ConfigError(f"there is no account {name}", hint="run: admin list")
        if not _ours(user):
            raise ConfigError(
                f"the account {name} was not made here", hint="change it where it was made; see: admin list"
            )
        return user

    async def _change(self, action: str, name: str, hashed: str, reason: str, *, enabled: bool) -> None:
        await self._custody.record(action, body={"account": name}, reason=reason)
        body: JsonObject = {
            "hash": hashed,
            "backend_roles": [ANALYST.name] if enabled else [],
            "attributes": {**_MARK},
        }
        await self._api.put(USERS, name, body)


def _ours(user: JsonObject) -> bool:
    attributes = user.get("attributes")
    marked = isinstance(attributes, dict) and attributes.items() >= _MARK.items()
    return marked and not user.get("reserved") and not user.get("hidden")


def _enabled(user: JsonObject) -> bool:
    roles = user.get("backend_roles")
    return isinstance(roles, list) and ANALYST.name in roles
