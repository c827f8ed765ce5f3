"""Who holds which lease, for people: judged by the wall clock, which forwarders themselves never trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.time import SECOND_MS
from atlaslens_forwarder.service.leases import KIND, lease_ttl_s

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.storage.state import StateStore


async def holders(state: StateStore, now_ms: int) -> JsonObject:
    """For each lease its holder (empty when it was given back), when it was renewed, and whether it is stale.

    Raises:
        StoreError: the state cannot be read.
        UnreachableError: OpenSearch does not answer.
    """
    return {
        doc.connector: {
            "holder": doc.holder,
            "renewed_ms": doc.updated_ms,
            "stale": bool(doc.holder) and now_ms - doc.updated_ms > lease_ttl_s(doc) * SECOND_MS,
            **{key: doc.value.get(key) for key in ("token", "ttl_s")},
        }
        for doc in await state.list(KIND)
    }
