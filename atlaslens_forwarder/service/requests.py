"""How another process asks running forwarders for a round: documents in ``atlaslens-state``.

Each ``run`` keeps a heartbeat. ``sync`` sees it, leaves one request for each connector and follows their
progress; a request is served by whoever holds the lease of its connector, and by the next holder after it.
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
    from collections.abc import Callable, Collection, Iterable

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.storage.state import StateDoc, StateStore

RUN_KIND = "run"
REQUEST_KIND = "sync-request"
HEARTBEAT_S = 3.0
RUNNING = "running"
DONE = "done"
DEAD_AFTER_MS = 15 * SECOND_MS
"""Five missed heartbeats: a run that was killed blocks nobody for longer."""


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """A wish for one round of one connector."""

    id: str
    connector: str
    since_ms: int | None


class Requests:
    """Heartbeats and requests in the state index.

    Args:
        client: the store.
        state: its state documents.
        clock: the present, epoch milliseconds.
    """

    def __init__(
        self,
        client: AsyncOpenSearch,
        state: StateStore,
        clock: Callable[[], int],
    ) -> None:
        self._client = client
        self._state = state
        self._clock = clock
        self._serving: set[str] = set()
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    async def beat(self, names: Iterable[str], progress: JsonObject | None = None, stored: int = 0) -> None:
        """Say that this run is alive and can do this work, how far it is, and how many events it stored."""
        doc_id = f"{RUN_KIND}:{self.holder}"
        value: JsonObject = {
            "connectors": [*sorted(names)],
            "progress": progress or {},
            "stored": stored,
        }
        await self._put(doc_id, RUN_KIND, value)

    async def end(self) -> None:
        """Say that this run is over."""
        await self._delete(f"{RUN_KIND}:{self.holder}")

    async def active_runs(self, connectors: Iterable[str] = ()) -> list[str]:
        """The runs that are alive; none when together they cannot read all these connectors."""
        alive = [doc for doc in await self._state.list(RUN_KIND) if not self.silent(doc)]
        lists = [doc.value.get("connectors") for doc in alive]
        served = {str(name) for names in lists if isinstance(names, list) for name in names}
        return [doc.holder for doc in alive] if served.issuperset(connectors) else []

    async def stored_by_runs(self) -> int:
        """What the runs that are there have stored since they began; it changes when one of them stores."""
        counts = [doc.value.get("stored") for doc in await self._state.list(RUN_KIND)]
        return sum(count for count in counts if isinstance(count, int))

    async def progress_of_runs(self) -> JsonObject:
        """What the runs that are alive have under way, by connector."""
        found: JsonObject = {}
        for doc in await self._state.list(RUN_KIND):
            progress = doc.value.get("progress")
            if not self.silent(doc) and isinstance(progress, dict):
                found |= progress
        return found

    def silent(self, doc: StateDoc, patience_ms: int = 0) -> bool:
        """Whether a document that a living run renews all the time was not renewed for long."""
        return self._clock() - doc.updated_ms >= DEAD_AFTER_MS + patience_ms

    async def clear_dead(self) -> None:
        """Remove heartbeats and requests of processes that died."""
        now_ms = self._clock()
        for kind in (RUN_KIND, REQUEST_KIND):
            for doc in await self._state.list(kind):
                if now_ms - doc.updated_ms > 10 * DEAD_AFTER_MS and doc.holder != self.holder:
                    await self._delete(doc.id)

    async def ask(self, connectors: Iterable[str], since_ms: int | None) -> dict[str, str]:
        """Leave a request for a round of each of these connectors; their ids by connector."""
        asked = {}
        for connector in connectors:
            asked[connector] = f"{REQUEST_KIND}:{secrets.token_hex(8)}"
            value: JsonObject = {"phase": "asked", "since_ms": since_ms, "result": {}}
            await self._put(asked[connector], REQUEST_KIND, value, connector)
        return asked

    async def progress(self, request_ids: Collection[str]) -> list[StateDoc]:
        """Those of the requests that are still there, as they have been answered so far."""
        return [doc for doc in await self._state.list(REQUEST_KIND) if doc.id in request_ids]

    async def withdraw(self, request_ids: Iterable[str]) -> None:
        """Remove requests that were answered, or that nobody waits for."""
        for request_id in request_ids:
            await self._delete(request_id)

    async def take(self, held: Collection[str]) -> list[SyncRequest]:
        """Requests for what we hold and do not serve yet, also those that a former holder left half done.

        They are ours from now on, until they are done or :meth:`leave` gives them up.
        """
        taken = []
        for doc in await self._state.list(REQUEST_KIND):
            if doc.connector not in held or doc.value.get("phase") == DONE or doc.id in self._serving:
                continue
            value = {**doc.value, "phase": RUNNING}
            try:
                await self._state.save(
                    doc.id, REQUEST_KIND, value, doc, connector=doc.connector, holder=self.holder
                )
            except FencedError:
                continue  # withdrawn at this moment
            self._serving.add(doc.id)
            since_ms = doc.value.get("since_ms")
            taken.append(SyncRequest(doc.id, doc.connector, since_ms if isinstance(since_ms, int) else None))
        return taken

    def leave(self, request: SyncRequest) -> None:
        """It is not served here any more."""
        self._serving.discard(request.id)

    async def answer(self, request: SyncRequest, phase: str, result: JsonObject) -> None:
        """Write progress or the result; a request that was withdrawn stays away."""
        doc = await self._state.load(request.id)
        if doc is None:
            return
        value = {**doc.value, "phase": phase, "result": result}
        try:
            await self._state.save(
                request.id, REQUEST_KIND, value, doc, connector=request.connector, holder=self.holder
            )
        except FencedError:
            return  # withdrawn at this moment, or another holder serves it now

    async def _put(self, doc_id: str, kind: str, value: JsonObject, connector: str = "") -> None:
        expected = await self._state.load(doc_id)
        try:
            await self._state.save(doc_id, kind, value, expected, connector=connector, holder=self.holder)
        except FencedError:
            return  # nobody else writes our ids; a lost answer was followed by this very write

    async def _delete(self, doc_id: str) -> None:
        with store_errors("remove a state document"):
            await self._client.delete(index=Family.STATE.single_index, id=doc_id, params={"ignore": 404})
