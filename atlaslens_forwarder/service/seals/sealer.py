"""Makes seals: the next one of the chain, stored, kept in the data folder and told to the witnesses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder import __version__
from atlaslens_forwarder.errors import ConfigError, EvidenceError, FencedError, StoreError
from atlaslens_forwarder.proof import signing_file
from atlaslens_forwarder.seals.compose import Composer, due_ms
from atlaslens_forwarder.seals.seal import Stamp, read_seal, sign_seal
from atlaslens_forwarder.service.seals.timestamps import token_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from atlaslens_forwarder.proof.signing_file import SigningKeys
    from atlaslens_forwarder.seals.chain import StoredSeal
    from atlaslens_forwarder.seals.ports import Endorse, Expired, SealedStore
    from atlaslens_forwarder.seals.seal import SignedSeal
    from atlaslens_forwarder.service.seals.folder import SealFolder
    from atlaslens_forwarder.service.seals.witness import Witness
    from atlaslens_forwarder.storage.seal_store import SealStore, SealWriter
    from atlaslens_forwarder.telemetry.observer import Telemetry

_TRIES: Final = 5
"""Forwarders that seal at once take turns; so many in a row are more than there are."""


class Sealer:
    """Makes the seals of one store.

    Args:
        store: reads the append-only indices.
        seals: reads the seals of the store.
        writer: writes them.
        folder: what is kept of them outside.
        witnesses: who else is told each head.
        signing_path: the file of the signing keys.
        endorse: whether a document is ours.
        expired: whether the policy has removed an index by now.
        cluster: id of the cluster.
        interval_s: time between two seals.
        telemetry: told of every seal.
        clock: the present, epoch milliseconds.
    """

    def __init__(
        self,
        store: SealedStore,
        seals: SealStore,
        writer: SealWriter,
        folder: SealFolder,
        witnesses: Sequence[Witness],
        *,
        signing_path: Path,
        endorse: Endorse,
        expired: Expired,
        cluster: str,
        interval_s: int,
        telemetry: Telemetry,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._seals = seals
        self._writer = writer
        self._folder = folder
        self._witnesses = witnesses
        self._signing_path = signing_path
        self._endorse = endorse
        self._expired = expired
        self._cluster = cluster
        self._interval_s = interval_s
        self._telemetry = telemetry
        self._clock = clock

    async def make(self) -> SignedSeal:
        """Make the next seal now.

        Raises:
            ConfigError: the signing keys cannot be used, or another process makes one from this data folder.
            EvidenceError: the seals of the store are not those of this data folder and these keys.
            StoreError: the store cannot be read or written.
            UnreachableError: it does not answer.
        """
        with self._folder.alone():
            for _ in range(_TRIES):
                base, rolled_back_to = await self._base()
                try:
                    return await self._next(base, rolled_back_to)
                except FencedError:
                    continue
        raise StoreError("other forwarders make one seal after the other", hint="run a single one")

    async def make_if_due(self) -> int:
        """Make the next seal if it is time for it; returns when to look again, epoch milliseconds.

        A seal that another forwarder has just made counts.

        Raises:
            ConfigError: the signing keys cannot be used, or another process makes one from this data folder.
            EvidenceError: the seals of the store are not those of this data folder and these keys.
            StoreError: the store cannot be read or written.
            UnreachableError: it does not answer.
        """
        with self._folder.alone():
            newest, rolled_back_to = await self._base()
            if newest is None or self._clock() >= due_ms(newest.seal, self._interval_s):
                try:
                    newest = await self._next(newest, rolled_back_to)
                except FencedError:
                    newest, _ = await self._base()
        if newest is None:
            return self._clock()
        self._telemetry.sealed_until(newest.head)
        return due_ms(newest.seal, self._interval_s)

    async def _base(self) -> tuple[SignedSeal | None, int | None]:
        """The seal to go on from; and, where the store has lost it, the last one that the store has."""
        kept = self._folder.newest()
        last = await self._seals.last()
        if last is None and kept is None:
            return None, None
        keys = keys_of_seals(self._signing_path)
        stored = None if last is None else _read(last, keys)
        if kept is None:
            if stored is not None:
                self._folder.save(stored)
            return stored, None
        if stored is None or stored.seal.number < kept.seal.number:
            return kept, 0 if stored is None else stored.seal.number
        own = stored
        if stored.seal.number > kept.seal.number:
            found = await self._seals.get(kept.seal.number)
            if found is None:
                raise _other_chain(kept, self._folder.path)
            own = _read(found, keys)
            self._folder.save(stored)
        if own.hash != kept.hash:
            raise _other_chain(kept, self._folder.path)
        return stored, None

    async def _next(self, base: SignedSeal | None, rolled_back_to: int | None) -> SignedSeal:
        now_ms = self._clock()
        keys = signing_file.load_or_create(self._signing_path, now_ms=now_ms)
        signers = keys.signers(now_ms)
        number = 1 if base is None else base.seal.number + 1
        with self._folder.keep_leaves(number) as keep:
            composer = Composer(self._store, endorse=self._endorse, expired=self._expired, keep=keep)
            seal = await composer.compose(
                base,
                now_ms=now_ms,
                interval_s=self._interval_s,
                forwarder=__version__,
                cluster=self._cluster,
                key_ids=[key.id for key in signers],
                rolled_back_to=rolled_back_to,
                stamps=self._stamps(base),
            )
            signed = sign_seal(seal, signers)
            await self._writer.create(signed)
        self._folder.save(signed)
        self._telemetry.sealed(
            signed.head,
            documents=seal.documents,
            strangers=seal.strangers,
            missed=seal.missed,
            rolled_back_to=rolled_back_to,
        )
        for witness in self._witnesses:
            problem = await witness.tell(signed)
            if problem:
                self._telemetry.seal_not_told(witness.name, number, problem)
        return signed

    def _stamps(self, base: SignedSeal | None) -> list[Stamp]:
        answer = None if base is None else self._folder.stamp(base.seal.number)
        if base is None or answer is None:
            return []
        return [Stamp(number=base.seal.number, token=token_text(answer))]


def keys_of_seals(path: Path) -> SigningKeys:
    """The signing keys of a store that has seals.

    Raises:
        ConfigError: their file is missing, damaged, or readable by others than its owner.
    """
    if not path.exists():
        raise ConfigError(
            f"the signing key file {path} is missing, with which the seals of this store were signed",
            hint="restore it from your backup",
        )
    return signing_file.load(path)


def _read(stored: StoredSeal, keys: SigningKeys) -> SignedSeal:
    """A seal of the store that our keys signed."""
    signed = None if stored.envelope is None else read_seal(stored.envelope)
    if signed is None or not signed.signed_by(keys.history):
        raise EvidenceError(
            f"the stored seal {stored.id} was not signed by a key of the signing key file",
            hint="restore the signing key file of this store; if it is the right one, run: seals verify",
        )
    return signed


def _other_chain(kept: SignedSeal, path: Path) -> EvidenceError:
    return EvidenceError(
        f"the store's seal {kept.seal.number} is not the one kept in {path}",
        hint="run: seals verify; no seal is made until this is cleared up",
    )
