"""Holds what a store has now against its seals, document by document, and names what differs. Pure.

Each sealed range is read again in the engine's order and its root computed anew. Where that differs, the kept
leaves of the seal (which its root proves) tell which documents are changed, gone or new; a document that only
moved to another number, as in an index that was built anew, is sought by its id and compared by content.
Without leaves what can be told is the range, and every document in it that is not ours.
"""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING, Final, Protocol

from atlaslens_forwarder.seals.findings import Finding, Kind, Notice
from atlaslens_forwarder.seals.leaf import Leaf, root_hex

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from atlaslens_forwarder.seals.findings import Verdict
    from atlaslens_forwarder.seals.leaf import Document
    from atlaslens_forwarder.seals.ports import Endorse, Expired, IndexInfo, SealedStore
    from atlaslens_forwarder.seals.seal import Range, Seal


NOT_OURS: Final = "without a valid origin hash"


class KeptLeaves(Protocol):
    """The leaves that were kept of seals."""

    def lines(self, number: int) -> Iterator[bytes] | None:
        """The data of each leaf of a seal, in the order of its ranges; None when they were not kept."""


class Comparison:
    """One verification of the documents under a chain of seals.

    Args:
        store: reads the indices.
        endorse: whether a document is ours.
        expired: whether the policy has removed an index by now.
        leaves: what was kept of each seal.
        verdict: takes what is found.
    """

    def __init__(
        self,
        store: SealedStore,
        *,
        endorse: Endorse,
        expired: Expired,
        leaves: KeptLeaves,
        verdict: Verdict,
    ) -> None:
        self._store = store
        self._endorse = endorse
        self._expired = expired
        self._leaves = leaves
        self._verdict = verdict
        self._named: set[tuple[str, str]] = set()
        """Documents that are named already, by index and id."""

    async def compare(
        self, last: Seal | None, wanted: AsyncIterator[Seal], names: Mapping[str, bool]
    ) -> None:
        """Hold the store against the wanted seals of a chain, and look at what was stored after its last one.

        Args:
            last: the last seal of the chain.
            wanted: the seals whose documents are read again.
            names: every index that was ever sealed, and whether a seal says that it expired.

        Raises:
            StoreError: the store cannot be read.
            UnreachableError: it does not answer.
        """
        infos = {info.name: info for info in await self._store.indices()}
        self._indices(infos, last)
        self._gone(infos, names)
        strangers: list[Finding] = []
        async for seal in wanted:
            await self._seal(seal, infos)
            strangers += _strangers(seal, infos)
        for stranger in strangers:  # last of all: one that is changed or gone by now is told as that
            key = (stranger.index or "", stranger.id or "")
            if stranger.id is None or key not in self._named:
                self._named.add(key)
                self._find(stranger)
        for info in infos.values():
            await self._tail(info, last)

    def _indices(self, infos: Mapping[str, IndexInfo], last: Seal | None) -> None:
        for info in infos.values():
            state = None if last is None else last.state(info.name)
            if info.checkpoints is None:
                detail = "it is closed, or a shard of it is not there"
                self._find(Finding(Kind.INDEX_UNREAD, detail, index=info.name))
            if info.append_only:
                continue
            if state is not None and state.append_only:
                detail = "it was append-only when it was sealed"
                self._find(Finding(Kind.INDEX_MUTABLE, detail, index=info.name))
            else:
                self._verdict.notice(Notice.MUTABLE, "OpenSearch does not refuse changes in this store")

    def _gone(self, infos: Mapping[str, IndexInfo], names: Mapping[str, bool]) -> None:
        """Say which indices were sealed and are not there: removed by policy, or otherwise."""
        for name, expired in names.items():
            if name in infos:
                continue
            if expired or self._expired(name):
                self._verdict.notice(Notice.EXPIRED, f"{name} was removed after its retention")
            else:
                detail = "it was removed before its retention was over"
                self._find(Finding(Kind.INDEX_MISSING, detail, index=name))

    async def _seal(self, seal: Seal, infos: Mapping[str, IndexInfo]) -> None:
        lines = self._leaves.lines(seal.number)
        for name, ranges in groupby(seal.ranges, key=lambda each: each.index):
            info = infos.get(name)
            if info is None or info.checkpoints is None:
                for each in ranges:
                    _take(lines, each.count)
                continue
            state = seal.state(name)
            rebuilt = state is None or state.uuid != info.uuid
            if rebuilt:
                detail = f"{name} is not the index that was sealed: it was restored, cloned or built anew"
                self._verdict.notice(Notice.REBUILT, detail)
            for each in ranges:
                kept = _take(lines, each.count)
                lines = None if kept is None else lines
                await self._range(seal.number, each, info, kept, rebuilt=rebuilt)

    async def _range(
        self, number: int, sealed: Range, info: IndexInfo, kept: list[bytes] | None, *, rebuilt: bool
    ) -> None:
        documents = [each async for each in self._documents(info, sealed.shard, sealed.after, sealed.to)]
        self._verdict.counts["ranges"] += 1
        self._verdict.counts["documents"] += len(documents)
        leaves = [Leaf.of(document) for document in documents]
        if root_hex(leaf.data() for leaf in leaves) == sealed.root and len(leaves) == sealed.count:
            return
        if kept is None or root_hex(kept) != sealed.root:
            self._place(number, sealed, documents)
            return
        then = [Leaf.read(line) for line in kept]
        await self._differences(number, sealed, then, set(leaves))
        self._surplus(number, sealed, documents, then, rebuilt=rebuilt)

    async def _differences(self, number: int, sealed: Range, then: Sequence[Leaf], now: set[Leaf]) -> None:
        """Name what was sealed and is changed or gone."""
        suspects = [leaf for leaf in then if leaf not in now]
        found: dict[str, list[Leaf]] = {}
        for document in await self._store.find(sealed.index, [leaf.id for leaf in suspects]):
            found.setdefault(document.id, []).append(Leaf.of(document))
        for leaf in suspects:
            others = found.get(leaf.id, [])
            if any(other.sha256 == leaf.sha256 for other in others):
                continue  # whole, under another number
            self._named.add((sealed.index, leaf.id))
            kind = Kind.CHANGED if others else Kind.REMOVED
            self._find(Finding(kind, "", number, sealed.index, sealed.shard, leaf.seq_no, leaf.id))

    def _surplus(
        self,
        number: int,
        sealed: Range,
        documents: Sequence[Document],
        then: Sequence[Leaf],
        *,
        rebuilt: bool,
    ) -> None:
        """Name what lies within a sealed range and was not there."""
        known = {leaf.id for leaf in then}
        for document in documents:
            if document.id in known or (rebuilt and self._endorse(sealed.index, document)):
                continue
            self._name(Kind.ADDED, document, sealed.index, sealed.shard, seal=number)

    def _place(self, number: int, sealed: Range, documents: Sequence[Document]) -> None:
        """Say that a range differs, and name what is not ours in it."""
        detail = (
            f"sealed were {sealed.count} documents in ({sealed.after}, {sealed.to}], now there are "
            f"{len(documents)}; which ones differ could be told by the seal's leaf file"
        )
        self._find(Finding(Kind.RANGE_DIFFERS, detail, number, sealed.index, sealed.shard))
        for document in documents:
            if not self._endorse(sealed.index, document):
                self._name(Kind.CHANGED, document, sealed.index, sealed.shard, seal=number)

    async def _tail(self, info: IndexInfo, last: Seal | None) -> None:
        """Name what was stored after the last seal and is not ours."""
        state = None if last is None else last.state(info.name)
        for shard, checkpoint in enumerate(info.checkpoints or ()):
            same = state is not None and state.uuid == info.uuid and shard < len(state.sealed)
            after = state.sealed[shard] if state is not None and same else -1
            async for document in self._documents(info, shard, after, checkpoint):
                self._verdict.counts["unsealed"] += 1
                if not self._endorse(info.name, document):
                    self._name(Kind.ADDED, document, info.name, shard)

    async def _documents(self, info: IndexInfo, shard: int, after: int, to: int) -> AsyncIterator[Document]:
        to = min(to, info.checkpoints[shard]) if info.checkpoints and shard < len(info.checkpoints) else -1
        while after < to:
            page = await self._store.read(info.name, shard, after, to)
            for document in page.documents:
                yield document
            after = page.to

    def _name(
        self, kind: Kind, document: Document, index: str, shard: int, *, seal: int | None = None
    ) -> None:
        """Name a document once."""
        if (index, document.id) in self._named:
            return
        self._named.add((index, document.id))
        detail = "not there when its range was sealed" if self._endorse(index, document) else NOT_OURS
        self._find(Finding(kind, detail, seal, index, shard, document.seq_no, document.id))

    def _find(self, finding: Finding) -> None:
        self._verdict.findings.append(finding)


def _strangers(seal: Seal, infos: Mapping[str, IndexInfo]) -> list[Finding]:
    """The documents that were sealed as not ours and should still be there."""
    found = [
        Finding(Kind.ADDED, NOT_OURS, seal.number, each.index, each.shard, each.seq_no, each.id)
        for each in seal.strangers_named
        if each.index in infos
    ]
    unnamed = seal.strangers - len(seal.strangers_named)
    if unnamed:
        found.append(Finding(Kind.ADDED, f"{unnamed} more {NOT_OURS}", seal.number))
    return found


def _take(lines: Iterator[bytes] | None, count: int) -> list[bytes] | None:
    """The next leaves; None when there are none, or fewer."""
    if lines is None:
        return None
    taken = list(islice(lines, count))
    return taken if len(taken) == count else None
