"""How another process asks a running forwarder for a round: documents in ``atlaslens-state``.

``run`` keeps a heartbeat; ``sync`` sees it, leaves a request and follows its progress.
"""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import FencedError
from atlaslens_forwarder.model.time import SECOND_MS
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.storage.state import StateDoc, StateStore

RUN_KIND = "run"
REQUEST_KIND = "sync-request"
HEARTBEAT_S = 3.0
DEAD_AFTER_MS = 15 * SECOND_MS
"""Five missed heartbeats: a run that was killed blocks nobody for longer."""


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """A wish for one round."""

    id: str
    connectors: tuple[str, ...]
    since_ms: int | None


class Requests:
    """Heartbeats and requests in the state index.

    Args:
        client: the store.
        state: its state documents.
        clock: the present, epoch milliseconds.
        connectors: the connectors that this process reads all the time; none for who only asks.
    """

    def __init__(
        self,
        client: AsyncOpenSearch,
        state: StateStore,
        clock: Callable[[], int],
        connectors: Iterable[str] = (),
    ) -> None:
        self._client = client
        self._state = state
        self._clock = clock
        self._connectors = frozenset(connectors)
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    async def beat(self, progress: JsonObject | None = None) -> None:
        """Say that this run is alive, and how far the rounds under way have come."""
        doc_id = f"{RUN_KIND}:{self.holder}"
        value: JsonObject = {"connectors": [*sorted(self._connectors)], "progress": progress or {}}
        await self._put(doc_id, RUN_KIND, value)

    async def end(self) -> None:
        """Say that this run is over."""
        await self._delete(f"{RUN_KIND}:{self.holder}")

    async def active_run(self, connectors: Iterable[str] = ()) -> str | None:
        """The holder of a run that is alive and reads all these connectors, None when there is none."""
        for doc in await self._state.list(RUN_KIND):
            served = doc.value.get("connectors")
            if not self.silent(doc) and isinstance(served, list) and {*connectors}.issubset(map(str, served)):
                return doc.holder
        return None

    async def progress_of_runs(self) -> JsonObject:
        """What the runs that are alive have under way, by connector."""
        found: JsonObject = {}
        for doc in await self._state.list(RUN_KIND):
            progress = doc.value.get("progress")
            if not self.silent(doc) and isinstance(progress, dict):
                found |= progress
        return found

    def silent(self, doc: StateDoc) -> bool:
        """Whether a document that a living run renews all the time was not renewed for long."""
        return self._clock() - doc.updated_ms >= DEAD_AFTER_MS

    async def clear_dead(self) -> None:
        """Remove heartbeats and requests of processes that died."""
        now_ms = self._clock()
        for kind in (RUN_KIND, REQUEST_KIND):
            for doc in await self._state.list(kind):
                if now_ms - doc.updated_ms > 10 * DEAD_AFTER_MS and doc.holder != self.holder:
                    await self._delete(doc.id)

    async def ask(self, connectors: Sequence[str], since_ms: int | None) -> str:
        """Leave a request for a round of these connectors; returns its id."""
        request_id = f"{REQUEST_KIND}:{secrets.token_hex(8)}"
        value: JsonObject = {
            "phase": "asked",
            "wanted": list(connectors),
            "since_ms": since_ms,
            "connectors": {},
        }
        await self._put(request_id, REQUEST_KIND, value)
        return request_id

    async def progress(self, request_id: str) -> StateDoc | None:
        """The request as the run has answered it so far; None when it is gone."""
        return await self._state.load(request_id)

    async def withdraw(self, request_id: str) -> None:
        """Remove a request that was answered, or that nobody waits for."""
        await self._delete(request_id)

    async def take(self) -> list[SyncRequest]:
        """Requests for our connectors that nobody has taken yet; they are this run's from now on."""
        taken = []
        for doc in await self._state.list(REQUEST_KIND):
            wanted = doc.value.get("wanted")
            names = tuple(map(str, wanted)) if isinstance(wanted, list) else ()
            if doc.value.get("phase") != "asked" or not self._connectors.issuperset(names):
                continue
            value = {**doc.value, "phase": "running"}
            try:
                await self._state.save(doc.id, REQUEST_KIND, value, doc, holder=self.holder)
            except FencedError:
                continue  # another run was quicker
            since_ms = doc.value.get("since_ms")
            taken.append(SyncRequest(doc.id, names, since_ms if isinstance(since_ms, int) else None))
        return taken

    async def answer(self, request_id: str, phase: str, connectors: JsonObject) -> None:
        """Write progress or the result; a request that was withdrawn stays away."""
        doc = await self._state.load(request_id)
        if doc is None:
            return
        value = {**doc.value, "phase": phase, "connectors": connectors}
        try:
            await self._state.save(request_id, REQUEST_KIND, value, doc, holder=self.holder)
        except FencedError:
            return  # withdrawn at this moment

    async def _put(self, doc_id: str, kind: str, value: JsonObject) -> None:
        try:
            await self._state.save(doc_id, kind, value, await self._state.load(doc_id), holder=self.holder)
        except FencedError:
            return  # nobody else writes our ids; a lost answer was followed by this very write

    async def _delete(self, doc_id: str) -> None:
        with store_errors("remove a state document"):
            await self._client.delete(index=Family.STATE.single_index, id=doc_id, params={"ignore": 404})
