"""The final outcome of each document of one delivery. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.sink.classify import ItemOutcome, classify, field_at_fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.sink.encode import BulkItem

_STOP_HINTS = {
    "index_not_found_exception": "the month has not been created: run setup",
    "cluster_block_exception": "see whether a disk is full or the index is set read-only",
    "security_exception": "give the account's role the permissions listed in the manual",
}


class Delivery(StrEnum):
    """The final outcome of a document."""

    STORED = "stored"
    REPEAT = "repeat"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The outcome of one item.

    ``reason`` is OpenSearch's error type (rejected items only). ``detail`` is the field at fault, never its
    content; of a conflict, the stored ``event.hash`` (empty if the stored document has none).
    """

    outcome: Delivery
    reason: str = ""
    detail: str = ""


STORED = ItemResult(Delivery.STORED)
REPEAT = ItemResult(Delivery.REPEAT)


class Outcomes:
    """The results of one call so far."""

    def __init__(self, items: Sequence[BulkItem]) -> None:
        self.items = items
        self.results: list[ItemResult | None] = [None] * len(items)
        self.lost: set[str] = set()
        """``event.ingested`` of the attempts whose answer was lost."""
        self._claimed: set[tuple[str, str]] = set()

    def all_stored(self, positions: list[int]) -> None:
        """Note that every one of these was created."""
        for position in positions:
            self.results[position] = STORED

    def unencodable(self, position: int, error: ValueError) -> None:
        """Note that a document could not even be sent."""
        detail = "a lone surrogate" if isinstance(error, UnicodeError) else str(error)
        self.results[position] = ItemResult(Delivery.REJECTED, "unencodable", detail)

    def sort(self, positions: list[int], rows: list[dict[str, Any]]) -> tuple[list[int], list[int], str]:
        """Note final outcomes; returns the positions that exist, those to send again, and why."""
        existing: list[int] = []
        again: list[int] = []
        failure = ""
        for position, row in zip(positions, rows, strict=True):
            item = row["create"]
            error = item.get("error") or {}
            kind, reason = str(error.get("type", "")), str(error.get("reason", ""))
            match classify(item["status"], kind, reason):
                case ItemOutcome.STORED:
                    self.results[position] = STORED
                case ItemOutcome.EXISTS:
                    existing.append(position)
                case ItemOutcome.REJECTED:
                    self.results[position] = ItemResult(Delivery.REJECTED, kind, field_at_fault(reason))
                case ItemOutcome.RETRY:
                    again.append(position)
                    failure = f"{item['status']} {kind}"
                case _:
                    raise _stopped(self.items[position].index, item["status"], kind)
        return existing, again, failure

    def claim(self, item: BulkItem, ingested: str) -> bool:
        """Whether a lost attempt of this call stored the item; true once for each id."""
        key = (item.index, item.id)
        if ingested not in self.lost or key in self._claimed:
            return False
        self._claimed.add(key)
        return True

    def finished(self) -> list[ItemResult]:
        """One result for each item, once all have one."""
        return [result for result in self.results if result is not None]


def _stopped(index: str, status: int, kind: str) -> StoreError:
    hint = _STOP_HINTS.get(kind, "see its log; nothing is lost, the window is read again")
    return StoreError(f"OpenSearch refused to store in {index} ({status} {kind})", hint=hint)
