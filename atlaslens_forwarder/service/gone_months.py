"""Months of events that are not there any more: what was read into them can no longer be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.service.custody_log import MONTHS_DELETED, MONTHS_MISSING, body_of
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.storage.expiry import expired_months
from atlaslens_forwarder.storage.months import month_names
from atlaslens_forwarder.storage.names import Family, month_index, months_between, parse_month_index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.coverage_statement import Asked, Proof
    from atlaslens_forwarder.service.store import Store


@dataclass(frozen=True, slots=True)
class GoneMonths:
    """Per family, the months within the time in question that are gone, and what is known of that.

    ``ledger`` tells whether months of the window ledger were deleted, and the first numbers with them.
    """

    months: Mapping[Family, Mapping[tuple[int, int], str]]
    ledger: bool

    @classmethod
    async def read(cls, store: Store, asked: Asked) -> Self:
        """Ask the custody log and the store.

        Raises:
            StoreError: one of them cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        there = await month_names(store.reader)
        recorded: dict[str, str] = {}
        for row in await store.custody.rows((MONTHS_DELETED, MONTHS_MISSING)):
            recorded |= dict.fromkeys(body_of(row).get("months", ()), _told(row))
        months: dict[Family, dict[tuple[int, int], str]] = {}
        for family in (Family.AUDIT, Family.ACTIVITY):
            names = [
                month_index(family, start)
                for start in months_between(asked.from_ms, min(asked.to_ms, asked.now_ms) - 1)
            ]
            past = set(expired_months(names, asked.now_ms, asked.retention_ms // DAY_MS))
            months[family] = {
                (month.start_ms, month.end_ms - 1): recorded.get(
                    name, f"{name} is past its retention, and not in the store"
                )
                for name in names
                if name not in there and (name in recorded or name in past)
                if (month := parse_month_index(name)) is not None
            }
        ledger = any(_is_ledger(name) for name in recorded)
        return cls(months, ledger)

    def of(self, connector: str) -> Mapping[tuple[int, int], str]:
        """Those that held events of a connector."""
        spec = SOURCES.get(connector.partition(":")[2])
        return {} if spec is None else self.months.get(Family(spec.pipeline.value), {})

    def with_numbers(self, proof: Proof, remembered: int) -> Proof:
        """A proof with the numbers that are missing before the first row and after the last.

        ``remembered`` is the newest number that the forwarder's memory knows of.
        """
        before = [(1, proof.first - 1)] if proof.first > 1 and not self.ledger else []
        after = [(proof.last + 1, remembered)] if remembered > proof.last else []
        return replace(proof, missing=(*before, *proof.missing, *after))


def _told(row: JsonObject) -> str:
    custody = row.get("custody")
    number = custody.get("number") if isinstance(custody, dict) else None
    event = row.get("event")
    missing = isinstance(event, dict) and event.get("action") == MONTHS_MISSING
    what = "the month was removed before its time" if missing else "the month was deleted after its retention"
    return f"{what} (custody log {number})"


def _is_ledger(name: str) -> bool:
    month = parse_month_index(name)
    return month is not None and month.family is Family.WINDOWS
