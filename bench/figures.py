"""The figures as Markdown, and their place in ``docs/performance.md``. Pure but for writing that file."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from os import cpu_count
from statistics import median
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.rig import Run
    from bench.stages import Stage

BEGIN = "<!-- figures: begin, written by python -m bench -->"
END = "<!-- figures: end -->"
AIM_RATIO = 0.5
AIM_CPU_US = 100.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything measured in one call."""

    date: str
    pages: int
    page_bytes: int
    body_bytes: int
    pairs: Sequence[tuple[Run, Run]]
    """Forwarder and bare bulk, in the order in which they ran."""
    stages: Sequence[Stage]
    engine: str
    load_before: float = 0.0
    load_after: float = 0.0
    """Load average of the machine over a minute; the latter holds our own load too."""

    @property
    def ratio(self) -> float:
        """Throughput of the forwarder ÷ that of the bare bulk, median over pairs."""
        return median(ours.events_per_s / bare.events_per_s for ours, bare in self.pairs)

    @property
    def cpu_us(self) -> float:
        """The forwarder's processor time per event, median."""
        return median(ours.cpu_us for ours, _ in self.pairs)


def markdown(figures: Figures) -> str:
    """The block of figures, without its markers."""
    events = figures.pairs[0][0].events
    ours = median(run.events_per_s for run, _ in figures.pairs)
    bare = median(run.events_per_s for _, run in figures.pairs)
    bare_cpu_us = median(run.cpu_us for _, run in figures.pairs)
    ratios = [first.events_per_s / second.events_per_s for first, second in figures.pairs]
    known_us = sum(stage.cpu_us for stage in figures.stages) + bare_cpu_us
    cpus_us = [run.cpu_us for run, _ in figures.pairs]
    measured = (
        f"Measured {figures.date}: {events:,} events on {figures.pages} pages "
        f"({figures.page_bytes / 1e6:.0f} MB in, {figures.body_bytes / 1e6:.0f} MB out), "
        f"{len(figures.pairs)} pairs of runs; Python {platform.python_version()}, {figures.engine}, "
        f"{cpu_count()} cores for both together, load average {figures.load_before:.1f} before and "
        f"{figures.load_after:.1f} after."
    )
    cells = (
        ("Figure", "Median", "Range", "Aim"),
        ("---",) * 4,
        (
            "forwarder ÷ bare `_bulk`",
            f"**{figures.ratio:.2f}**",
            f"{min(ratios):.2f} to {max(ratios):.2f}",
            f"≥ {AIM_RATIO}",
        ),
        (
            "forwarder CPU per event",
            f"**{figures.cpu_us:.0f} µs**",
            f"{min(cpus_us):.0f} to {max(cpus_us):.0f} µs",
            f"≤ {AIM_CPU_US:.0f} µs",
        ),
        ("forwarder, events per second", f"{ours:,.0f}", "", ""),
        ("bare `_bulk`, events per second", f"{bare:,.0f}", "", ""),
    )
    steps = (
        ("Step of the forwarder, alone", "CPU per event"),
        ("---",) * 2,
        *((stage.name, f"{stage.cpu_us:.1f} µs") for stage in figures.stages),
        ("send and receive (all that the bare `_bulk` costs this process)", f"{bare_cpu_us:.1f} µs"),
        ("the rest: outcomes, counts, tasks, colder caches", f"{figures.cpu_us - known_us:.1f} µs"),
    )
    return "\n".join([measured, "", *map(markdown_row, cells), "", *map(markdown_row, steps)])


def markdown_row(cells: Sequence[str]) -> str:
    """One row of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def write_into(page: Path, block: str, begin: str = BEGIN, end: str = END) -> None:
    """Replace the block between the markers.

    Raises:
        ConfigError: the page has no such markers.
    """
    text = page.read_text(encoding="utf-8")
    head, begun, rest = text.partition(begin)
    _, ended, tail = rest.partition(end)
    if not begun or not ended:
        raise ConfigError(f"{page.name} has no place for the figures", hint=f"put {begin} and {end} into it")
    page.write_text(f"{head}{begin}\n{block}\n{end}{tail}", encoding="utf-8")
