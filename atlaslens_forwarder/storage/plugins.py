"""Which of the plugins that we can use are installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.storage.errors import store_errors

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch


@dataclass(frozen=True, slots=True)
class Plugins:
    """Presence of each optional plugin on at least one node."""

    index_management: bool = False
    alerting: bool = False
    security: bool = False


async def read_plugins(client: AsyncOpenSearch) -> Plugins:
    """Ask ``_cat/plugins``.

    Raises:
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    with store_errors("list its plugins"):
        rows = await client.cat.plugins(params={"format": "json", "h": "component"})
    components = {str(row.get("component")) for row in rows if isinstance(row, dict)}
    return Plugins(
        index_management="opensearch-index-management" in components,
        alerting="opensearch-alerting" in components,
        security="opensearch-security" in components,
    )
