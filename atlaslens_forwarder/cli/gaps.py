"""``gaps``: what cannot be read, or could not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    print_json,
    say,
    with_store,
)
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.service.gap_report import open_gaps, static_only
from atlaslens_forwarder.service.store import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@click.command()
@click.option("--all", "past", is_flag=True, help="Also gaps that are closed.")
@common_options()
@asynchronous
async def gaps(env_file: Path | None, *, past: bool, embedded: bool, as_json: bool) -> None:
    """List what cannot be read: what no account can, and what these sources cannot now.

    Without a store only the former can be told.
    """
    settings = open_settings(env_file)
    static: Sequence[Any] = static_only()
    live: list[Any] | None = None
    if embedded or settings.opensearch.url:
        async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
            report = await open_gaps(store.state, now_ms(), past=past)
        static, live = report.static, report.live
    if as_json:
        print_json({"static": [*static], "live": live})
        return
    print_gaps(static, live)
    if live is None:
        say("no store (set ATLASLENS_OPENSEARCH__URL, or --embedded): gaps of your own sources are not known")


def print_gaps(static: Sequence[Any], live: Sequence[Any] | None) -> None:
    """The gaps as tables; ``live`` is None where no store was asked."""
    print_table(
        "Gaps: not collected, so never to be read as zero",
        ("product", "what is missing", "why", "what would close it", "state"),
        [
            (gap["product"], gap["what"], gap["why"], gap["closes"], gap.get("state", "open"))
            for gap in static
        ],
    )
    if live is not None:
        print_live_gaps(live)


def print_live_gaps(live: Sequence[Any]) -> None:
    """The gaps of our own sources as a table."""
    if not live:
        click.echo("no gap is open in the sources that are read")
        return
    print_table(
        "Gaps of your sources",
        ("source", "gap", "why", "missing from", "to", "state", "what would close it"),
        [
            (
                gap["connector"],
                gap["reason"],
                gap["why"],
                _time(gap["from"], "ever"),
                _time(gap["to"], "now"),
                "open" if gap["closed_at"] is None else "closed, read since" if gap["filled"] else "closed",
                gap["closes"],
            )
            for gap in live
        ],
    )


def _time(text: Any, otherwise: str) -> str:
    return otherwise if text is None else str(text)[:16].replace("T", " ")
