"""A connector: one source of one site, the unit that succeeds, fails and is scheduled by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ConnectorId:
    """Names a connector in state documents, ledger rows, logs and metrics."""

    site: str
    source: str

    def __str__(self) -> str:
        return f"{self.site}:{self.source}"
