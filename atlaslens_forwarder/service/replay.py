"""Tries quarantined rows again; what succeeds becomes an event and is marked replayed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import SourceError
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.pipeline.ingest import CONFLICT, EXPIRED
from atlaslens_forwarder.service.custody_log import record_replay
from atlaslens_forwarder.service.forwarder import open_ingest
from atlaslens_forwarder.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.pipeline.ingest import Ingest
    from atlaslens_forwarder.service.forwarder import Forwarder
    from atlaslens_forwarder.settings import Settings
    from atlaslens_forwarder.telemetry.observer import Telemetry

SETTLED = frozenset({"stored", "repeat", EXPIRED})
"""Outcomes after which a row does not wait any longer."""


async def replay(
    forwarder: Forwarder, settings: Settings, telemetry: Telemetry, clock: Callable[[], int]
) -> Counter[str]:
    """Replay every open row; returns how many ended how, which the custody log says too.

    Outcomes: ``stored``, ``repeat``, ``expired`` (older than the retention by now), ``refused`` (still not an
    event; stays), ``conflict`` (another event has its id; stays), ``not-configured`` (its site or source is
    not in the settings; stays).

    Raises:
        ConfigError: the key of a sealed row is missing.
        StoreError: OpenSearch failed; rows not yet replayed stay.
    """
    outcomes: Counter[str] = Counter()
    opened: dict[str, Ingest | None] = {}
    quarantine = forwarder.store.quarantine
    for kept in [kept async for kept in quarantine.open_rows()]:
        if kept.reason == CONFLICT:
            outcomes[CONFLICT] += 1
            continue
        if kept.connector not in opened:
            opened[kept.connector] = await _open(kept.connector, forwarder, settings, telemetry, clock)
        ingest = opened[kept.connector]
        if ingest is None:
            outcomes["not-configured"] += 1
            continue
        outcome = await ingest.replay(quarantine.unseal(kept))
        outcomes[outcome] += 1
        if outcome in SETTLED:
            await quarantine.mark_replayed(kept, outcome)
    if outcomes:
        await record_replay(forwarder.store.custody, outcomes)
    return outcomes


async def _open(
    name: str, forwarder: Forwarder, settings: Settings, telemetry: Telemetry, clock: Callable[[], int]
) -> Ingest | None:
    site, _, source = name.partition(":")
    if site not in forwarder.sites or source not in SOURCES:
        return None
    retention_ms = settings.service.retention_days * DAY_MS
    try:
        return await open_ingest(
            ConnectorId(site, source),
            SOURCES[source],
            forwarder.sites[site],
            forwarder.store,
            telemetry,
            clock,
            retention_ms,
        )
    except SourceError:
        return None
