"""One round over all connectors, side by side: what ``sync`` and the demo do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import AtlaslensError
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.service.connector import RoundReport
from atlaslens_forwarder.service.stopping import drop_after_grace

if TYPE_CHECKING:
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.service.forwarder import Forwarder


async def sync_once(
    forwarder: Forwarder, stop: asyncio.Event, since_ms: int | None = None
) -> dict[ConnectorId, RoundReport]:
    """Read everything that is due, each connector by itself.

    After ``stop`` was set, windows under way get a grace time; what is dropped then is read again.

    Raises:
        StoreError: OpenSearch failed so that no connector could even make a report.
        UnreachableError: OpenSearch does not answer any more.
    """
    ended = asyncio.Event()
    rounds = {
        connector.id: asyncio.ensure_future(connector.round(stop, since_ms))
        for connector in forwarder.connectors.values()
    }
    ender = asyncio.ensure_future(drop_after_grace(stop, ended, rounds.values()))
    try:
        results = await asyncio.gather(*rounds.values(), return_exceptions=True)
    finally:
        ended.set()
        ender.cancel()
    failures = [result for result in results if isinstance(result, AtlaslensError)]
    if failures and len(failures) == len(results):
        raise failures[0]
    return {connector: _report(connector, result) for connector, result in zip(rounds, results, strict=True)}


def _report(connector: ConnectorId, result: RoundReport | BaseException) -> RoundReport:
    """A connector that could not even report has failed alone: the others' results still count."""
    if isinstance(result, asyncio.CancelledError):
        result = AtlaslensError("stopped before its end", hint="nothing is lost: it is read again")
    if isinstance(result, AtlaslensError):
        return RoundReport(connector, SourceStatus.STORE_FAILED, error=result)
    if isinstance(result, BaseException):
        raise result
    return result
