"""Whether the accounts of a store may do what their part needs, and no more. Changes nothing.

OpenSearch's security plugin answers ``perform_permission_check=true`` with what is missing, and does not
carry the request out. https://docs.opensearch.org/latest/security/access-control/permissions/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import Family, month_index

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.store import Store

_DRY: Final = {"perform_permission_check": "true"}


async def account_problems(store: Store, now_ms: int) -> list[str]:
    """One line for each right that is missing or too many; none where OpenSearch has no security plugin.

    Raises:
        UnreachableError: OpenSearch does not answer.
    """
    if not store.plugins.security:
        return []
    month = month_index(Family.AUDIT, now_ms)
    found = [
        f"the keeper may not {doing} a month ({missing}): {outcome}"
        for doing, method, outcome in (
            ("create", "PUT", "the next one cannot be made"),
            (
                "delete",
                "DELETE",
                "expired ones stay for ever, also under a policy, which acts with its rights",
            ),
        )
        if (missing := await _missing(store.keeper, method, f"/{month}"))
    ]
    document = f"/{month}/_doc/any"
    if missing := await _missing(store.client, "PUT", f"/{month}/_create/any", {}):
        found.append(f"the writer may not create events ({missing}): nothing is stored")
    if missing := await _missing(store.reader, "GET", f"/{month}/_search"):
        found.append(f"the reader may not search events ({missing}): exports, views and rules fail")
    if store.client is not store.reader and not await _missing(store.client, "GET", f"/{month}/_search"):
        found.append("the writer may read events, which it need not: see docs/security.md")
    if store.client is not store.keeper and not await _missing(store.client, "DELETE", f"/{month}"):
        found.append("the writer may delete months, which it must not: see docs/security.md")
    if store.reader is not store.client and not await _missing(store.reader, "PUT", document, {}):
        found.append("the reader may write events, which it must not: see docs/security.md")
    return found


async def _missing(client: AsyncOpenSearch, method: str, path: str, body: JsonObject | None = None) -> str:
    """The permissions that are missing for a request, empty when there is none."""
    with store_errors("check the rights of its accounts"):
        answer = await client.transport.perform_request(method, path, params=_DRY, body=body)
    return "" if answer.get("accessAllowed") else ", ".join(map(str, answer.get("missingPrivileges", ())))
