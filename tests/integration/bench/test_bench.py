"""The benchmark runs: both sides store all events of a tiny recording, and every step is measured."""

from __future__ import annotations

import tempfile
from pathlib import Path

from atlaslens_forwarder.engine.node import EmbeddedOpenSearch
from bench.__main__ import measure
from bench.recording import record


async def test_both_sides_store_every_event(engine_home):
    """A node of its own, because the benchmark empties what it fills."""
    with tempfile.TemporaryDirectory(prefix="atlaslens-bench-test-") as folder:
        async with EmbeddedOpenSearch(
            engine_home, Path(folder), cluster_name="bench", quick_start=True
        ) as node:
            figures = await measure(node.url, pages=1, pairs=1, warm_up=0, stage_rounds=1)

    ((ours, bare),) = figures.pairs
    assert ours.events == bare.events == 1000
    assert figures.ratio > 0
    assert figures.cpu_us > 0
    assert all(stage.cpu_us >= 0 for stage in figures.stages)


async def test_a_recording_answers_what_it_was_asked_and_nothing_else():
    recording = await record(50)

    rows = 0
    for source in ("jira-audit", "confluence-audit"):
        for window in recording.windows:
            async for page in recording.reader(source).pages(window):
                rows += len(page.rows)

    assert rows == recording.rows == 50
