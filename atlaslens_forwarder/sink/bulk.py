"""Creates documents in bulk and tells for each whether it is stored, was there before, or cannot be.

::

    items ─ encode ─▶ batch ─ POST _bulk ─▶ per item: STORED ───────────────────────────▶ stored
              ▲                                       REJECTED ─────────────────────────▶ rejected
              │                                       EXISTS ─ _mget event.hash ────────▶ repeat | conflict
              └── wait ── RETRY ◀─────────────────────┘  (gone meanwhile: RETRY)
                                                      STOP ──▶ StoreError, nothing more is sent

An attempt whose answer was lost may have stored its documents. The next attempt finds them; the hash and the
``event.ingested`` of the lost attempt show that they are its own, and they count as stored, once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from opensearchpy.exceptions import (
    ConnectionError as ClientConnectionError,
)
from opensearchpy.exceptions import (
    OpenSearchException,
    TransportError,
)

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.sink.classify import ItemOutcome, classify_request
from atlaslens_forwarder.sink.encode import Batch, BulkItem, batches
from atlaslens_forwarder.sink.outcome import REPEAT, STORED, Delivery, ItemResult, Outcomes
from atlaslens_forwarder.sink.repeats import read_stored
from atlaslens_forwarder.storage.errors import is_tls_failure, translate

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject

__all__ = ["BulkItem", "BulkSink", "Delivery", "ItemResult"]

_FILTER = "errors,items.*.status,items.*.error.type,items.*.error.reason"
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
MAX_BYTES = 5 * 1024 * 1024
"""Far below OpenSearch's ``http.max_content_length`` (100 MB), and large enough that requests cost little."""
MAX_DOCS = 1000
_TOO_LARGE = 413
MAX_ATTEMPTS = 6
"""With the waits between them about 15 s: longer outages are the caller's, who reads the window again."""


def _nobody(_duration_s: float, _outcome: str) -> None:
    """Nobody wants to know."""


