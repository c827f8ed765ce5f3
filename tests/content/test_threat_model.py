"""SECURITY.md names tests that there are, and has an answer and a remainder for each threat."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def threats():
    """The rows of the table of threats: threat, measure, where it is tried, what remains."""
    section = (REPOSITORY / "SECURITY.md").read_text(encoding="utf-8").split("\n## Threats\n", 1)[1]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return rows[1:]


def test_each_threat_has_a_measure_a_test_and_a_remainder():
    rows = threats()

    assert len(rows) > 15
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in rows)


def test_the_tests_that_are_named_exist():
    for threat, _, tried, _ in threats():
        places = re.findall(r"`(tests/[\w/]+)`", tried)
        assert places, threat
        for place in places:
            assert list((REPOSITORY / place).rglob("test_*.py")), place
