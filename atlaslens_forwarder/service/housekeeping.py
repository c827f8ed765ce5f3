"""What keeps the store in shape between rounds: months made ahead, held ones kept, expired ones removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.service.custody_log import record_months_deleted, record_months_missing
from atlaslens_forwarder.service.months_seen import MonthsSeen
from atlaslens_forwarder.storage.disk import read_disks
from atlaslens_forwarder.storage.retention import delete_expired_months

if TYPE_CHECKING:
    from atlaslens_forwarder.service.store import Store
    from atlaslens_forwarder.telemetry.observer import Telemetry


async def keep_house(store: Store, telemetry: Telemetry, now_ms: int, retention_days: int) -> None:
    """Look at the disks; create the months ahead; keep what is held; remove what is expired.

    Where OpenSearch removes months itself, we do not. Months that went are recorded in the custody log: ours
    at once, those that others deleted (index management, another forwarder, an administrator) when we notice
    that they are gone.

    Raises:
        StoreError: OpenSearch is not set up, or its clock and ours disagree.
        UnreachableError: OpenSearch does not answer.
    """
    telemetry.disks(await read_disks(store.keeper))
    telemetry.months(created=await store.months.ensure_ahead(now_ms))
    await store.holds.keep()
    held = await store.holds.months()
    seen = MonthsSeen(store.keeper, store.state)
    others = "ism" if store.plugins.index_management else "others"
    by_others = await seen.look(held, now_ms, retention_days)
    if by_others.expired:
        await record_months_deleted(store.custody, by_others.expired, by=others)
    if by_others.missing:
        await record_months_missing(store.custody, by_others.missing)
        telemetry.months_missing(by_others.missing)
    expired = await delete_expired_months(
        store.keeper, now_ms, retention_days, plugins=store.plugins, held=held
    )
    if expired:
        store.months.forget()
        await record_months_deleted(store.custody, expired, by="forwarder")
        await seen.look(held, now_ms, retention_days)
    telemetry.months(expired=expired)
