"""``config``: look at the settings without using them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.session import common_options, open_settings, print_json
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.service.forwarder import connector_ids

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

    from atlaslens_forwarder.model.json import JsonObject, JsonValue


@click.group()
def config() -> None:
    """Look at the settings."""


@config.command()
@common_options(store=False)
def check(env_file: Path | None, *, as_json: bool) -> None:
    """Read and check all settings, and show them without secrets."""
    settings = open_settings(env_file)
    connectors = [str(connector) for connector in connector_ids(settings)] if settings.sites else []
    if as_json:
        print_json({"valid": True, "settings": _shown(settings), "connectors": [*connectors]})
        return
    print_table("Settings", ("name", "value"), sorted(_flat(_shown(settings))))
    if connectors:
        click.echo(f"will read: {', '.join(connectors)}")
    else:
        click.echo("no site is set yet: set ATLASLENS_SITES__<NAME>__URL and its token, see .env.example")
    if not settings.opensearch.url:
        click.echo("no OpenSearch is set: commands need --embedded")


def _shown(model: BaseModel) -> JsonObject:
    """Settings as JSON; secrets appear as ``set`` or ``not set``."""
    shown: JsonObject = model.model_dump(mode="json")
    return {key: _masked(key, value) for key, value in shown.items()}


def _masked(key: str, value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {inner: _masked(inner, item) for inner, item in value.items()}
    if key in {"api_token", "api_key", "password", "email"}:
        return "set" if value else "not set"
    return value


def _flat(value: JsonObject, prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict) and item:
            rows += _flat(item, f"{name}.")
        else:
            rows.append((name, "" if item in (None, {}) else str(item)))
    return rows
