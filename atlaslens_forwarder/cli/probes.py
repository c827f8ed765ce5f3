"""What probing the sources proved, as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.cli.tables import print_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atlaslens_forwarder.service.connect.probe import Probe


def print_probes(probes: Mapping[str, Sequence[Probe]]) -> None:
    """Per source: whether it is collected, why not, and what would change it."""
    print_table(
        "Sources",
        ("source", "collected", "status", "why not", "what would change it"),
        [
            (f"{site}:{p.source}", "yes" if p.collected else "no", p.status, p.message, p.remedy)
            for site, found in probes.items()
            for p in found
        ],
    )
