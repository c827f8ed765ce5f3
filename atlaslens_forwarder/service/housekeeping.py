"""What keeps the store in shape between rounds: months ahead of need, expired months removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.storage.disk import read_disks
from atlaslens_forwarder.storage.retention import delete_expired_months

if TYPE_CHECKING:
    from atlaslens_forwarder.service.forwarder import Store
    from atlaslens_forwarder.telemetry.observer import Telemetry


async def keep_house(store: Store, telemetry: Telemetry, now_ms: int, retention_days: int) -> None:
    """Look at the disks; create the months ahead; remove expired ones where OpenSearch does not do it itself.

    Raises:
        StoreError: OpenSearch is not set up, or its clock and ours disagree.
        UnreachableError: OpenSearch does not answer.
    """
    telemetry.disks(await read_disks(store.client))
    telemetry.months(created=await store.months.ensure_ahead(now_ms))
    expired = await delete_expired_months(store.keeper, now_ms, retention_days, plugins=store.plugins)
    if expired:
        store.months.forget()
    telemetry.months(expired=expired)
