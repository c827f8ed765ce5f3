"""``demo``: the main job on a made-up site."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from atlaslens_forwarder.cli.evidence import print_report
from atlaslens_forwarder.cli.gaps import print_gaps
from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    print_json,
    say,
)
from atlaslens_forwarder.cli.status import print_overview
from atlaslens_forwarder.cli.sync import print_round
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.demo.show import open_stage, perform
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.demo.show import Findings, Stage
    from atlaslens_forwarder.model.json import JsonObject


@click.command()
@click.option("--seed", default=1, show_default=True, help="Same seed, same kind of year.")
@click.option("--size", type=click.IntRange(1), default=4000, show_default=True, help="Events in that year.")
@click.option("--keep", is_flag=True, help="Leave OpenSearch and the site up until interrupted.")
@common_options(store=False)
@asynchronous
async def demo(env_file: Path | None, seed: int, size: int, *, keep: bool, as_json: bool) -> int:
    """Show the whole way on this machine: a made-up site, a real OpenSearch, no account needed."""
    settings = open_settings(env_file, usual_level="error")
    folder = settings.data_dir / "demo"
    progress = (lambda _line: None) if as_json else say
    async with open_stage(
        folder,
        settings.engine,
        settings.engine_cache_dir,
        seed=seed,
        size=size,
        clock=now_ms,
        progress=progress,
    ) as stage:
        findings = await perform(stage, now_ms, progress)
        if as_json:
            print_json(findings.to_json() | (_addresses(stage) if keep else {}))
        else:
            _print(findings, stage)
        if keep:
            await _until_interrupted(stage, quiet=as_json)
    proven = findings.report.ok and findings.sealed.as_sealed
    good = findings.conserved and proven and not findings.second_stored
    return EXIT_OK if good else EXIT_CHECK_FAILED


def _addresses(stage: Stage) -> JsonObject:
    return {
        "opensearch_url": stage.settings.opensearch.url,
        "simulator_url": stage.simulator.url,
        "env_file": str(stage.env_file.resolve()),
    }


async def _until_interrupted(stage: Stage, *, quiet: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if not quiet:
        say(f"up until interrupted: OpenSearch {stage.settings.opensearch.url}, site {stage.simulator.url}")
        say(f"try: atlaslens-forwarder status --env-file {stage.env_file}")
    await stop.wait()


def _print(findings: Findings, stage: Stage) -> None:
    print_round(findings.first)
    truth, kept = sum(findings.truth.values()), findings.quarantined
    same = "the same" if truth == findings.stored + kept else "NOT the same"
    click.echo(
        f"the sites let {truth:,} records be read; the store holds {findings.stored:,}, "
        f"and {kept} that are damaged are in quarantine: {same}"
    )
    click.echo(f"second sync stored {findings.second_stored} events; nothing is stored twice\n")
    print_table("Events by product", ("product", "events"), sorted(findings.by_product.items()))
    print_table("Most frequent actions", ("product", "action", "events"), findings.by_action)
    quarter = f"{_day(findings.quarter[0])} to {_day(findings.quarter[1] - 1)}"
    print_table(
        f"Who changed permissions last quarter ({quarter})",
        ("person", "id", "changes", "last of them"),
        findings.changers,
    )
    count, deeds = findings.contractor
    who = stage.contractor.display_name
    print_table(
        f"What did this contractor do? {who}: {count:,} events in all products, the last of them",
        ("time (UTC)", "product", "action", "what"),
        deeds,
    )
    click.echo(
        f"commits signed with an address that no account claims: {findings.oddities['by_address_only']}; "
        f"dated in the future, kept apart: {findings.oddities['undated']}\n"
    )
    print_overview(findings.overview)
    gaps: Any = findings.overview["gaps"]
    print_gaps(gaps["static"], None)  # the live ones stand in the overview
    sealed = findings.sealed
    still = "as sealed" if sealed.as_sealed else "NOT as sealed"
    over = f"{sealed.documents:,} documents ({sealed.hash[:16]}…)"
    click.echo(f"seal {sealed.number} over {over}: the store is {still}")
    print_report(findings.report)
    click.echo(f"\nevidence: {findings.exported.path} ({findings.exported.count:,} events)")
    click.echo(f"all views of the last month, for a browser: {findings.page}")
    click.echo("\nNext: connect your own site")
    click.echo("  1. atlaslens-forwarder connect             asks for site and token, probes every source")
    click.echo(
        "  2. atlaslens-forwarder sync --embedded     or set an OpenSearch URL and run: setup, then run"
    )
    click.echo(
        f"Look at this demo again with: atlaslens-forwarder status --embedded --env-file {stage.env_file}"
    )


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")
