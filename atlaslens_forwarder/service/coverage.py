"""What has been read of a stretch of time, and what not.

:func:`coverage` answers from the window ledger and is what exports and ``coverage`` state;
:func:`remembered` is quick and answers from the forwarder's memory, for ``status`` and views.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.proof import Chain, ledger_row
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.connector import PEOPLE
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.privacy.origin import origin_of
from atlaslens_forwarder.service.coverage_statement import (
    FAILED,
    LISTED,
    NOT_READ,
    Asked,
    Known,
    Proof,
    holes_of,
    statement,
)
from atlaslens_forwarder.service.cursors import KIND, read_cursor
from atlaslens_forwarder.service.gap_store import KIND as GAP_KIND
from atlaslens_forwarder.service.gap_store import read_history
from atlaslens_forwarder.service.gone_months import GoneMonths
from atlaslens_forwarder.service.health import KIND as HEALTH_KIND
from atlaslens_forwarder.service.health import Health
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.sources.source import Style
from atlaslens_forwarder.storage.ledger_rows import LedgerRows, Numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from atlaslens_forwarder.gaps.history import GapHistory
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.coverage_statement import Hole
    from atlaslens_forwarder.service.store import Store
    from atlaslens_forwarder.storage.ledger_rows import FrozenLedger
    from atlaslens_forwarder.storage.state import StateStore


@dataclass(frozen=True, slots=True)
class _Memory:
    """What ``atlaslens-state`` says of a connector; ``number`` is the newest row that it knows of."""

    covered: Intervals
    number: int
    health: Health
    gaps: Sequence[GapHistory]


async def coverage(
    store: Store,
    from_ms: int,
    to_ms: int,
    now_ms: int,
    *,
    sources: Collection[str] = (),
) -> JsonObject:
    """Per connector: how much of ``[from_ms, to_ms)`` the window ledger proves to be read, and each hole.

    ``verdict`` is ``complete``, ``provisional`` (complete, but part of it is younger than the age at which
    rows of the source are final) or ``holes``; docs/coverage.md describes the whole statement.

    Args:
        store: the store.
        from_ms: begin of the time in question.
        to_ms: its end, exclusive.
        now_ms: the present.
        sources: only these, by source (``jira-audit``) or connector (``acme:jira-audit``); all when empty.

    Raises:
        ConfigError: one of ``sources`` was never read.
        StoreError: state, ledger or custody log cannot be read.
        UnreachableError: OpenSearch does not answer.
    """
    asked = Asked(from_ms, to_ms, now_ms, store.retention_ms)
    memories = await _memories(store.state)  # before the ledger, which is written first
    gone = await GoneMonths.read(store, asked)
    connectors: JsonObject = {}
    async with LedgerRows(store.reader).frozen() as ledger:
        numbers = await ledger.numbers()
        for name in _wanted({*memories, *numbers}, sources):
            memory = memories.get(name, _Memory(Intervals(), 0, Health(), ()))
            proof = await _prove(name, ledger, store, asked, numbers.get(name, Numbers(0, 0)))
            proof = gone.with_numbers(proof, memory.number)
            known = replace(_known(name, asked, memory), proof=proof, gone=gone.of(name))
            holes = await _with_failures(name, holes_of(known), ledger, memory.health)
            connectors[name] = statement(known, holes)
    return _whole(connectors, asked)


async def remembered(
    state: StateStore, from_ms: int, to_ms: int, now_ms: int, *, retention_ms: int
) -> JsonObject:
    """The same from the forwarder's memory alone: what it will not read again, without proof.

    Raises:
        StoreError: the state cannot be read.
    """
    asked = Asked(from_ms, to_ms, now_ms, retention_ms)
    connectors: JsonObject = {}
    for name, memory in (await _memories(state)).items():
        known = _known(name, asked, memory)
        holes = [_with_message(hole, memory.health) for hole in holes_of(known)]
        connectors[name] = statement(known, holes)
    return _whole(connectors, asked)


async def _memories(state: StateStore) -> dict[str, _Memory]:
    healths = {doc.connector: Health.from_json(doc.value) for doc in await state.list(HEALTH_KIND)}
    gaps: dict[str, list[GapHistory]] = {}
    for doc in await state.list(GAP_KIND):
        gaps.setdefault(doc.connector, []).append(read_history(doc))
    cursors = {doc.connector: read_cursor(doc) for doc in await state.list(KIND)}
    return {
        name: _Memory(
            cursors[name].covered if name in cursors else Intervals(),
            cursors[name].window_number if name in cursors else 0,
            healths.get(name, Health()),
            gaps.get(name, ()),
        )
        for name in {**cursors, **healths}
        if not name.endswith(f":{PEOPLE}")
    }


def _wanted(names: Collection[str], sources: Collection[str]) -> list[str]:
    known = {form for name in names for form in (name, name.partition(":")[2])}
    for source in sources:
        if source.rpartition(":")[2] == PEOPLE:
            raise ConfigError(
                "people are no source of events: no stretch of time of them can be complete",
                hint="see status for when they were last read",
            )
        if source not in known:
            listed = ", ".join(sorted(names)) or "no source"
            raise ConfigError(f"nothing was ever read of {source}", hint=f"known are: {listed}")
    return sorted(name for name in names if not sources or {name, name.partition(":")[2]} & {*sources})


async def _prove(name: str, ledger: FrozenLedger, store: Store, asked: Asked, numbers: Numbers) -> Proof:
    last_ms = min(asked.to_ms - 1, asked.now_ms)  # nobody can have read what is yet to come
    chain = Chain(asked.from_ms, last_ms)
    refused: list[tuple[str, str]] = []
    async for doc_id, doc in ledger.proving(name, asked.from_ms, last_ms, lambda: chain.until_ms):
        row = ledger_row(doc_id, doc, ours=origin_of(doc, store.keyring))
        if row.fault:
            refused.append((row.id, row.fault))
        chain.add(row)
    spec = SOURCES.get(name.partition(":")[2])
    only_present = spec is not None and not spec.has_history
    return Proof(
        chain.spans(),
        numbers.first,
        numbers.last,
        numbers.missing,
        tuple(refused),
        numbers.first_look_ms if only_present else None,
    )


def _known(name: str, asked: Asked, memory: _Memory) -> Known:
    spec = SOURCES.get(name.partition(":")[2])
    known = Known(asked, memory.covered, memory.gaps, status=memory.health.status.value)
    if spec is None:
        return known
    return replace(known, final_after_ms=spec.policy.final_after_ms, polls=spec.style is Style.POLLS)


async def _with_failures(
    name: str, holes: Sequence[Hole], ledger: FrozenLedger, health: Health
) -> list[Hole]:
    """What no gap explains is explained by the newest window that failed over it, if one did."""
    plain = [hole for hole in holes[:LISTED] if hole.kind == NOT_READ]
    failures = await ledger.last_failures(name, [(hole.from_ms, hole.to_ms) for hole in plain])
    by_start = {
        hole.from_ms: replace(hole, kind=FAILED, reason=told)
        for hole, told in zip(plain, failures, strict=True)
        if told
    }
    return [by_start.get(hole.from_ms) or _with_message(hole, health) for hole in holes]


def _with_message(hole: Hole, health: Health) -> Hole:
    """Of a hole that nothing explains, at least what the last contact with the source said."""
    return replace(hole, reason=health.message) if hole.kind == NOT_READ and health.message else hole


def _whole(connectors: JsonObject, asked: Asked) -> JsonObject:
    verdicts = {str(each["verdict"]) for each in connectors.values() if isinstance(each, dict)}
    order = ("holes", "provisional", "complete")
    overall = next((verdict for verdict in order if verdict in verdicts), "holes")
    return {
        "from": iso_ms(asked.from_ms),
        "to": iso_ms(asked.to_ms),
        "verdict": overall,
        "connectors": connectors,
    }
