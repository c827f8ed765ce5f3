"""The two things compared, on one node: the forwarder's whole way, and the bare ``_bulk`` of its bytes."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import CheckFailedError
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.pipeline.ingest import Ingest
from atlaslens_forwarder.pipeline.quarantine import Quarantine
from atlaslens_forwarder.privacy.keyring import Keyring
from atlaslens_forwarder.privacy.origin import hashed_bytes
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.sink.bulk import MAX_BYTES, MAX_DOCS, BulkItem, BulkSink, Delivery, ItemResult
from atlaslens_forwarder.sink.encode import batches
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from atlaslens_forwarder.storage.known import KnownEvents
from atlaslens_forwarder.storage.months import MonthKeeper
from atlaslens_forwarder.storage.plugins import read_plugins
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from bench.recording import FEEDS, NOTHING_COVERED, WINDOWS_PER_SOURCE

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.pipeline.ports import Months, Sink
    from bench.recording import Recording

RETENTION_MS = 365 * DAY_MS
SENDERS = WINDOWS_PER_SOURCE * len(FEEDS)
"""Requests that are under way at once, the same on both sides."""
_BARE_FILTER = "errors"


def now_ms() -> int:
    """The present, epoch milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """One timed run: wall time and this process's own processor time, in seconds."""

    events: int
    wall_s: float
    cpu_s: float

    @property
    def events_per_s(self) -> float:
        """Throughput."""
        return self.events / self.wall_s

    @property
    def cpu_us(self) -> float:
        """Microseconds of this process's processor time per event."""
        return self.cpu_s / self.events * 1e6


class Capture:
    """A sink and month keeper that store nothing and keep the request bodies."""

    def __init__(self) -> None:
        self.bodies: list[tuple[int, bytes]] = []
        self.indices: set[str] = set()

    async def create(self, items: Sequence[BulkItem]) -> list[ItemResult]:
        """Keep the bodies that the real sink would send."""
        for batch in batches(
            items,
            range(len(items)),
            ingested=lambda: "2026-01-01T00:00:00.000Z",
            max_bytes=MAX_BYTES,
            max_docs=MAX_DOCS,
            unencodable=_refuse,
        ):
            self.bodies.append((len(batch.positions), batch.body))
        self.indices.update(item.index for item in items)
        return [ItemResult(Delivery.STORED)] * len(items)

    async def ensure_months(self, names: Iterable[str]) -> list[str]:
        """Pretend that they exist."""
        del names
        return []


class Rig:
    """A node that is set up, a recording, and the bodies that the recording leads to."""

    def __init__(self, client: AsyncOpenSearch, recording: Recording, keyring: Keyring) -> None:
        self._client = client
        self._recording = recording
        self._keyring = keyring
        self._capture = Capture()

    @classmethod
    async def open(cls, url: str, recording: Recording) -> Rig:
        """Set the node up as the product does, and make the bodies."""
        client = open_client(OpenSearchConfig(url=url))
        await apply_plan(client, await make_plan(client, SetupOptions(now_ms=now_ms())))
        rig = cls(client, recording, Keyring.generate())
        await rig._read_all(rig._capture, rig._capture)
        return rig

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    @property
    def body_bytes(self) -> int:
        """Length of all request bodies together."""
        return sum(len(body) for _, body in self._capture.bodies)

    async def forwarder(self) -> Run:
        """Recorded pages to stored events, on fresh indices."""
        months = await self._fresh_months()

        def same_origin(doc: JsonObject, stored: str) -> bool:
            return self._keyring.origin_matches(hashed_bytes(doc), stored) is True

        sink = BulkSink(
            self._client,
            clock=now_ms,
            sleep=asyncio.sleep,
            rng=random.SystemRandom(),
            same_origin=same_origin,
        )
        return await _timed(self._read_all(sink, months))

    async def bare(self) -> Run:
        """The same bytes sent by as many senders, and nothing else, on fresh indices."""
        await self._fresh_months()
        waiting = iter(self._capture.bodies)

        async def send() -> int:
            sent = 0
            for count, body in waiting:
                answer = await self._client.bulk(body=body, params={"filter_path": _BARE_FILTER})
                if answer["errors"]:
                    raise CheckFailedError("the bare bulk was refused in part")
                sent += count
            return sent

        async def all_senders() -> int:
            return sum(await asyncio.gather(*(send() for _ in range(SENDERS))))

        return await _timed(all_senders())

    async def _read_all(self, sink: Sink, months: Months) -> int:
        """All windows of all sources side by side, as the service does; returns the events stored."""
        observer = Telemetry(Metrics())
        runs = []
        for source, spec in FEEDS.items():
            connector = ConnectorId(self._recording.context.site, source)
            ingest = Ingest(
                connector,
                spec,
                self._recording.context,
                sink=sink,
                months=months,
                quarantine=Quarantine(self._client, sink, months, self._keyring, now_ms),
                known=KnownEvents(self._client),
                keyring=self._keyring,
                clock=now_ms,
                retention_ms=RETENTION_MS,
                observer=observer,
            )
            reader = self._recording.reader(source)
            runs += [ingest.run(reader, window, NOTHING_COVERED) for window in self._recording.windows]
        reports = await asyncio.gather(*runs)
        stored = sum(report.tally.stored for report in reports)
        if not all(report.complete for report in reports) or stored != self._recording.rows:
            raise CheckFailedError(f"{stored} of {self._recording.rows} events were stored")
        return stored

    async def _fresh_months(self) -> MonthKeeper:
        """Empty months with the product's templates; making them is not measured."""
        names = sorted(self._capture.indices)
        for name in names:  # one by one: a node of ours refuses to delete by pattern
            await self._client.indices.delete(index=name, params={"ignore_unavailable": "true"})
        keeper = MonthKeeper(self._client, plugins=await read_plugins(self._client))
        await keeper.ensure_months(names)
        return keeper


async def _timed(work: Coroutine[object, object, int]) -> Run:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    events = await work
    return Run(events, time.perf_counter() - wall_s, time.process_time() - cpu_s)


def _refuse(position: int, error: ValueError) -> None:
    raise CheckFailedError(f"event {position} cannot be encoded") from error
