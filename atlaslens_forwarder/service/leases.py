"""The leases of one running forwarder: read, renewed, taken and given back in ``atlaslens-state``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import AtlaslensError, FencedError
from atlaslens_forwarder.lease.book import LeaseBook, Peer, Record
from atlaslens_forwarder.service.requests import RUN_KIND
from atlaslens_forwarder.service.stopping import sleep_unless

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from atlaslens_forwarder.lease.book import Version
    from atlaslens_forwarder.storage.state import StateDoc, StateStore
    from atlaslens_forwarder.telemetry.observer import Telemetry

KIND: Final = "lease"
GIVE_BACK_TRIES: Final = 3


class Hold:
    """The right to do one piece of work until it ends; handed to whoever does it.

    ``ending`` is set when no new part of the work should be begun: at a stop, when another forwarder is to
    have it, and when the lease is lost.
    """

    def __init__(self, name: str, token: int, valid_until_s: float, monotonic_s: Callable[[], float]) -> None:
        self.name = name
        self.token = token
        self.valid_until_s = valid_until_s
        self.ending = asyncio.Event()
        self._monotonic_s = monotonic_s

    @property
    def valid(self) -> bool:
        """Whether the work is still ours, judged at this moment."""
        return self._monotonic_s() < self.valid_until_s

    def check(self) -> None:
        """Go on only while the work is ours.

        Raises:
            FencedError: the lease was lost; what is under way must not be finished.
        """
        if not self.valid:
            raise FencedError(
                f"the lease of {self.name} was lost", hint="another forwarder reads the window again"
            )

    def lose(self) -> None:
        """The lease is another's, or ran out."""
        self.valid_until_s = float("-inf")
        self.ending.set()


