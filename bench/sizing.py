"""What a year takes on disk, in shards and heap: computed from what ``bench.footprint`` measured. Pure.

The measured figures lie in ``bench/sizing.json``, the tables made of them in ``docs/operations.md``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from math import ceil
from typing import TYPE_CHECKING

from atlaslens_forwarder.storage.names import MONTHLY, SINGLE
from bench.figures import markdown_row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BEGIN = "<!-- sizing: begin, written by python -m bench sizing -->"
END = "<!-- sizing: end -->"
EVENTS_PER_DAY = (1_000, 10_000, 100_000, 1_000_000)
KEPT_DAYS = 365 + 31
"""Retention, and the month by which an index outlives it at most."""
MONTHS = 15
"""Months that exist at once: those of the retention, the current one and the next."""
LONGEST_MONTH_DAYS = 31
INTERVAL_S = 300
DAY_S = 86_400
SEALS_PER_DAY = 24
USABLE_SHARE = 0.7
"""Of a disk: OpenSearch's low watermark is 85 %, and merging a shard writes it a second time."""
SHARDS_PER_GIB = 25
"""Shards a GiB of heap carries: AWS, Well-Architected, Amazon OpenSearch Service Lens, AOSPERF01-BP03."""
GB = 1e9


@dataclass(frozen=True, slots=True)
class Size:
    """Documents of a family and the bytes of one copy of them, as written and merged to one segment."""

    documents: int
    bytes: int
    merged_bytes: int

    @property
    def each_bytes(self) -> float:
        """Bytes of a document as it is written."""
        return self.bytes / self.documents

    @property
    def merged_each_bytes(self) -> float:
        """Bytes of a document in one segment."""
        return self.merged_bytes / self.documents


@dataclass(frozen=True, slots=True)
class Footprint:
    """Everything that one call measured.

    ``rows_per_round`` are the rows of the window ledger that one round of all sources writes.
    """

    date: str
    engine: str
    rows_per_round: float
    sizes: Mapping[str, Size]

    def write(self, path: Path) -> None:
        """Keep the figures."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Footprint:
        """The figures that were kept."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        sizes = {name: Size(**size) for name, size in kept.pop("sizes").items()}
        return cls(**kept, sizes=sizes)


@dataclass(frozen=True, slots=True)
class Need:
    """What a year of so many events a day takes; bytes are of one copy."""

    events_per_day: int
    events_bytes: float
    overhead_bytes: float
    largest_shard_bytes: float

    @property
    def disk_bytes(self) -> float:
        """One copy of everything."""
        return self.events_bytes + self.overhead_bytes


def need(footprint: Footprint, events_per_day: int) -> Need:
    """The need of a site whose events are half audit and half activity."""
    sizes = footprint.sizes
    halves = [sizes[family].each_bytes * events_per_day / 2 for family in ("audit", "activity")]
    ledger_bytes = _rows_per_day(footprint) * sizes["windows"].each_bytes
    seals_bytes = SEALS_PER_DAY * sizes["seals"].each_bytes
    return Need(
        events_per_day,
        sum(halves) * KEPT_DAYS,
        (ledger_bytes + seals_bytes) * KEPT_DAYS,
        max(halves) * LONGEST_MONTH_DAYS,
    )


def shards() -> int:
    """Shards of one copy of everything: one for each index."""
    return len(MONTHLY) * MONTHS + len(SINGLE)


def heap_gib(copies: int, nodes: int) -> int:
    """Heap of each node for its share of the shards."""
    return ceil(shards() * copies / nodes / SHARDS_PER_GIB)


def markdown(footprint: Footprint) -> str:
    """The block of tables, without its markers."""
    families = (
        ("Family", "Documents measured", "Bytes each, as written", "merged to one segment"),
        ("---",) * 4,
        *(
            (
                f"`{family}`",
                f"{size.documents:,}",
                f"{size.each_bytes:,.0f}",
                f"{size.merged_each_bytes:,.0f}",
            )
            for family, size in footprint.sizes.items()
        ),
    )
    years = (
        ("Events a day", "One copy", "Largest shard", "Disk of a single node", "Disk of each of three nodes"),
        ("---",) * 5,
        *(_year(need(footprint, count)) for count in EVENTS_PER_DAY),
    )
    measured = (
        f"Measured {footprint.date} on {footprint.engine}, with rows of the simulator. "
        f"A round of all sources writes {footprint.rows_per_round:.1f} rows of the window ledger, "
        f"{_rows_per_day(footprint):,.0f} a day."
    )
    heap = (
        f"Shards: {shards()} at the most, twice that with replicas. "
        f"Heap: {heap_gib(1, 1)} GiB for a single node, {heap_gib(2, 3)} GiB for each of three."
    )
    return "\n".join([measured, "", *map(markdown_row, families), "", *map(markdown_row, years), "", heap])


def _rows_per_day(footprint: Footprint) -> float:
    return footprint.rows_per_round * DAY_S / INTERVAL_S


def _year(one: Need) -> tuple[str, ...]:
    single, of_three = one.disk_bytes / USABLE_SHARE, one.disk_bytes * 2 / 3 / USABLE_SHARE
    cells = (one.disk_bytes, one.largest_shard_bytes, single, of_three)
    return (f"{one.events_per_day:,}", *(f"{_rounded(size / GB)} GB" for size in cells))


def _rounded(size_gb: float) -> str:
    if size_gb < 0.1:  # noqa: PLR2004  likewise
        return "< 0.1"
    return f"{size_gb:,.0f}" if size_gb >= 10 else f"{size_gb:.1f}"  # noqa: PLR2004  two digits say enough
