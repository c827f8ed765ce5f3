"""The REST API of OpenSearch's security plugin, as far as roles, mappings and internal users go.

https://docs.opensearch.org/latest/security/access-control/api/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opensearchpy.exceptions import AuthorizationException, NotFoundError

from atlaslens_forwarder.errors import UnreachableError
from atlaslens_forwarder.storage.errors import store_errors

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject

_API: Final = "/_plugins/_security/api"
ROLES: Final = "roles"
MAPPINGS: Final = "rolesmapping"
USERS: Final = "internalusers"


class SecurityApi:
    """Reads and writes what the plugin keeps; it answers only to whom its configuration allows."""

    def __init__(self, client: AsyncOpenSearch) -> None:
        self._client = client

    async def all(self, kind: str) -> dict[str, JsonObject]:
        """All objects of a kind by name, hidden ones left out.

        Raises:
            StoreError: the plugin failed.
            UnreachableError: it does not answer, or this account may not use its API.
        """
        return dict(await self._ask("GET", f"{_API}/{kind}", f"read {kind}"))

    async def one(self, kind: str, name: str) -> JsonObject | None:
        """One object, None where there is none.

        Raises:
            StoreError: the plugin failed.
            UnreachableError: it does not answer, or this account may not use its API.
        """
        try:
            found = await self._ask("GET", f"{_API}/{kind}/{name}", f"read {kind}")
        except _NotThereError:
            return None
        return dict(found[name])

    async def put(self, kind: str, name: str, body: JsonObject) -> None:
        """Create or replace an object.

        Raises:
            StoreError: the plugin refused it.
            UnreachableError: it does not answer, or this account may not use its API.
        """
        await self._ask("PUT", f"{_API}/{kind}/{name}", f"write {kind} {name}", body)

    async def _ask(self, method: str, path: str, doing: str, body: JsonObject | None = None) -> Any:
        with store_errors(doing):
            try:
                return await self._client.transport.perform_request(method, path, body=body)
            except NotFoundError:
                raise _NotThereError from None
            except AuthorizationException:
                raise UnreachableError(
                    f"this account may not {doing} of the security plugin (403)",
                    hint="use the administrator's certificate, or an account whose role is named in "
                    "plugins.security.restapi.roles_enabled of opensearch.yml",
                ) from None


class _NotThereError(Exception):
    """What was asked for does not exist."""
