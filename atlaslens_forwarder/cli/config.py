"""``config``: look at the settings without using them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.probes import print_probes
from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    print_json,
    say,
)
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.errors import EXIT_OK, EXIT_SOURCES_FAILED
from atlaslens_forwarder.http.client import open_http_client
from atlaslens_forwarder.service.connect.probe import Prober
from atlaslens_forwarder.service.forwarder import connector_ids
from atlaslens_forwarder.service.tokens import expiry_warnings
from atlaslens_forwarder.settings import masked, open_paths
from atlaslens_forwarder.telemetry.redaction import Redactor

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.connect.probe import Probe
    from atlaslens_forwarder.settings import Settings


@click.group()
def config() -> None:
    """Look at the settings."""


@config.command()
@click.option("--probe", is_flag=True, help="Also ask every server whether each source can be read.")
@common_options(store=False)
@asynchronous
async def check(env_file: Path | None, *, as_json: bool, probe: bool) -> int:
    """Read and check all settings, and show them without secrets."""
    settings = open_settings(env_file)
    connectors = [str(connector) for connector in connector_ids(settings)] if settings.sites else []
    probes = await _probe(settings) if probe else {}
    warnings = [
        *expiry_warnings(settings, now_ms()),
        *(found.one_line() for found in open_paths(settings, env_file)),
    ]
    if as_json:
        found: JsonObject = {
            "valid": True,
            "settings": _shown(settings),
            "connectors": [*connectors],
            "warnings": [*warnings],
        }
        if probe:
            found["probes"] = {site: [each.to_json() for each in probes[site]] for site in probes}
        print_json(found)
    else:
        _print(settings, connectors)
        if probe:
            print_probes(probes)
    for warning in warnings:
        say(f"WARNING: {warning}")
    refused = any(each.refused for found_probes in probes.values() for each in found_probes)
    return EXIT_SOURCES_FAILED if refused else EXIT_OK


def _print(settings: Settings, connectors: list[str]) -> None:
    print_table("Settings", ("name", "value"), sorted(_flat(_shown(settings))))
    if connectors:
        click.echo(f"will read: {', '.join(connectors)}")
    else:
        click.echo("no site is set yet: run atlaslens-forwarder connect, or see .env.example")
    if not settings.opensearch.url:
        click.echo("no OpenSearch is set: commands need --embedded")


async def _probe(settings: Settings) -> dict[str, list[Probe]]:
    """Every configured source of every site, by the name of the site."""
    async with open_http_client() as http:
        prober = Prober(http, now_ms, settings.service.retention_days)
        wanted: dict[str, list[str]] = {}
        for connector in connector_ids(settings) if settings.sites else []:
            wanted.setdefault(connector.site, []).append(connector.source)
        return {site: await prober.probe(site, settings.sites[site], wanted[site]) for site in wanted}


def _shown(settings: Settings) -> JsonObject:
    """Settings as JSON without secrets, also without those in an address (``https://user:password@host``)."""
    shown: JsonObject = Redactor(()).value(masked(settings))
    return shown


def _flat(value: JsonObject, prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict) and item:
            rows += _flat(item, f"{name}.")
        else:
            rows.append((name, "" if item in (None, {}) else str(item)))
    return rows
