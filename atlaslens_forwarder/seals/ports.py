"""What sealing and verifying ask of the store and of the keys. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from atlaslens_forwarder.seals.leaf import Document

Endorse: TypeAlias = "Callable[[str, Document], bool]"
"""Whether a document of an index was written by us, unaltered, and belongs there under this id."""

Expired: TypeAlias = Callable[[str], bool]
"""Whether the policy has removed an index of this name by now."""


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """An append-only index of ours as the cluster shows it."""

    name: str
    uuid: str
    created_ms: int
    append_only: bool
    """Whether OpenSearch refuses to change its documents."""
    checkpoints: tuple[int, ...] | None
    """Global checkpoint of each shard: all up to it is on every copy. None when a shard cannot be read."""


@dataclass(frozen=True, slots=True)
class Page:
    """Documents of a shard in order, and up to which number they are all there are."""

    documents: Sequence[Document]
    to: int


class SealedStore(Protocol):
    """Reads the append-only indices."""

    async def indices(self) -> list[IndexInfo]:
        """All of them but that of the seals, by name; what was stored up to the checkpoints can be read."""

    async def read(self, index: str, shard: int, after: int, to: int) -> Page:
        """The first documents of a shard in ``(after, to]``, as many as fit into a page."""

    async def find(self, index: str, ids: Sequence[str]) -> list[Document]:
        """Those documents of an index that have one of these ids."""
