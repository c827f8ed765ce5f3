"""Holds the seals of a store against each other and against what was kept outside of it. Pure.

Seals come one by one and only what links them is kept, so a chain of years needs little memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.seals.findings import Kind, Notice, Verdict
from atlaslens_forwarder.seals.seal import read_seal

if TYPE_CHECKING:
    from atlaslens_forwarder.proof.dsse import Envelope
    from atlaslens_forwarder.proof.key_history import KeyHistory
    from atlaslens_forwarder.seals.seal import SignedSeal


@dataclass(frozen=True, slots=True)
class StoredSeal:
    """A document of the index of seals: its ``_id``, and its envelope where it has one."""

    id: str
    envelope: Envelope | None


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A head that was kept outside the store, and where, such as ``in the data folder``."""

    number: int
    hash: str
    where: str


@dataclass(frozen=True, slots=True)
class Link:
    """A valid seal as a part of the chain; ``place`` is the ``_id`` it was found under, None for a copy."""

    number: int
    hash: str
    previous_hash: str | None
    created_ms: int
    missed: int
    place: str | None


def seal_id(number: int) -> str:
    """The ``_id`` of a seal."""
    return f"{number:012d}"


class ChainCheck:
    """Takes all seals there are and tells what is wrong with their chain.

    Args:
        history: the signing keys.
        verdict: takes what is found.
    """

    def __init__(self, history: KeyHistory, verdict: Verdict) -> None:
        self._history = history
        self._verdict = verdict
        self._stored: dict[str, Link | None] = {}
        self._copies: dict[int, Link] = {}
        self._heads: list[KeptHead] = []
        self.names: dict[str, bool] = {}
        """Every index that was ever sealed, and whether a seal says that it expired."""

    def add_stored(self, stored: StoredSeal) -> None:
        """Add a document of the index of seals."""
        seal = None if stored.envelope is None else self._valid(stored.envelope)
        self._stored[stored.id] = None if seal is None else self._link(seal, stored.id)

    def add_copy(self, envelope: Envelope, where: str) -> None:
        """Add a seal that was kept outside; one that our keys did not sign proves nothing."""
        seal = self._valid(envelope)
        if seal is not None:
            self._copies[seal.seal.number] = self._link(seal, None)
            self.add_head(KeptHead(seal.seal.number, seal.hash, where))

    def add_head(self, head: KeptHead) -> None:
        """Add a head that was kept outside."""
        self._heads.append(head)

    def finish(self) -> list[Link]:
        """Tell what is wrong; returns the valid seals by number, with copies of those that the store lost."""
        found, forged = self._places()
        last = max((*found, *forged), default=0)
        self._check_heads(found, last)
        for number in range(1, last + 1):
            if number not in found and number not in forged:
                at_hand = number in self._copies
                detail = "a copy of it is at hand" if at_hand else "what it sealed is not known"
                self._verdict.find(Kind.SEAL_MISSING, detail, seal=number)
        chain = [link for _, link in sorted((self._copies | found).items())]
        self._check_links(chain)
        self._verdict.counts["seals"] = len(found)
        return chain

    def _places(self) -> tuple[dict[int, Link], set[int]]:
        """The valid seals by number, wherever they are; and the places that hold something else."""
        found = {
            link.number: link
            for place, link in self._stored.items()
            if link is not None and place == seal_id(link.number)
        }
        forged: set[int] = set()
        for place, link in self._stored.items():
            if link is None:
                number = int(place) if place.isascii() and place.isdecimal() else None
                forged |= set() if number is None else {number}
                detail = f"document {place} is not a seal that our keys signed"
                self._verdict.find(Kind.SEAL_FORGED, detail, seal=number)
            elif place != seal_id(link.number):
                kind = Kind.SEAL_DUPLICATE if link.number in found else Kind.SEAL_MISPLACED
                found.setdefault(link.number, link)
                self._verdict.find(kind, f"document {place} holds seal {link.number}", seal=link.number)
        return found, forged

    def _check_heads(self, found: dict[int, Link], last: int) -> None:
        newest = max(self._heads, key=lambda head: head.number, default=None)
        if newest is not None and newest.number > last:
            detail = f"the store was rolled back to seal {last}: seal {newest.number} is {newest.where}"
            self._verdict.find(Kind.ROLLED_BACK, detail, seal=last)
        told: set[int] = set()
        for head in self._heads:
            link = found.get(head.number)
            if link is not None and link.hash != head.hash and head.number not in told:
                told.add(head.number)
                self._verdict.find(Kind.HEAD_DIFFERS, f"another one is {head.where}", seal=head.number)

    def _check_links(self, chain: list[Link]) -> None:
        if chain and chain[0].number == 1 and chain[0].previous_hash is not None:
            self._verdict.find(Kind.CHAIN_BROKEN, "the first seal names one before it", seal=1)
        for before, link in pairwise(chain):
            follows = before.number + 1 == link.number  # if not, those between are told as missing
            if follows and link.previous_hash != before.hash:
                self._verdict.find(
                    Kind.CHAIN_BROKEN, f"it does not follow seal {before.number}", seal=link.number
                )
        for link in chain:
            if link.missed:
                detail = f"before seal {link.number}, which covers their time, {link.missed} were not made"
                self._verdict.notice(Notice.SEALS_MISSED, detail)

    def _link(self, signed: SignedSeal, place: str | None) -> Link:
        seal = signed.seal
        self.names |= {state.name: False for state in seal.indices if state.name not in self.names}
        self.names |= {gone.name: True for gone in seal.gone if gone.expired}
        previous = None if seal.previous is None else seal.previous.hash
        return Link(seal.number, signed.hash, previous, seal.created_ms, seal.missed, place)

    def _valid(self, envelope: Envelope) -> SignedSeal | None:
        try:
            seal = read_seal(envelope)
        except EvidenceError:
            return None
        return seal if seal.signed_by(self._history) else None
