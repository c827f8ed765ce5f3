"""``run``: the long-running service."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder import __version__
from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    say,
    warn_of_open_paths,
    with_store,
)
from atlaslens_forwarder.service.alerts.watch import open_alert_watch
from atlaslens_forwarder.service.endpoints import Endpoints
from atlaslens_forwarder.service.forwarder import connector_ids, open_forwarder
from atlaslens_forwarder.service.progress import RoundCounts
from atlaslens_forwarder.service.reports.definition import load_reports
from atlaslens_forwarder.service.reports.making import ReportMaker
from atlaslens_forwarder.service.reports.watch import ReportWatch
from atlaslens_forwarder.service.requests import Requests
from atlaslens_forwarder.service.seals.opening import open_sealer
from atlaslens_forwarder.service.seals.watch import SealWatch
from atlaslens_forwarder.service.supervisor import Supervisor
from atlaslens_forwarder.service.tokens import token_expiries
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.names import LogEvent
from atlaslens_forwarder.telemetry.observer import Telemetry

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.settings import Settings

HANGING_AFTER_MS = 30_000


@click.command()
@click.option(
    "--source", "sources", multiple=True, help="Only this source (jira-audit) or connector (acme:jira-audit)."
)
@common_options(as_json=False)
@asynchronous
async def run(env_file: Path | None, sources: tuple[str, ...], *, embedded: bool) -> None:
    """Read all sources again and again until interrupted; serve /metrics, /healthz and /readyz."""
    settings = open_settings(env_file)
    warn_of_open_paths(settings, env_file)
    connector_ids(settings, sources)
    load_reports(settings.reports.file)
    stop = asyncio.Event()
    counts = RoundCounts()
    telemetry = Telemetry(Metrics(), counts)

    def ask_to_stop(number: int) -> None:
        telemetry.service(LogEvent.SERVICE_STOPPING, signal=signal.Signals(number).name)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ask_to_stop, number)
    async with with_store(settings, embedded=embedded) as ready:
        if not stop.is_set():
            await _serve(ready, sources, telemetry, counts, stop)
    telemetry.service(LogEvent.SERVICE_STOPPED)


async def _serve(
    settings: Settings,
    sources: tuple[str, ...],
    telemetry: Telemetry,
    counts: RoundCounts,
    stop: asyncio.Event,
) -> None:
    service = settings.service
    reports = load_reports(settings.reports.file)
    telemetry.data_folder(settings.data_dir)
    for token in token_expiries(settings):
        telemetry.token_expires(site=token.site, service=token.service.value, at_ms=token.at_ms)
    async with (
        open_forwarder(settings, telemetry, now_ms, wanted=sources) as forwarder,
        open_alert_watch(settings, forwarder.store, telemetry, now_ms) as alerts,
        open_sealer(settings, forwarder.store, telemetry, now_ms) as sealer,
    ):
        names = [str(connector) for connector in forwarder.connectors]
        maker = ReportMaker(forwarder.store, settings.reports_dir, settings.signing_path, now_ms)
        supervisor = Supervisor(
            forwarder,
            Requests(forwarder.store.client, forwarder.store.state, now_ms),
            telemetry,
            counts,
            interval_s=service.interval_s,
            lease_ttl_s=service.lease_ttl_s,
            retention_days=service.retention_days,
            clock=now_ms,
            rng=random.SystemRandom(),
            alerts=alerts,
            seals=SealWatch(sealer, settings.evidence.seal_interval_s, now_ms),
            reports=ReportWatch(maker, reports, telemetry, now_ms) if reports else None,
        )

        def healthy() -> tuple[bool, JsonObject]:
            lag_ms = now_ms() - supervisor.last_loop_ms
            return lag_ms < HANGING_AFTER_MS, {"loop_lag_ms": lag_ms, "version": __version__}

        def ready() -> tuple[bool, JsonObject]:
            serving = bool(supervisor.rounds) or supervisor.standing_by
            return serving and not stop.is_set(), {"connectors": supervisor.rounds}

        with Endpoints(
            service.listen_host, service.listen_port, telemetry.metrics.registry, healthy=healthy, ready=ready
        ) as endpoints:
            say(f"serving {endpoints.url}/metrics")
            telemetry.service(
                LogEvent.SERVICE_STARTED,
                address=endpoints.url,
                sources=names,
                version=__version__,
            )
            await supervisor.run(stop)
