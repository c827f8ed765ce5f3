"""``status``: how the store and every source are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from atlaslens_forwarder.cli.gaps import print_live_gaps
from atlaslens_forwarder.cli.hold import print_holds
from atlaslens_forwarder.cli.progress import told
from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    print_json,
    with_store,
)
from atlaslens_forwarder.cli.tables import print_table, when
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK
from atlaslens_forwarder.model.time import SECOND_MS
from atlaslens_forwarder.service.overview import overview
from atlaslens_forwarder.service.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@common_options()
@asynchronous
async def status(env_file: Path | None, *, embedded: bool, as_json: bool) -> int:
    """Show the store, every source, what was read and what is missing; exit 1 when a held month is gone."""
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        found = await overview(store, settings.service.retention_days, now_ms)
    if as_json:
        print_json(found)
    else:
        print_overview(found)
    holds: Any = found["holds"]
    return EXIT_CHECK_FAILED if any(hold["missing"] for hold in holds) else EXIT_OK


def print_overview(found: Any) -> None:
    """An overview as text and tables."""
    store = found["store"]
    kept = "by ISM" if store["retention"] == "ism" else "by the forwarder: no index management plugin"
    named = f"OpenSearch {store['version']} ({store['cluster']})"
    click.echo(f"{named}, {store['events']:,} events, months expire {kept}")
    if not store["append_only"]:
        click.echo("WARNING: this store is not append-only; what it holds can be altered unnoticed")
    for problem in store["accounts"]:
        click.echo(f"WARNING: {problem}")
    print_holders(found)
    for name, progress in sorted(found["progress"].items()):
        click.echo(f"  {name}: {told(progress)}")
    print_sources(found)
    print_live_gaps(found["gaps"]["live"])
    print_holds(found["holds"])
    print_last_seal(found["seals"])
    quarantine = found["quarantine"]
    if quarantine["open"]:
        reasons = ", ".join(f"{reason} {count}" for reason, count in quarantine["reasons"].items())
        click.echo(
            f"quarantine: {quarantine['open']} rows ({reasons}); see: atlaslens-forwarder quarantine list"
        )
    else:
        click.echo("quarantine: empty")


def print_holders(found: Any) -> None:
    """The forwarders that run, what each of them does, and what nobody does although somebody should."""
    if not found["runs"]:
        click.echo("running forwarder: none")
    for run in found["runs"]:
        click.echo(f"running forwarder: {_short(run)}")
        held = [
            name
            for name, lease in sorted(found["leases"].items())
            if lease["holder"] == run and not lease["stale"]
        ]
        click.echo(f"  holds {', '.join(held) or 'nothing, and stands by'}")
    silent: dict[str, list[str]] = {}
    for name, lease in sorted(found["leases"].items()):
        if lease["stale"] or (lease["holder"] and lease["holder"] not in found["runs"]):
            silent.setdefault(lease["holder"], []).append(name)
    for run, names in silent.items():
        silent_ms = found["now_ms"] - max(found["leases"][name]["renewed_ms"] for name in names)
        click.echo(f"silent forwarder: {_short(run)}, for {silent_ms / SECOND_MS:.0f} s")
        click.echo(f"  had {', '.join(names)}")


def _short(holder: str) -> str:
    """Host and process of a forwarder, without what tells its runs apart."""
    return holder.rpartition(":")[0]


def print_last_seal(seal: Any) -> None:
    """The newest seal and its age."""
    if seal is None:
        click.echo("seals: none yet; run makes them")
    elif "error" in seal:
        click.echo(f"WARNING: seals: {seal['error']}; see: atlaslens-forwarder seals verify")
    else:
        click.echo(f"seals: number {seal['number']}, {seal['age_s'] // 60:,} min old, {seal['hash']}")


def print_sources(found: Any) -> None:
    """Health, coverage and ledger sums of every source."""
    rows = []
    for name, covered in sorted(found["coverage"]["connectors"].items()):
        health = found["sources"].get(name, {})
        sums = found["ledger"].get(name, {})
        rows.append(
            (
                name,
                health.get("status", "never-run"),
                when(health.get("last_success_ms")),
                f"{covered['covered_share']:.1%}",
                covered["holes_total"],
                sums.get("windows", 0),
                sums.get("stored", 0),
                sums.get("quarantined", 0),
            )
        )
    if not rows:
        click.echo("no source was read yet: run atlaslens-forwarder sync")
        return
    print_table(
        "Sources",
        ("source", "status", "last success (UTC)", "covered", "holes", "windows", "stored", "quarantined"),
        rows,
    )
    for name, health in sorted(found["sources"].items()):
        if health.get("message"):
            click.echo(f"{name}: {health['message']}" + (f": {health['hint']}" if health.get("hint") else ""))
