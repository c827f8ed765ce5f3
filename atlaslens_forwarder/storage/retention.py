"""Removes expired months where OpenSearch cannot do it itself (no index management plugin)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opensearchpy.exceptions import NotFoundError

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.expiry import RETENTION_DAYS, expired_months
from atlaslens_forwarder.storage.months import month_names

if TYPE_CHECKING:
    from collections.abc import Collection

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.storage.plugins import Plugins

_CLOCK_TOLERANCE_MS = DAY_MS
"""A wrong clock must not delete: months are removed only when OpenSearch's own clock agrees this far."""


async def delete_expired_months(
    client: AsyncOpenSearch,
    now_ms: int,
    retention_days: int = RETENTION_DAYS,
    *,
    plugins: Plugins,
    held: Collection[str] = (),
) -> list[str]:
    """Delete the month indices that are expired, whole; returns their names.

    Does nothing where the index management plugin is installed: there the policy does it. Months in
    ``held`` stay.

    Raises:
        StoreError: our clock and OpenSearch's are more than a day apart, so nothing was deleted.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    if plugins.index_management:
        return []
    names = await month_names(client)
    expired = [name for name in expired_months(names, now_ms, retention_days) if name not in held]
    if not expired:
        return []
    await _agree_on_time(client, now_ms)
    deleted = []
    for name in expired:
        with store_errors(f"delete the expired month {name}"):
            try:
                await client.indices.delete(index=name)
            except NotFoundError:
                continue  # another forwarder was faster
        deleted.append(name)
    return deleted


async def _agree_on_time(client: AsyncOpenSearch, now_ms: int) -> None:
    with store_errors("tell its time"):
        stats = await client.nodes.stats(metric="jvm", params={"filter_path": "nodes.*.jvm.timestamp"})
    times = [node["jvm"]["timestamp"] for node in stats.get("nodes", {}).values()]
    if not times or max(abs(now_ms - at_ms) for at_ms in times) > _CLOCK_TOLERANCE_MS:
        raise StoreError(
            "expired months were not deleted, since our clock and OpenSearch's are more than a day apart",
            hint="set both clocks right",
        )