class Leases:
    """Keeps this forwarder's share of the work.

    Args:
        state: the state documents.
        me: this forwarder's name, another one for each process.
        names: connectors and jobs that it can do.
        ttl_s: how long a lease is valid without being renewed.
        monotonic_s: a clock that never goes back, in seconds.
        telemetry: is told what was taken, lost and given back.
        begin: starts the work of a lease that was taken; it must end with :meth:`give_back`.
    """

    def __init__(
        self,
        state: StateStore,
        me: str,
        names: Collection[str],
        ttl_s: float,
        *,
        monotonic_s: Callable[[], float],
        telemetry: Telemetry,
        begin: Callable[[Hold], None],
    ) -> None:
        self._state = state
        self._begin = begin
        self._book = LeaseBook(me, names, ttl_s)
        self._monotonic_s = monotonic_s
        self._telemetry = telemetry
        self._docs: dict[str, StateDoc] = {}
        self._holds: dict[str, Hold] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._writing = asyncio.Lock()
        self.known = False
        """Whether the leases could be read at least once."""

    @property
    def held(self) -> dict[str, Hold]:
        """What is ours and goes on, by name."""
        return {name: hold for name, hold in self._holds.items() if hold.valid and not hold.ending.is_set()}

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the leases until ``stop`` is set and all that was held is given back."""
        for name in sorted(self._book.names):
            self._telemetry.lease_held(name, held=False)
        while self._holds or not stop.is_set():
            try:
                async with asyncio.timeout(self._book.ttl_s):  # an answer that comes later is worth nothing
                    await self._tick(leaving=stop.is_set())
            except (AtlaslensError, TimeoutError) as error:
                self._lose(self._book.lapsed(self._monotonic_s()))
                self._telemetry.housekeeping_failed(error)
            wait_s = self._book.wait_s(self._monotonic_s())
            if not stop.is_set():
                await sleep_unless(stop, wait_s)
            if stop.is_set():
                for hold in self._holds.values():
                    hold.ending.set()
                await sleep_unless(self._idle, wait_s)

    async def give_back(self, hold: Hold) -> None:
        """The work of this hold has ended: let another forwarder have it at once.

        What fails here costs the time to live of the lease, no more.
        """
        async with self._writing:
            if self._holds.get(hold.name) is not hold:
                return
            self._forget(hold.name)
            self._book.drop(hold.name)
            self._telemetry.lease_given_back(hold.name)
            try:
                await self._release(hold)
            except AtlaslensError as error:
                self._telemetry.housekeeping_failed(error)

    async def _release(self, hold: Hold) -> None:
        for _ in range(GIVE_BACK_TRIES):
            doc = self._docs.get(hold.name)
            if doc is None or (doc.holder, _token(doc)) != (self._book.me, hold.token):
                return
            try:
                self._docs[hold.name] = await self._save(hold.name, hold.token, doc, holder="")
            except FencedError:  # taken over, or our own write whose answer was lost
                found = await self._state.load(doc.id)
                if found is None:
                    return
                self._docs[hold.name] = found
            else:
                return

    async def _tick(self, *, leaving: bool) -> None:
        """Read everything once, and do what follows from it."""
        async with self._writing:
            docs = await self._state.list(KIND, RUN_KIND)
            now_s = self._monotonic_s()
            self._docs = {doc.connector: doc for doc in docs if doc.kind == KIND}
            peers = {
                doc.holder: Peer(_version(doc), _served(doc))
                for doc in docs
                if doc.kind == RUN_KIND and doc.holder != self._book.me
            }
            records = {name: _record(doc) for name, doc in self._docs.items()}
            decided = self._book.observe(records, peers, now_s, leaving=leaving)
            self.known = True
            self._lose(decided.lost)
            for name in decided.hand_over:
                self._holds[name].ending.set()
            results = await asyncio.gather(
                *(self._renew(self._holds[name]) for name in decided.renew),
                *(self._take(name, token, before) for name, (token, before) in decided.take.items()),
                return_exceptions=True,
            )
            for failure in results:
                if failure is not None:
                    raise failure

    async def _renew(self, hold: Hold) -> None:
        if await self._write(hold.name, hold.token):
            hold.valid_until_s = self._book.valid_until_s(hold.name)

    async def _take(self, name: str, token: int, before: str) -> None:
        if await self._write(name, token):
            hold = Hold(name, token, self._book.valid_until_s(name), self._monotonic_s)
            self._holds[name] = hold
            self._idle.clear()
            self._telemetry.lease_taken(name, before)
            self._begin(hold)

    async def _write(self, name: str, token: int) -> bool:
        asked_s = self._monotonic_s()
        try:
            self._docs[name] = await self._save(name, token, self._docs.get(name), holder=self._book.me)
        except FencedError:
            return False  # somebody was quicker, or our own answer was lost: the next look tells
        self._book.confirm(name, token, asked_s)
        return True

    async def _save(self, name: str, token: int, doc: StateDoc | None, *, holder: str) -> StateDoc:
        value = {"token": token, "ttl_s": self._book.ttl_s}
        return await self._state.save(f"{KIND}:{name}", KIND, {**value}, doc, connector=name, holder=holder)

    def _lose(self, names: Collection[str]) -> None:
        for name in names:
            self._holds[name].lose()
            self._forget(name)
            self._telemetry.lease_lost(name)

    def _forget(self, name: str) -> None:
        del self._holds[name]
        if not self._holds:
            self._idle.set()


def _record(doc: StateDoc) -> Record:
    return Record(doc.holder, _token(doc), lease_ttl_s(doc), _version(doc))


def _version(doc: StateDoc) -> Version:
    return doc.primary_term, doc.seq_no


def _token(doc: StateDoc) -> int:
    token = doc.value.get("token")
    return token if isinstance(token, int) else 0


def lease_ttl_s(doc: StateDoc) -> float:
    """How long a lease is valid without being renewed, as its holder says."""
    ttl_s = doc.value.get("ttl_s")
    return float(ttl_s) if isinstance(ttl_s, int | float) else 0.0


def _served(doc: StateDoc) -> frozenset[str]:
    names = doc.value.get("connectors")
    return frozenset(map(str, names)) if isinstance(names, list) else frozenset()
