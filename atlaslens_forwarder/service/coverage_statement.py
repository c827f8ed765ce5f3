"""What is stated about a connector and a time: complete, provisional, or each hole with its reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.gaps.reasons import GAP_TEXTS, GapReason
from atlaslens_forwarder.model.time import HOUR_MS, iso_ms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atlaslens_forwarder.cursor.proof import ProvenSpan
    from atlaslens_forwarder.gaps.history import GapHistory
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

LISTED: Final = 100
"""Holes, spans and faults that are listed one by one; all are counted."""
OPEN_MS: Final = HOUR_MS
"""Younger time is not over: rows still arrive, the next poll reads it. What is missing of it is no hole."""

GAP = "gap"
FORGOTTEN = "forgotten"
FIRST_LOOK = "before-first-look"
DELETED = "deleted"
UNPROVEN = "not-proven"
FAILED = "failed"
TOO_OLD = "older-than-retention"
NOT_READ = "not-read"
HOLE_KINDS = (GAP, FORGOTTEN, FIRST_LOOK, DELETED, UNPROVEN, FAILED, TOO_OLD, NOT_READ)
_OF_GAPS = {GapReason.BEYOND_RETENTION: FORGOTTEN, GapReason.BEFORE_FIRST_POLL: FIRST_LOOK}


@dataclass(frozen=True, slots=True)
class Asked:
    """The time in question, ``[from_ms, to_ms)``, and the present."""

    from_ms: int
    to_ms: int
    now_ms: int
    retention_ms: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What the ledger says of a connector.

    ``missing`` are numbers that no row has, ``refused`` rows that prove nothing, as id and reason.
    ``first_look_ms`` is set where only the present can be asked: what was before, no row can prove.
    """

    spans: tuple[ProvenSpan, ...] = ()
    first: int = 0
    last: int = 0
    missing: tuple[tuple[int, int], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    first_look_ms: int | None = None

    @property
    def read(self) -> Intervals:
        """The time that is proven."""
        proven = Intervals.of((span.from_ms, span.to_ms) for span in self.spans)
        if self.first_look_ms is None or not proven:
            return proven
        return proven.clip(self.first_look_ms, proven.spans[-1][1])


@dataclass(frozen=True, slots=True)
class Known:
    """All that a statement rests on; ``proof`` None where only the cursor is asked.

    ``gone`` are the months of its events that were deleted, as closed intervals with what is known of it.
    """

    asked: Asked
    cursor: Intervals = field(default_factory=Intervals)
    gaps: Sequence[GapHistory] = ()
    proof: Proof | None = None
    gone: Mapping[tuple[int, int], str] = field(default_factory=dict)
    final_after_ms: int = HOUR_MS
    polls: bool = False
    status: str = ""
    message: str = ""

    @property
    def read(self) -> Intervals:
        """The time that counts as read, and is still there to be seen."""
        found = self.cursor if self.proof is None else self.proof.read
        lost = without_lost(found, self.gaps).minus(Intervals.of(self.gone))
        return lost.clip(self.asked.from_ms, self.asked.to_ms - 1)

    @property
    def missing(self) -> Intervals:
        """The time that should be read and is not."""
        asked = self.asked
        return self.read.missing(asked.from_ms, min(asked.to_ms, asked.now_ms - OPEN_MS) - 1)


@dataclass(frozen=True, slots=True)
class Hole:
    """A closed interval that is not read, and why."""

    from_ms: int
    to_ms: int
    kind: str
    reason: str
    gaps: tuple[str, ...] = ()

    def to_json(self) -> JsonObject:
        """Its form in statements; ``to`` is exclusive."""
        hole: JsonObject = {
            "from": iso_ms(self.from_ms),
            "to": iso_ms(self.to_ms + 1),
            "kind": self.kind,
            "reason": self.reason,
        }
        return {**hole, "gaps": [*self.gaps]} if self.gaps else hole


def without_lost(covered: Intervals, gaps: Sequence[GapHistory]) -> Intervals:
    """Time that counts as read because it was asked in vain was not read."""
    if not covered:
        return covered
    first_ms, last_ms = covered.spans[0][0], covered.spans[-1][1]
    return covered.minus(
        Intervals.of(
            (
                first_ms if period.from_ms is None else period.from_ms,
                last_ms if period.to_ms is None else period.to_ms,
            )
            for gap in gaps
            if gap.reason.never_filled
            for period in gap.open_periods
        )
    )


def holes_of(known: Known) -> tuple[Hole, ...]:
    """Each hole, oldest first; of those that nothing explains here, the kind is ``not-read``."""
    missing = known.missing
    found: list[Hole] = []
    for span, told in known.gone.items():
        for start, end in missing.clip(*span):
            found.append(Hole(start, end, DELETED, told))
    missing = missing.minus(Intervals.of(known.gone))
    claimed = Intervals() if known.proof is None else without_lost(known.cursor, known.gaps)
    if known.proof is not None and known.proof.first_look_ms is not None:
        claimed = claimed.minus(Intervals.of([(0, known.proof.first_look_ms - 1)]))
    for start, end in missing.minus(missing.minus(claimed)):
        told = "the forwarder's memory counts it as read, but no row of the window ledger proves it"
        found.append(Hole(start, end, UNPROVEN, told))
    floor_ms = known.asked.now_ms - known.asked.retention_ms
    for start, end in missing.minus(claimed):
        found.append(_explained(start, end, known.gaps) or _plain(start, end, floor_ms))
    return tuple(sorted(found, key=lambda hole: hole.from_ms))


def _explained(start_ms: int, end_ms: int, gaps: Sequence[GapHistory]) -> Hole | None:
    """A hole that gaps explain which were, or are, open over it."""
    over = sorted(
        (period.opened_ms, gap.reason.value, period.detail or GAP_TEXTS[gap.reason].what)
        for gap in gaps
        if gap.reason.explains_holes
        for period in gap.periods
        if period.overlaps(start_ms, end_ms + 1)
    )
    if not over:
        return None
    reasons, texts = dict.fromkeys(each[1] for each in over), dict.fromkeys(each[2] for each in over)
    kinds = {_OF_GAPS.get(GapReason(reason), GAP) for reason in reasons}
    kind = kinds.pop() if len(kinds) == 1 else GAP
    return Hole(start_ms, end_ms, kind, "; ".join(texts), tuple(reasons))


def _plain(start_ms: int, end_ms: int, floor_ms: int) -> Hole:
    if end_ms < floor_ms:
        return Hole(start_ms, end_ms, TOO_OLD, "older than events are kept; it was never read")
    return Hole(start_ms, end_ms, NOT_READ, "not read yet")


def statement(known: Known, holes: Sequence[Hole]) -> JsonObject:
    """The statement about one connector, small however long the ledger is."""
    asked = known.asked
    final_ms = asked.now_ms - known.final_after_ms
    verdict = "holes" if holes else "provisional" if asked.to_ms > final_ms else "complete"
    read = known.read
    told: JsonObject = {
        "verdict": verdict,
        "method": "polls" if known.polls else "windows",
        "covered_share": round(read.length_ms / max(1, asked.to_ms - asked.from_ms), 6),
        "holes": [hole.to_json() for hole in holes[:LISTED]],
        "holes_total": len(holes),
        "status": known.status,
    }
    if asked.to_ms > final_ms:
        told["provisional_from"] = iso_ms(max(asked.from_ms, final_ms))
    if known.proof is not None:
        told |= _proof(known.proof, known, read)
    return told


def _proof(proof: Proof, known: Known, read: Intervals) -> JsonObject:
    """What the statement rests on, and what the forwarder's memory does not know of it."""
    by_start = {span.from_ms: span for span in proof.spans}
    covered: list[JsonValue] = [_span(start, end, by_start, proof) for start, end in read.spans[:LISTED]]
    unknown = read.minus(known.cursor)
    return {
        "covered": covered,
        "covered_total": len(read.spans),
        "ledger": {
            "first": proof.first,
            "last": proof.last,
            "missing": [[first, last] for first, last in proof.missing[:LISTED]],
            "missing_total": sum(last - first + 1 for first, last in proof.missing),
            "refused": [{"row": row, "why": why} for row, why in proof.refused[:LISTED]],
            "refused_total": len(proof.refused),
        },
        "not_in_memory": [
            {"from": iso_ms(start), "to": iso_ms(end + 1)} for start, end in unknown.spans[:LISTED]
        ],
    }


def _span(start: int, end: int, by_start: Mapping[int, ProvenSpan], proof: Proof) -> JsonObject:
    """A stretch that was read, with the rows it rests on: those of the proven span that it is part of."""
    span = by_start.get(start) or next(
        each for each in proof.spans if each.from_ms <= start and end <= each.to_ms
    )
    return {
        "from": iso_ms(start),
        "to": iso_ms(end + 1),
        "rows": span.rows,
        "first": span.first,
        "last": span.last,
    }
