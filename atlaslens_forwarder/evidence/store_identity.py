"""Which store an export was read from: cluster and index ids, and what their immutability rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opensearchpy.exceptions import AuthorizationException

from atlaslens_forwarder.storage.client import check_version
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import EVENTS_ALIAS

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject, JsonValue


async def refresh(client: AsyncOpenSearch, index: str = EVENTS_ALIAS) -> bool:
    """Make all that was stored so far visible; False when our account may not (a reader need not).

    Raises:
        StoreError: OpenSearch failed to.
        UnreachableError: it does not answer.
    """
    with store_errors("refresh the event indices"):
        try:
            await client.indices.refresh(index=index, params={"ignore_unavailable": "true"})
        except AuthorizationException:
            return False
    return True


async def describe_store(
    client: AsyncOpenSearch, *, refreshed: bool, index: str = EVENTS_ALIAS
) -> JsonObject:
    """Cluster and indices behind an alias, for the manifest.

    ``docs`` counts all documents of an index at about the time of the export, not those of the filter.

    Raises:
        StoreError: OpenSearch answers, but not this.
        UnreachableError: it does not answer, or refuses us.
    """
    cluster = await check_version(client)
    with store_errors("describe the event indices"):
        settings = await client.indices.get_settings(index=index)
        stats = await client.indices.stats(index=index, metric="docs")
    indices: list[JsonValue] = []
    for name in sorted(settings):
        index_settings = settings[name]["settings"]["index"]
        counted = stats["indices"].get(name, {}).get("primaries", {}).get("docs", {}).get("count")
        entry: JsonObject = {
            "name": name,
            "uuid": index_settings["uuid"],
            "docs": counted,
            "append_only": is_append_only(index_settings),
        }
        indices.append(entry)
    return {
        "cluster_name": cluster.name,
        "cluster_uuid": cluster.uuid,
        "version": cluster.version,
        "refreshed": refreshed,
        "indices": indices,
    }


def is_append_only(index_settings: JsonObject) -> bool:
    """Whether OpenSearch refuses to change documents of an index with these (nested) settings."""
    append_only = index_settings.get("append_only")
    return isinstance(append_only, dict) and append_only.get("enabled") in {"true", True}