class BulkSink:
    """Delivers documents with ``create`` only, splitting and retrying as needed.

    Has no state between calls; calls may run side by side.
    """

    def __init__(
        self,
        client: AsyncOpenSearch,
        *,
        reader: AsyncOpenSearch | None = None,
        clock: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]],
        rng: random.Random,
        same_origin: Callable[[JsonObject, str], bool],
        max_bytes: int = MAX_BYTES,
        max_docs: int = MAX_DOCS,
        max_attempts: int = MAX_ATTEMPTS,
        observe: Callable[[float, str], None] = _nobody,
    ) -> None:
        """Take the client and what decides.

        Args:
            client: the store.
            reader: looks at what is stored already, where ``client`` may not; None where it may.
            clock: the present, epoch milliseconds.
            sleep: waits between attempts.
            rng: spreads those waits.
            same_origin: whether a stored ``event.hash`` (second argument) is that of a document (first).
            max_bytes: the most that one request holds.
            max_docs: likewise, in documents.
            max_attempts: how often one batch is sent.
            observe: told of each request how many seconds it took, and ``ok`` or ``failed``.
        """
        self._client = client
        self._reader = reader or client
        self._clock = clock
        self._sleep = sleep
        self._rng = rng
        self._same_origin = same_origin
        self._max_bytes = max_bytes
        self._max_docs = max_docs
        self._max_attempts = max_attempts
        self._observe = observe

    async def create(self, items: Sequence[BulkItem]) -> list[ItemResult]:
        """Create all items; one result each, in their order.

        Raises:
            StoreError: not every item has a final outcome (some may be stored: sending all again is safe).
        """
        outcomes = Outcomes(items)
        for batch in self._batches(outcomes, range(len(items))):
            await self._deliver(outcomes, batch)
        return outcomes.finished()

    def _batches(self, outcomes: Outcomes, positions: Iterable[int]) -> Iterable[Batch]:
        return batches(
            outcomes.items,
            positions,
            ingested=lambda: iso_ms(self._clock()),
            max_bytes=self._max_bytes,
            max_docs=self._max_docs,
            unencodable=outcomes.unencodable,
        )

    async def _deliver(self, outcomes: Outcomes, batch: Batch) -> None:
        """Bring one batch to final outcomes, attempt after attempt."""
        failure = ""
        for attempt in range(self._max_attempts):
            if attempt:
                await self._sleep(self._wait_s(attempt))
                # The rest of one batch fits into one batch again: only the time in it differs.
                batch = next(iter(self._batches(outcomes, batch.positions)))
            try:
                unfinished, failure = await self._attempt(outcomes, batch)
            except OpenSearchException as error:
                match _request_outcome(error):
                    case ItemOutcome.SPLIT if len(batch.positions) > 1:
                        await self._deliver_halves(outcomes, batch)
                        return
                    case ItemOutcome.RETRY:
                        outcomes.lost.add(batch.ingested)
                        failure = translate(error, "take events").message
                    case _:
                        raise _stopped(outcomes, error) from None
            else:
                if not unfinished:
                    return
                batch = Batch(unfinished, b"", batch.ingested)
        raise StoreError(
            f"{outcomes.results.count(None)} of {len(outcomes.items)} documents were not taken in "
            f"{self._max_attempts} attempts ({failure})",
            hint="nothing is lost: they are read again; see whether OpenSearch is up and has room",
        )

    async def _deliver_halves(self, outcomes: Outcomes, batch: Batch) -> None:
        middle = len(batch.positions) // 2
        for half in (batch.positions[:middle], batch.positions[middle:]):
            for part in self._batches(outcomes, half):
                await self._deliver(outcomes, part)

    async def _attempt(self, outcomes: Outcomes, batch: Batch) -> tuple[list[int], str]:
        """Send a batch once; returns the positions to send again, and why."""
        answer = await self._send(batch)
        if not isinstance(answer, dict) or len(answer.get("items", ())) != len(batch.positions):
            raise StoreError(
                "the answer to a bulk request is not OpenSearch's", hint="see what stands between it and us"
            )
        if answer.get("errors") is False:
            outcomes.all_stored(batch.positions)
            return [], ""
        existing, unfinished, failure = outcomes.sort(batch.positions, answer["items"])
        if existing:
            unread, why = await self._settle_existing(outcomes, existing)
            unfinished, failure = unfinished + unread, why or failure
        return unfinished, failure

    async def _send(self, batch: Batch) -> Any:
        started_s, outcome = time.perf_counter(), "failed"
        try:
            answer = await self._client.bulk(body=batch.body, params={"filter_path": _FILTER})
            outcome = "ok"
        finally:
            self._observe(time.perf_counter() - started_s, outcome)
        return answer

    async def _settle_existing(self, outcomes: Outcomes, existing: list[int]) -> tuple[list[int], str]:
        """Tell repeats from conflicts; returns the positions where that could not be told, and why."""
        try:
            stored = await read_stored(self._reader, [outcomes.items[position] for position in existing])
        except OpenSearchException as error:
            # The rest of the batch has its outcomes already, so only these are created again.
            if _request_outcome(error) is ItemOutcome.STOP:
                raise
            return existing, translate(error, "read the events that were there before").message
        gone: list[int] = []
        for position, found in zip(existing, stored, strict=True):
            if found is None:
                gone.append(position)
            else:
                outcomes.results[position] = self._compare(outcomes, position, found.hash, found.ingested)
        return gone, "a document that was in the way is gone" if gone else ""

    def _compare(self, outcomes: Outcomes, position: int, stored_hash: str, ingested: str) -> ItemResult:
        item = outcomes.items[position]
        if not stored_hash or not self._same_origin(item.doc, stored_hash):
            return ItemResult(Delivery.CONFLICT, detail=stored_hash)
        return STORED if outcomes.claim(item, ingested) else REPEAT

    def _wait_s(self, attempt: int) -> float:
        longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** (attempt - 1))
        return longest * (0.5 + 0.5 * self._rng.random())


def _request_outcome(error: OpenSearchException) -> ItemOutcome:
    if isinstance(error, ClientConnectionError):
        return ItemOutcome.STOP if is_tls_failure(error) else ItemOutcome.RETRY
    if isinstance(error, TransportError):
        return classify_request(int(error.status_code))
    # Answered with something that is not JSON: whether the documents are stored is open.
    return ItemOutcome.RETRY


def _stopped(outcomes: Outcomes, error: OpenSearchException) -> StoreError:
    told = translate(error, f"take events ({len(outcomes.items)} were sent)")
    too_large = isinstance(error, TransportError) and error.status_code == _TOO_LARGE
    return StoreError(
        told.message, hint="raise http.max_content_length in its settings" if too_large else told.hint
    )
