"""``quarantine``: rows that could not become events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    print_json,
    with_store,
)
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK
from atlaslens_forwarder.service.forwarder import open_forwarder
from atlaslens_forwarder.service.replay import SETTLED
from atlaslens_forwarder.service.replay import replay as replay_rows
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = 200


@click.group()
def quarantine() -> None:
    """Look at rows that could not be stored as events, and try them again."""


@quarantine.command("list")
@common_options()
@asynchronous
async def list_rows(env_file: Path | None, *, embedded: bool, as_json: bool) -> None:
    """List the rows that wait, with the reason; their content stays sealed."""
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        rows = [kept async for kept in store.quarantine.open_rows()]
    if as_json:
        keys = ("id", "found_at", "connector", "reason", "detail", "row_identity", "target_index")
        print_json({"count": len(rows), "rows": [{key: getattr(row, key) for key in keys} for row in rows]})
        return
    print_table(
        f"Quarantine: {len(rows)} rows",
        ("found", "source", "reason", "detail", "row"),
        [
            (row.found_at, row.connector, row.reason, row.detail, row.row_identity[:40])
            for row in rows[:SHOWN]
        ],
    )
    if len(rows) > SHOWN:
        click.echo(f"… and {len(rows) - SHOWN} more; --json lists all")


@quarantine.command()
@common_options()
@asynchronous
async def replay(env_file: Path | None, *, embedded: bool, as_json: bool) -> int:
    """Try all rows again with this version; exit 1 when some still cannot be stored."""
    settings = open_settings(env_file)
    telemetry = Telemetry(Metrics())
    async with (
        with_store(settings, embedded=embedded) as ready,
        open_forwarder(ready, telemetry, now_ms) as forwarder,
    ):
        outcomes = await replay_rows(forwarder, ready, telemetry, now_ms)
    left = sum(count for outcome, count in outcomes.items() if outcome not in SETTLED)
    if as_json:
        print_json({"outcomes": dict(outcomes), "left": left})
    else:
        told = ", ".join(f"{outcome} {count}" for outcome, count in sorted(outcomes.items()))
        click.echo(told or "nothing to replay")
    return EXIT_CHECK_FAILED if left else EXIT_OK
