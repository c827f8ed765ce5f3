"""The tables of sizes in docs/operations.md are those that the recorded figures lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlaslens_forwarder.storage.names import Family
from bench.sizing import BEGIN, END, Footprint, Size, heap_gib, markdown, need, shards

REPOSITORY = Path(__file__).resolve().parents[3]


def footprint(**sizes):
    return Footprint("2026-01-02", "engine", 10.0, {name: Size(*size) for name, size in sizes.items()})


def test_the_page_has_the_tables_of_the_recorded_figures():
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    block = text.split(f"{BEGIN}\n", 1)[1].split(f"\n{END}", 1)[0]

    assert block == markdown(Footprint.read(REPOSITORY / "bench" / "sizing.json"))


def test_a_year_is_events_of_both_kinds_and_what_is_written_about_them():
    made = footprint(audit=(10, 8_000, 0), activity=(10, 12_000, 0), windows=(1, 100, 0), seals=(1, 1_000, 0))

    one = need(made, 1_000)

    assert one.events_bytes == 1_000 * 1_000 * 396
    assert one.overhead_bytes == (2_880 * 100 + 24 * 1_000) * 396
    assert one.disk_bytes == one.events_bytes + one.overhead_bytes
    assert one.largest_shard_bytes == 500 * 1_200 * 31


def test_figures_survive_being_kept(tmp_path):
    made = footprint(audit=(10, 8_000, 7_000))

    made.write(tmp_path / "sizing.json")

    assert Footprint.read(tmp_path / "sizing.json") == made


def test_every_index_is_a_shard_and_heap_follows_the_copies_on_a_node():
    monthly = [family for family in Family if family.monthly]
    assert shards() == 15 * len(monthly) + len(Family) - len(monthly)
    assert heap_gib(1, 1) == pytest.approx(shards() / 25, abs=1)
    assert heap_gib(2, 1) > heap_gib(1, 1) >= heap_gib(2, 3)
