"""``sync``: one round now, by this process or by the one that runs already."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.progress import RoundProgress
from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    print_json,
    say,
    warn_of_open_paths,
    with_store,
)
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.errors import EXIT_OK, EXIT_SOURCES_FAILED, AtlaslensError, ConfigError
from atlaslens_forwarder.evidence.interval import parse_from
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import SECOND_MS
from atlaslens_forwarder.service.alerts.watch import open_alert_watch
from atlaslens_forwarder.service.forwarder import connector_ids, open_forwarder
from atlaslens_forwarder.service.housekeeping import keep_house
from atlaslens_forwarder.service.requests import DONE, Requests
from atlaslens_forwarder.service.results import round_json, totals_json
from atlaslens_forwarder.service.round import sync_once
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.settings import Settings

POLL_S = 0.5
_READ = {status.value for status in SourceStatus if status.read}


@click.command()
@click.option(
    "--source", "sources", multiple=True, help="Only this source (jira-audit) or connector (acme:jira-audit)."
)
@click.option("--since", help="Read again from this UTC date or time on, whatever was read before.")
@common_options()
@asynchronous
async def sync(
    env_file: Path | None, sources: tuple[str, ...], since: str | None, *, embedded: bool, as_json: bool
) -> int:
    """Read all sources once and store what is new.

    While "run" is active on the same store, be it in several places, it is asked to do the round, and its
    progress is shown.
    """
    settings = open_settings(env_file)
    warn_of_open_paths(settings, env_file)
    since_ms = None if since is None else _since_ms(since)
    wanted = [str(connector) for connector in connector_ids(settings, sources)]
    async with with_store(settings, embedded=embedded) as ready:
        async with open_store(ready, now_ms) as store:
            requests = Requests(store.client, store.state, now_ms)
            runs = await requests.active_runs(wanted)
            patience_ms = round(2 * SECOND_MS * ready.service.lease_ttl_s)
            results = await _ask(requests, runs, wanted, since_ms, patience_ms) if runs else None
        if results is None:
            results = await _read(ready, sources, since_ms)
    failed = [
        name
        for name, result in results.items()
        if not (isinstance(result, dict) and result.get("status") in _READ)
    ]
    if as_json:
        print_json({"connectors": results, "totals": totals_json(results.values()), "failed": [*failed]})
    else:
        print_round(results)
    return EXIT_SOURCES_FAILED if failed else EXIT_OK


def _since_ms(text: str) -> int:
    since_ms = parse_from(text, "--since")
    if since_ms > now_ms():
        raise ConfigError("--since lies in the future", hint="give a UTC date or time that is over")
    return since_ms


def print_round(results: JsonObject) -> None:
    """The results of a round as a table, errors below it."""
    columns = ("status", "rows", "stored", "repeat", "late", "conflict", "quarantined", "skipped")
    rows = [(name, result) for name, result in results.items() if isinstance(result, dict)]
    print_table(
        "Round",
        ("source", *columns),
        [(name, *(result.get(key, 0) for key in columns)) for name, result in rows],
    )
    for name, result in rows:
        if "error" in result:
            say(f"{name}: {result['error']}")


async def _read(settings: Settings, sources: tuple[str, ...], since_ms: int | None) -> JsonObject:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with RoundProgress() as progress:
        telemetry = Telemetry(Metrics(), progress.counts)
        async with open_forwarder(settings, telemetry, now_ms, wanted=sources) as forwarder:
            reports = await sync_once(forwarder, stop, since_ms)
            try:
                await keep_house(forwarder.store, telemetry, now_ms(), settings.service.retention_days)
            except AtlaslensError as error:
                telemetry.housekeeping_failed(error)
            try:
                async with open_alert_watch(settings, forwarder.store, telemetry, now_ms) as alerts:
                    if alerts is not None:
                        await alerts.tick()
            except AtlaslensError as error:
                telemetry.alerts_failed(error)
    if stop.is_set():
        raise click.Abort
    return {str(connector): round_json(report) for connector, report in reports.items()}


async def _ask(
    requests: Requests, runs: list[str], wanted: list[str], since_ms: int | None, patience_ms: int
) -> JsonObject | None:
    """Have the active runs do it; None when nobody does it any more, so that we do it ourselves.

    ``patience_ms`` is how long a connector may be without a holder: another run takes it over then.
    """
    say(f"asking the forwarder that is running ({', '.join(run.rpartition(':')[0] for run in runs)})")
    asked = await requests.ask(wanted, since_ms)
    try:
        with RoundProgress() as progress:
            while True:
                answers = await requests.progress(asked.values())
                results: JsonObject = {doc.connector: doc.value.get("result") for doc in answers}
                progress.answered({name: result for name, result in results.items() if result})
                if len(answers) == len(asked) and all(doc.value.get("phase") == DONE for doc in answers):
                    return {name: results[name] for name in wanted}
                stuck = any(
                    doc.value.get("phase") != DONE and requests.silent(doc, patience_ms) for doc in answers
                )
                if len(answers) < len(asked) or stuck or not await requests.active_runs(wanted):
                    say("the running forwarder has ended or does not answer; reading here instead")
                    return None
                await asyncio.sleep(POLL_S)
    finally:
        await requests.withdraw(asked.values())
