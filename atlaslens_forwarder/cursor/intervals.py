"""A set of closed intervals of whole milliseconds.

Invariants: sorted, disjoint, and never adjacent (``[1,2]`` and ``[3,4]`` are kept as ``[1,4]``), so two
equal sets of milliseconds are equal values.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from atlaslens_forwarder.model.json import JsonValue

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Intervals:
    """An immutable set of milliseconds; build it with :meth:`of`."""

    spans: tuple[Interval, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Interval]) -> Intervals:
        """The union of closed spans; spans whose end lies before their start are empty."""
        merged: list[Interval] = []
        for start, end in sorted(span for span in spans if span[0] <= span[1]):
            if merged and start <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return cls(tuple(merged))

    @classmethod
    def from_json(cls, value: JsonValue) -> Intervals:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError: the value is no list of pairs of integers.
        """
        if not isinstance(value, list):
            raise ValueError("covered intervals must be a list")  # noqa: TRY004  one error type for bad content
        spans: list[Interval] = []
        for pair in value:
            match pair:
                case [int(start), int(end)]:
                    spans.append((start, end))
                case _:
                    raise ValueError("a covered interval must be a pair of integers")
        return cls.of(spans)

    def to_json(self) -> JsonValue:
        """A list of ``[from_ms, to_ms]`` pairs."""
        return [[start, end] for start, end in self.spans]

    def add(self, start: int, end: int) -> Intervals:
        """The set with one more closed interval."""
        return Intervals.of([*self.spans, (start, end)])

    def union(self, other: Intervals) -> Intervals:
        """All milliseconds of both sets."""
        return Intervals.of([*self.spans, *other.spans])

    def contains(self, at_ms: int) -> bool:
        """Whether a millisecond is in the set."""
        index = bisect_right(self.spans, at_ms, key=lambda span: span[0]) - 1
        return index >= 0 and at_ms <= self.spans[index][1]

    def clip(self, start: int, end: int) -> Intervals:
        """The part of the set inside a closed interval."""
        return Intervals.of((max(a, start), min(b, end)) for a, b in self.spans)

    def missing(self, start: int, end: int) -> Intervals:
        """The part of a closed interval that is not in the set."""
        holes: list[Interval] = []
        next_ms = start
        for a, b in self.clip(start, end).spans:
            if next_ms < a:
                holes.append((next_ms, a - 1))
            next_ms = b + 1
        if next_ms <= end:
            holes.append((next_ms, end))
        return Intervals.of(holes)

    def minus(self, other: Intervals) -> Intervals:
        """The milliseconds of this set that are not in the other."""
        return Intervals.of(part for start, end in self.spans for part in other.missing(start, end).spans)

    @property
    def length_ms(self) -> int:
        """How many milliseconds the set holds."""
        return sum(end - start + 1 for start, end in self.spans)

    @property
    def end_ms(self) -> int | None:
        """The newest millisecond, None for the empty set."""
        return self.spans[-1][1] if self.spans else None

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)
