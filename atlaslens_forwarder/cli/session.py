"""What most commands share: options, settings, logging, the store (given or embedded), and output."""

from __future__ import annotations

import asyncio
import functools
import json
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from atlaslens_forwarder.cli.failures import must_not_show
from atlaslens_forwarder.engine.node import EmbeddedOpenSearch
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import Action, Kind, SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.service.store_access import Account, open_as, store_config
from atlaslens_forwarder.settings import (
    OpenSearchSettings,
    Settings,
    confidential_texts,
    load_settings,
    open_paths,
)
from atlaslens_forwarder.telemetry.logs import configure_logs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from atlaslens_forwarder.model.json import JsonObject

Function = TypeVar("Function", bound="Callable[..., Any]")


def now_ms() -> int:
    """The present, epoch milliseconds."""
    return time.time_ns() // 1_000_000


def common_options(*, store: bool = True, as_json: bool = True) -> Callable[[Function], Function]:
    """``--env-file``; ``--embedded`` for commands that need the store; ``--json`` for those that report."""

    def add(function: Function) -> Function:
        function = click.option(
            "--env-file", type=click.Path(path_type=Path), help="Settings file to read instead of .env."
        )(function)
        if store:
            function = click.option(
                "--embedded",
                is_flag=True,
                help="Use a local OpenSearch, installed and started by this program.",
            )(function)
        if as_json:
            function = click.option(
                "--json", "as_json", is_flag=True, help="Print one JSON object on stdout."
            )(function)
        return function

    return add


def asynchronous(function: Callable[..., Awaitable[int | None]]) -> Callable[..., int | None]:
    """Run a command's coroutine to its end."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> int | None:
        async def body() -> int | None:
            return await function(*args, **kwargs)

        return asyncio.run(body())

    return wrapper


def open_settings(env_file: Path | None, *, usual_level: str | None = None) -> Settings:
    """Read the settings and set up logging with them; ``usual_level`` holds where they name no log level.

    Raises:
        ConfigError: a setting cannot be used.
    """
    settings = load_settings(env_file)
    level = (
        settings.log.level if usual_level is None or "level" in settings.log.model_fields_set else usual_level
    )
    secrets = confidential_texts(settings)
    must_not_show(secrets)
    configure_logs(level, settings.log.format, secrets)
    return settings


@asynccontextmanager
async def with_store(settings: Settings, *, embedded: bool, set_up: bool = True) -> AsyncIterator[Settings]:
    """The settings with a store that answers: the one they name, or an embedded one while this lasts.

    The embedded one is ours alone, so it is set up without asking; another must have been set up.

    Args:
        settings: all settings.
        embedded: start a local OpenSearch.
        set_up: False for the command that does the set-up itself.

    Raises:
        ConfigError: there is no store to use, or it was not set up.
        EngineError: the embedded OpenSearch cannot be started.
        UnreachableError: the store does not answer.
    """
    if not embedded:
        store_config(settings)
        if set_up:
            await _require_set_up(settings)
        yield settings
        return
    async with EmbeddedOpenSearch.open(
        data_dir=settings.engine_data_dir,
        cache_dir=settings.engine_cache_dir,
        heap_mb=settings.engine.heap_mb,
        progress=say,
    ) as node:
        local = OpenSearchSettings(url=node.url, accept_mutable=settings.opensearch.accept_mutable)
        settings = settings.model_copy(update={"opensearch": local})
        if set_up:
            async with open_as(settings, Account.ADMIN) as client:
                await apply_plan(client, await make_plan(client, setup_options(settings)))
        yield settings


def setup_options(settings: Settings) -> SetupOptions:
    """What the settings say about the set-up."""
    return SetupOptions(
        now_ms=now_ms(),
        retention_days=settings.service.retention_days,
        accept_mutable=settings.opensearch.accept_mutable,
        channel_id=settings.alerts.channel_id,
    )


async def _require_set_up(settings: Settings) -> None:
    async with open_as(settings, Account.KEEPER) as client:
        plan = await make_plan(client, setup_options(settings))
    # Months ahead are made by the service itself as time goes on; monitors are for alerting, not for reading.
    differing = [
        item
        for item in plan.items
        if item.kind not in {Kind.MONTH, Kind.MONITOR} and item.action in {Action.CREATE, Action.UPDATE}
    ]
    if differing:
        raise ConfigError(
            f"OpenSearch is not set up for this version ({differing[0].kind.value} {differing[0].name})",
            hint="run: atlaslens-forwarder setup",
        )


def warn_of_open_paths(settings: Settings, env_file: Path | None) -> None:
    """Tell the user which files more people can read or write than should."""
    for found in open_paths(settings, env_file):
        say(f"WARNING: {found.one_line()}")


def say(line: str) -> None:
    """Tell the user something that is no result."""
    click.echo(line, err=True)


def print_json(value: JsonObject) -> None:
    """The one JSON object of a reporting command."""
    click.echo(json.dumps(value, ensure_ascii=False))
