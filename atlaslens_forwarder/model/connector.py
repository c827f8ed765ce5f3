"""A connector: one source of one site, the unit that succeeds, fails and is scheduled by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PEOPLE: Final = "people"
"""The job that reads people and groups: run like a source, but it makes no events and covers no time."""


@dataclass(frozen=True, slots=True, order=True)
class ConnectorId:
    """Names a connector in state documents, ledger rows, logs and metrics."""

    site: str
    source: str

    def __str__(self) -> str:
        return f"{self.site}:{self.source}"
