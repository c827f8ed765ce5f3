"""docs/architecture.md has every package of the program, and no other."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
NO_TOPIC = {"__init__.py", "__main__.py", "py.typed", "__pycache__", "_data"}


def test_the_map_has_every_package_and_no_other():
    text = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.split("## The packages", 1)[1].split("\n## ", 1)[0]

    mapped = re.findall(r"^\| `([\w.]+)` \|", table, flags=re.MULTILINE)

    there = {path.name for path in (REPOSITORY / "atlaslens_forwarder").iterdir()} - NO_TOPIC
    assert sorted(mapped) == sorted(there)
