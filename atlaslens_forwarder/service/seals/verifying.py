"""``seals verify``: reads the seals and the store again and holds them against each other."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError, EvidenceError
from atlaslens_forwarder.proof import signing_file
from atlaslens_forwarder.seals.chain import ChainCheck, KeptHead
from atlaslens_forwarder.seals.compare import Comparison
from atlaslens_forwarder.seals.findings import Kind, Notice, Verdict
from atlaslens_forwarder.seals.seal import read_seal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from atlaslens_forwarder.seals.chain import Link
    from atlaslens_forwarder.seals.ports import Endorse, Expired, SealedStore
    from atlaslens_forwarder.seals.seal import Seal, SignedSeal
    from atlaslens_forwarder.service.seals.folder import SealFolder
    from atlaslens_forwarder.service.seals.timestamps import StampVerifier
    from atlaslens_forwarder.storage.seal_store import SealStore


class SealVerifier:
    """Verifies the seals of one store.

    Args:
        store: reads the append-only indices.
        seals: the seals of the store.
        folder: what is kept of them outside.
        signing_path: the file of the signing keys.
        head_file: the file to which heads are appended, where one is set.
        endorse: whether a document is ours.
        expired: whether the policy has removed an index by now.
        stamps: verifies time stamps, where their authority is known.
    """

    def __init__(
        self,
        store: SealedStore,
        seals: SealStore,
        folder: SealFolder,
        *,
        signing_path: Path,
        head_file: Path | None,
        endorse: Endorse,
        expired: Expired,
        stamps: StampVerifier | None,
    ) -> None:
        self._store = store
        self._seals = seals
        self._folder = folder
        self._signing_path = signing_path
        self._head_file = head_file
        self._endorse = endorse
        self._expired = expired
        self._stamps = stamps

    async def verify(
        self, heads: Sequence[KeptHead] = (), *, from_ms: int | None = None, to_ms: int | None = None
    ) -> Verdict:
        """Check the whole chain, and read again the documents of the seals made in ``[from_ms, to_ms)``.

        Raises:
            ConfigError: the signing keys or the file of heads cannot be read.
            StoreError: the store cannot be read.
            UnreachableError: it does not answer.
        """
        verdict = Verdict()
        check = ChainCheck(signing_file.load(self._signing_path).history, verdict)
        async for stored in self._seals.all():
            check.add_stored(stored)
        for envelope in self._folder.copies():
            check.add_copy(envelope, "kept in the data folder")
        for head in (*heads, *self._told_heads()):
            check.add_head(head)
        chain = check.finish()
        if not chain:
            verdict.notice(Notice.UNCHECKED, "there is no seal yet")
        wanted = [
            link
            for link in chain
            if (from_ms is None or link.created_ms >= from_ms) and (to_ms is None or link.created_ms < to_ms)
        ]
        comparison = Comparison(
            self._store,
            endorse=self._endorse,
            expired=self._expired,
            leaves=self._folder,
            verdict=verdict,
        )
        last = (await self._load(chain[-1])).seal if chain else None
        await comparison.compare(last, self._wanted(wanted, verdict), check.names)
        return verdict

    async def _wanted(self, links: Sequence[Link], verdict: Verdict) -> AsyncIterator[Seal]:
        for link in links:
            signed = await self._load(link)
            await self._check_stamps(signed, verdict)
            yield signed.seal

    async def _load(self, link: Link) -> SignedSeal:
        if link.place is None:
            return self._folder.copy(link.number)
        stored = await self._seals.at(link.place)
        if stored is None or stored.envelope is None:
            raise EvidenceError(f"seal {link.number} vanished while it was verified", hint="try again")
        return read_seal(stored.envelope)

    async def _check_stamps(self, signed: SignedSeal, verdict: Verdict) -> None:
        """The stamp that is kept of a seal, and those of earlier ones that it carries."""
        answer = self._folder.stamp(signed.seal.number)
        if answer is not None:
            self._check_stamp(answer, signed, verdict)
        for stamp in signed.seal.stamps:
            stored = await self._seals.get(stamp.number)
            if stored is None or stored.envelope is None:
                continue  # told as missing or forged
            try:
                token = base64.b64decode(stamp.token, validate=True)
            except binascii.Error:
                token = b""
            self._check_stamp(token, read_seal(stored.envelope), verdict)

    def _check_stamp(self, answer: bytes, signed: SignedSeal, verdict: Verdict) -> None:
        if self._stamps is None:
            verdict.notice(Notice.UNCHECKED, "time stamps, since no TIMESTAMP_CA_FILE is set")
            return
        verdict.counts["stamps"] += 1
        problem = self._stamps.problem(answer, signed.envelope.payload)
        if problem:
            verdict.find(Kind.STAMP_INVALID, problem, seal=signed.seal.number)

    def _told_heads(self) -> list[KeptHead]:
        """The heads in the file to which they are appended."""
        path = self._head_file
        if path is None or not path.exists():
            return []
        found: list[KeptHead] = []
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                told = json.loads(line)
                found.append(KeptHead(int(told["number"]), str(told["hash"]), f"in {path}"))
        except (OSError, ValueError, KeyError, TypeError):
            raise ConfigError(
                f"the file of heads {path} cannot be read", hint="see what wrote in it"
            ) from None
        return found
