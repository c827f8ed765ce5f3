"""Room on the disks of the cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opensearchpy.exceptions import AuthorizationException

from atlaslens_forwarder.storage.errors import store_errors

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch


@dataclass(frozen=True, slots=True)
class Disk:
    """The disks of one node together."""

    node: str
    available_bytes: int
    size_bytes: int


async def read_disks(client: AsyncOpenSearch) -> list[Disk]:
    """The disks of every node; none where our account may not ask (``cluster:monitor/nodes/stats``).

    Raises:
        StoreError: OpenSearch failed to tell.
        UnreachableError: it does not answer.
    """
    with store_errors("look at its disks"):
        try:
            answer = await client.nodes.stats(metric="fs")
        except AuthorizationException:
            return []
    return [
        Disk(node["name"], node["fs"]["total"]["available_in_bytes"], node["fs"]["total"]["total_in_bytes"])
        for node in answer["nodes"].values()
    ]
