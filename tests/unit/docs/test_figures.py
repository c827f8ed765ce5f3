"""The benchmark writes its figures between the markers of the page and nowhere else."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.errors import ConfigError
from bench.figures import BEGIN, END, Figures, markdown, write_into
from bench.rig import Run
from bench.stages import Stage


def test_only_the_block_is_replaced(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")

    write_into(page, "new")

    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


def test_a_page_without_markers_is_left_as_it_is(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text("nothing here\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="no place for the figures"):
        write_into(page, "new")

    assert page.read_text(encoding="utf-8") == "nothing here\n"


def test_the_figures_are_medians_of_pairs():
    pairs = [
        (Run(1000, wall, wall / 10), Run(1000, bare, 0.01))
        for wall, bare in ((2.0, 1.0), (4.0, 1.0), (1.0, 0.9))
    ]
    figures = Figures("2026-01-02", 1, 1, 1, pairs, [Stage("normalise", 12.34)], "engine")

    assert figures.ratio == pytest.approx(0.5)
    assert figures.cpu_us == pytest.approx(200)
    assert "| normalise | 12.3 µs |" in markdown(figures)
