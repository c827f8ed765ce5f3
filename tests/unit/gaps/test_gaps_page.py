"""docs/gaps.md has every static gap and every reason of a live one, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from atlaslens_forwarder.gaps.reasons import GapReason
from atlaslens_forwarder.gaps.static import STATIC_GAPS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "gaps.md"


def rows(heading: str) -> dict[str, list[str]]:
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines()]
    return {cells[0].strip("`"): cells[1:] for cells in found if re.fullmatch(r"`[\w-]+`", cells[0])}


def test_every_static_gap_is_documented_as_it_is():
    assert rows("Static gaps") == {
        gap.id: [gap.product, gap.what, "yes" if gap.by_organisation else "no"] for gap in STATIC_GAPS
    }


def test_every_reason_of_a_live_gap_is_documented_and_no_other():
    documented = rows("Live gaps")

    assert set(documented) == set(GapReason)
    assert all(all(cells) for cells in documented.values())
