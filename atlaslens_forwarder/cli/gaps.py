"""``gaps``: what cannot be read."""

from __future__ import annotations

import click

from atlaslens_forwarder.cli.session import print_json
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.gaps.static import STATIC_GAPS


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def gaps(*, as_json: bool) -> None:
    """List what no account without Atlassian Guard can read."""
    if as_json:
        print_json({"static": [gap.to_json() for gap in STATIC_GAPS]})
    else:
        print_gaps()


def print_gaps() -> None:
    """The gaps as a table."""
    print_table(
        "Gaps: not collected, so never to be read as zero",
        ("product", "what is missing", "why", "what would close it"),
        [(gap.product, gap.what, gap.why, gap.closes) for gap in STATIC_GAPS],
    )
