"""docs/logs.md and docs/metrics.md name what the program tells, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from atlaslens_forwarder.telemetry.metric_specs import METRICS
from atlaslens_forwarder.telemetry.names import LogEvent, LogKey

DOCS = Path(__file__).resolve().parents[3] / "docs"


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The rows of the table below a heading, by their first cell."""
    section = (DOCS / page).read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    found = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line[:3] == "| `"
    ]
    return {cells[0].strip("`"): cells[1:] for cells in found}


def test_every_message_is_documented():
    assert rows("logs.md", "Messages").keys() == {event.value for event in LogEvent}


def test_every_key_is_documented_with_its_meaning():
    documented = rows("logs.md", "Keys")

    assert documented.keys() == {key.value for key in LogKey}
    assert all(meaning for (meaning,) in documented.values())


def test_messages_name_only_documented_keys():
    keys = {key.value for key in LogKey}

    for message, cells in rows("logs.md", "Messages").items():
        assert set(re.findall(r"`([^`]+)`", cells[2])) <= keys, message


def test_every_metric_is_documented_as_it_is():
    documented = rows("metrics.md", "Metrics")

    assert documented == {
        spec.name: [spec.kind.value, ", ".join(f"`{label}`" for label in spec.labels) or "–", spec.help]
        for spec in METRICS
    }
