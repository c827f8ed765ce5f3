"""The store with everything that reads and writes it, opened from the settings; it knows no source."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.people.update import Sealing
from atlaslens_forwarder.pipeline.ledger import Ledger
from atlaslens_forwarder.pipeline.quarantine import Quarantine
from atlaslens_forwarder.privacy.key_file import KeyFileWatch
from atlaslens_forwarder.privacy.origin import hashed_bytes, origin_of, stamp
from atlaslens_forwarder.service.forgotten import ForgottenList
from atlaslens_forwarder.service.hold_keeping import Holds
from atlaslens_forwarder.service.keys import KeyCheck, open_keyring
from atlaslens_forwarder.service.people import People, operator
from atlaslens_forwarder.service.store_access import open_clients
from atlaslens_forwarder.sink.bulk import BulkSink
from atlaslens_forwarder.storage.custody import Custody
from atlaslens_forwarder.storage.documents import Documents
from atlaslens_forwarder.storage.known import KnownEvents
from atlaslens_forwarder.storage.months import MonthKeeper
from atlaslens_forwarder.storage.names import Family
from atlaslens_forwarder.storage.plugins import read_plugins
from atlaslens_forwarder.storage.state import StateStore
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.privacy.keyring import Keyring
    from atlaslens_forwarder.settings import Settings
    from atlaslens_forwarder.storage.client import ClusterInfo
    from atlaslens_forwarder.storage.plugins import Plugins


@dataclass(frozen=True, slots=True)
class Store:
    """OpenSearch with everything that reads and writes it."""

    client: AsyncOpenSearch
    """Writes; reads state, people, alerts and the custody log, but no events."""
    reader: AsyncOpenSearch
    """Searches events. The same object as ``client`` unless it is set apart, like ``keeper``."""
    keeper: AsyncOpenSearch
    """Creates, manages and removes months."""
    cluster: ClusterInfo
    plugins: Plugins
    state: StateStore
    months: MonthKeeper
    sink: BulkSink
    known: KnownEvents
    quarantine: Quarantine
    ledger: Ledger
    keyring: Keyring
    keys: KeyCheck
    people: People
    custody: Custody
    holds: Holds
    retention_ms: int
    seal_names: bool = False


@asynccontextmanager
async def open_store(
    settings: Settings, clock: Callable[[], int], telemetry: Telemetry | None = None
) -> AsyncIterator[Store]:
    """Connect to OpenSearch and read the keys; ``telemetry`` is told of each bulk request.

    Raises:
        ConfigError: settings or keys cannot be used.
        UnreachableError: OpenSearch does not answer.
    """
    async with open_clients(settings) as clients:
        client = clients.writer
        plugins = await read_plugins(clients.keeper)
        state = StateStore(client, clock=clock)
        keyring = await open_keyring(settings.keyring_path, state)
        custody = Custody(client, clock=clock, stamp=lambda row: stamp(row, keyring), operator=operator())
        holds = Holds(
            clients.keeper,
            custody,
            state,
            plugins,
            lambda row: origin_of(row, keyring),
            reader=clients.reader,
        )
        months = MonthKeeper(
            clients.keeper,
            plugins=plugins,
            accept_mutable=settings.opensearch.accept_mutable,
            held=holds.months,
        )

        def same_origin(doc: JsonObject, stored: str) -> bool:
            return keyring.origin_matches(hashed_bytes(doc), stored) is True

        sink = BulkSink(
            client,
            reader=clients.reader,
            clock=clock,
            sleep=asyncio.sleep,
            rng=random.SystemRandom(),
            same_origin=same_origin,
            observe=(telemetry or Telemetry(Metrics())).bulk_done,
        )
        yield Store(
            client=client,
            reader=clients.reader,
            keeper=clients.keeper,
            cluster=clients.cluster,
            plugins=plugins,
            state=state,
            months=months,
            sink=sink,
            known=KnownEvents(clients.reader),
            quarantine=Quarantine(clients.reader, sink, months, keyring, clock),
            ledger=Ledger(sink, months, keyring),
            keyring=keyring,
            keys=KeyCheck(keyring, KeyFileWatch(settings.keyring_path, keyring), state, custody),
            people=People(
                Documents(client, Family.PEOPLE),
                Documents(client, Family.LOOKUP),
                keyring=keyring,
                sealing=Sealing(keyring, names=settings.privacy.seal_names),
                custody=custody,
                holds=holds,
                gone=ForgottenList(settings.forgotten_path),
                clock=clock,
            ),
            custody=custody,
            holds=holds,
            retention_ms=settings.service.retention_days * DAY_MS,
            seal_names=settings.privacy.seal_names,
        )
