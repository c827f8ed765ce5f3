"""Processor time of each step by itself, without a store: where the forwarder's time goes."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from atlaslens_forwarder.model.event import Event, RawRow
from atlaslens_forwarder.privacy.emails import without_emails
from atlaslens_forwarder.privacy.keyring import Keyring
from atlaslens_forwarder.privacy.origin import stamp
from atlaslens_forwarder.sink.encode import BulkItem, encode_item
from atlaslens_forwarder.storage.names import Family, month_index
from bench.recording import FEEDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.recording import Recording


Result = TypeVar("Result")
INGESTED = "2026-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Stage:
    """A step and its processor time in microseconds per event."""

    name: str
    cpu_us: float


def profile(recording: Recording, rounds: int) -> list[Stage]:
    """Run each step over the whole recording ``rounds`` times; the fastest counts, being the least disturbed.

    Paging includes the second decoding that rows on page borders cost, so it is measured with decoding and
    that is taken off.
    """
    keyring = Keyring.generate()
    stages: dict[str, float] = {}
    for _ in range(rounds):
        for name, cpu_s in _one_round(recording, keyring):
            stages[name] = min(cpu_s, stages.get(name, cpu_s))
    decoded = "decode pages (JSON)"
    stages["page by time, name rows"] = max(0.0, stages["page by time, name rows"] - stages[decoded])
    return [Stage(name, cpu_s / recording.rows * 1e6) for name, cpu_s in stages.items()]


def _one_round(recording: Recording, keyring: Keyring) -> list[tuple[str, float]]:
    spent: list[tuple[str, float]] = []

    def timed(name: str, work: Callable[[], Result]) -> Result:
        started_s = time.process_time()
        result = work()
        spent.append((name, time.process_time() - started_s))
        return result

    timed("decode pages (JSON)", lambda: [json.loads(body) for body in recording.pages.values()])
    rows = timed("page by time, name rows", lambda: asyncio.run(_rows(recording)))
    clean = timed(
        "scrub e-mail addresses",
        lambda: [
            (source, RawRow(without_emails(row.data, keyring.blind), row.identity, row.at_ms))
            for source, row in rows
        ],
    )
    found = timed(
        "normalise",
        lambda: [FEEDS[source].normalise(row, recording.context) for source, row in clean],
    )
    events = [event for event in found if isinstance(event, Event)]
    timed("canonical form and HMAC", lambda: _stamp(events, keyring))
    items = timed(
        "choose the month",
        lambda: [BulkItem(month_index(Family.AUDIT, event.at_ms), event.id, event.doc) for event in events],
    )
    timed("encode", lambda: [encode_item(item, INGESTED) for item in items])
    return spent


def _stamp(events: list[Event], keyring: Keyring) -> None:
    for event in events:
        stamp(event.doc, keyring)


async def _rows(recording: Recording) -> list[tuple[str, RawRow]]:
    return [
        (source, row)
        for source in FEEDS
        for window in recording.windows
        async for page in recording.reader(source).pages(window)
        for row in page.rows
    ]
