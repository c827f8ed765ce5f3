"""Empties the session's store between modules, at the price of what was used and no more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

OURS = "atlaslens-*"
NAMES_PER_REQUEST = 50
"""OpenSearch bounds the URL at 4 KiB (``http.max_initial_line_length``)."""
NEVER_WRITTEN = -1
"""The highest sequence number of a shard that has seen no operation, not even a refused one."""


class Wipe:
    """Call it for a store that is empty and set up.

    An index costs a tenth of a second of processor time to create, and a set-up has sixteen, of which most
    modules write to a few. So those stay which an earlier call made itself and nothing has happened to since.
    """

    def __init__(self, client: AsyncOpenSearch) -> None:
        self._client = client
        self._made: set[tuple[str, int]] = set()

    async def __call__(self) -> AsyncOpenSearch:
        unwritten = await self._unwritten()
        names = [
            name
            for name, version in (await self._versions()).items()
            if name not in unwritten or version not in self._made
        ]
        # The node refuses to delete by a pattern. Many in one request are one change of the cluster's state.
        for start in range(0, len(names), NAMES_PER_REQUEST):
            await self._client.indices.delete(index=",".join(names[start : start + NAMES_PER_REQUEST]))
        options = SetupOptions(now_ms=time.time_ns() // 1_000_000)
        await apply_plan(self._client, await make_plan(self._client, options))
        self._made = set((await self._versions()).values())
        return self._client

    async def _versions(self) -> dict[str, tuple[str, int]]:
        """Each index's own id and how often its settings, mapping, aliases or state were changed."""
        state = await self._client.cluster.state(
            metric="metadata", index=OURS, params={"expand_wildcards": "all"}
        )
        return {
            name: (entry["settings"]["index"]["uuid"], entry["version"])
            for name, entry in state["metadata"]["indices"].items()
        }

    async def _unwritten(self) -> set[str]:
        """Open indices without a single operation."""
        stats = await self._client.indices.stats(index=OURS, metric="docs", params={"level": "shards"})
        return {
            name
            for name, entry in stats["indices"].items()
            if all(
                shard["seq_no"]["max_seq_no"] == NEVER_WRITTEN
                for copies in entry["shards"].values()
                for shard in copies
            )
        }
