"""Composes the next seal: what the store holds beyond the last one, and what became of its indices. Pure.

Everything comes from the engine's own order: a shard's sequence numbers up to its global checkpoint, of which
nothing is under way any more. No clock decides what belongs to a seal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import SECOND_MS, iso_ms
from atlaslens_forwarder.seals.leaf import Leaf, root_hex
from atlaslens_forwarder.seals.seal import (
    Gone,
    IndexState,
    Previous,
    Range,
    Rebuilt,
    Seal,
    Stamp,
    Stranger,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atlaslens_forwarder.seals.ports import Endorse, Expired, IndexInfo, SealedStore
    from atlaslens_forwarder.seals.seal import SignedSeal

NAMED_STRANGERS: Final = 100
"""Strangers that a seal names; the rest is counted."""
MOST_RANGES: Final = 2_000
"""Roots of one seal (two million documents); what is left goes into the next one, made at once."""


@dataclass(slots=True)
class _Found:
    ranges: list[Range] = field(default_factory=list)
    strangers: int = 0
    named: list[Stranger] = field(default_factory=list)


class Composer:
    """Makes seals of one store.

    Args:
        store: reads the indices.
        endorse: whether a document is ours.
        expired: whether the policy has removed an index by now.
        keep: takes the data of each leaf, in the order of the seal's ranges.
        most_ranges: how many roots a seal may hold.
    """

    def __init__(
        self,
        store: SealedStore,
        *,
        endorse: Endorse,
        expired: Expired,
        keep: Callable[[bytes], None],
        most_ranges: int = MOST_RANGES,
    ) -> None:
        self._store = store
        self._endorse = endorse
        self._expired = expired
        self._keep = keep
        self._most_ranges = most_ranges

    async def compose(
        self,
        previous: SignedSeal | None,
        *,
        now_ms: int,
        interval_s: int,
        forwarder: str,
        cluster: str,
        key_ids: Sequence[str],
        rolled_back_to: int | None = None,
        stamps: Sequence[Stamp] = (),
    ) -> Seal:
        """The next seal of the chain, which covers all that is stored and not sealed yet.

        Raises:
            StoreError: the store cannot be read.
            UnreachableError: it does not answer.
        """
        before = {} if previous is None else {each.name: each for each in previous.seal.indices}
        infos = {info.name: info for info in await self._store.indices()}
        found = _Found()
        states: list[IndexState] = []
        rebuilt: list[Rebuilt] = []
        unread: list[str] = []
        for name, info in infos.items():
            known = before.get(name)
            if info.checkpoints is None:
                unread.append(name)
                states += [] if known is None else [known]
                continue
            if known is not None and not continues(known, info):
                rebuilt.append(Rebuilt(name=name, uuid_before=known.uuid))
                known = None
            states.append(await self._state(info, known, found))
        gone = [
            Gone(name=name, uuid=state.uuid, expired=self._expired(name))
            for name, state in before.items()
            if name not in infos
        ]
        return Seal(
            number=1 if previous is None else previous.seal.number + 1,
            created=iso_ms(now_ms),
            previous=None
            if previous is None
            else Previous(hash=previous.hash, created=previous.seal.created),
            interval_s=interval_s,
            missed=0 if previous is None else missed(previous.seal, now_ms, interval_s),
            more=any(_is_behind(state, infos[state.name]) for state in states),
            forwarder=forwarder,
            cluster=cluster,
            key_ids=tuple(key_ids),
            indices=tuple(states),
            ranges=tuple(found.ranges),
            gone=tuple(gone),
            rebuilt=tuple(rebuilt),
            unread=tuple(unread),
            rolled_back_to=rolled_back_to,
            strangers=found.strangers,
            strangers_named=tuple(found.named),
            stamps=tuple(stamps),
        )

    async def _state(self, info: IndexInfo, known: IndexState | None, found: _Found) -> IndexState:
        sealed: list[int] = []
        for shard, checkpoint in enumerate(info.checkpoints or ()):
            after = -1 if known is None else known.sealed[shard]
            while after < checkpoint and len(found.ranges) < self._most_ranges:
                after = await self._range(info.name, shard, after, checkpoint, found)
            sealed.append(after)
        return IndexState(
            name=info.name,
            uuid=info.uuid,
            created_ms=info.created_ms,
            append_only=info.append_only,
            sealed=tuple(sealed),
        )

    async def _range(self, index: str, shard: int, after: int, checkpoint: int, found: _Found) -> int:
        """Seal the next documents of a shard; returns the number up to which it is sealed now."""
        page = await self._store.read(index, shard, after, checkpoint)
        data = [Leaf.of(document).data() for document in page.documents]
        for document, line in zip(page.documents, data, strict=True):
            self._keep(line)
            if self._endorse(index, document):
                continue
            found.strangers += 1
            if len(found.named) < NAMED_STRANGERS:
                stranger = Stranger(index=index, shard=shard, seq_no=document.seq_no, id=document.id)
                found.named.append(stranger)
        root = root_hex(data)
        found.ranges.append(
            Range(index=index, shard=shard, after=after, to=page.to, count=len(data), root=root)
        )
        return page.to


def continues(known: IndexState, info: IndexInfo) -> bool:
    """Whether an index is still the one that was sealed: same UUID, and no shard behind its seal."""
    checkpoints = info.checkpoints or ()
    return (
        known.uuid == info.uuid
        and len(known.sealed) == len(checkpoints)
        and all(sealed <= now for sealed, now in zip(known.sealed, checkpoints, strict=True))
    )


def missed(previous: Seal, now_ms: int, interval_s: int) -> int:
    """How many seals were due between the one before and now, and were not made."""
    return max(0, (now_ms - previous.created_ms) // (interval_s * SECOND_MS) - 1)


def is_due(previous: Seal | None, now_ms: int, interval_s: int) -> bool:
    """Whether the next seal should be made."""
    return previous is None or previous.more or now_ms - previous.created_ms >= interval_s * SECOND_MS


def _is_behind(state: IndexState, info: IndexInfo) -> bool:
    checkpoints = info.checkpoints
    return checkpoints is not None and state.sealed != checkpoints
