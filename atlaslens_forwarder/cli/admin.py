"""``admin``: the accounts of analysts in OpenSearch's security plugin."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict, TypeVar, Unpack

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
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.provision.security.api import SecurityApi
from atlaslens_forwarder.provision.security.passwords import make_password
from atlaslens_forwarder.service.analysts import Analysts
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.service.store_access import Account, open_as

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Any

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.settings import Settings

Function = TypeVar("Function", bound="Callable[..., Any]")
_STDIN: Final = "-"


class _PasswordOptions(TypedDict):
    """What the commands that set a password have in common."""

    env_file: Path | None
    password_file: str | None
    generate: bool
    embedded: bool
    as_json: bool


@click.group()
def admin() -> None:
    """Manage the accounts of analysts, who look at events in Dashboards."""


def _account_options(*, password: bool) -> Callable[[Function], Function]:
    """The name of the account and a reason; where it gets a password, also where that comes from."""

    def add(function: Function) -> Function:
        function = click.option("--reason", default="", help="Why; kept in the custody log.")(function)
        if password:
            function = click.option(
                "--password-file", help="File with the new password; - reads a line of standard input."
            )(function)
            function = click.option(
                "--generate", is_flag=True, help="Make the password, and print it this once."
            )(function)
        return click.argument("name")(function)

    return add


@admin.command("list")
@common_options()
@asynchronous
async def list_accounts(env_file: Path | None, *, embedded: bool, as_json: bool) -> None:
    """List the accounts that were made here."""
    async with _analysts(open_settings(env_file), embedded=embedded) as analysts:
        found = await analysts.all()
    if as_json:
        print_json({"accounts": [{"name": one.name, "enabled": one.enabled} for one in found]})
        return
    print_table(
        "Accounts",
        ("account", "state"),
        [(one.name, "enabled" if one.enabled else "disabled") for one in found],
    )


@admin.command()
@_account_options(password=True)
@common_options()
@asynchronous
async def create(name: str, reason: str, **options: Unpack[_PasswordOptions]) -> None:
    """Make an account with the analyst role."""
    async with _with_password(name, "created", **options) as (analysts, password):
        await analysts.create(name, password, reason=reason)


@admin.command()
@_account_options(password=True)
@common_options()
@asynchronous
async def reset(name: str, reason: str, **options: Unpack[_PasswordOptions]) -> None:
    """Give an account a new password."""
    async with _with_password(name, "reset", **options) as (analysts, password):
        await analysts.reset(name, password, reason=reason)


@admin.command()
@_account_options(password=True)
@common_options()
@asynchronous
async def enable(name: str, reason: str, **options: Unpack[_PasswordOptions]) -> None:
    """Let a disabled account in again, with a new password."""
    async with _with_password(name, "enabled", **options) as (analysts, password):
        await analysts.enable(name, password, reason=reason)


@admin.command()
@_account_options(password=False)
@common_options()
@asynchronous
async def disable(env_file: Path | None, name: str, reason: str, *, embedded: bool, as_json: bool) -> None:
    """Take an account its role and its password; it stays in the list."""
    async with _analysts(open_settings(env_file), embedded=embedded) as analysts:
        await analysts.disable(name, reason=reason)
    _tell(name, "disabled", "", as_json=as_json)


@asynccontextmanager
async def _with_password(
    name: str, done: str, **options: Unpack[_PasswordOptions]
) -> AsyncIterator[tuple[Analysts, str]]:
    """The accounts and a new password for one; what was done is told at the end, if all went well."""
    generate = options["generate"]
    password = _password(options["password_file"], generate=generate)
    async with _analysts(open_settings(options["env_file"]), embedded=options["embedded"]) as analysts:
        yield analysts, password
    _tell(name, done, password if generate else "", as_json=options["as_json"])


@asynccontextmanager
async def _analysts(settings: Settings, *, embedded: bool) -> AsyncIterator[Analysts]:
    async with (
        with_store(settings, embedded=embedded) as ready,
        open_store(ready, now_ms) as store,
        open_as(ready, Account.ADMIN) as client,
    ):
        if not store.plugins.security:
            raise ConfigError("OpenSearch has no security plugin", hint="accounts need one")
        yield Analysts(SecurityApi(client), store.custody)


def _password(file: str | None, *, generate: bool) -> str:
    """The new password: made, from a file or standard input, or typed twice without being shown."""
    if generate and file:
        raise click.UsageError("--generate and --password-file exclude each other")
    if generate:
        return make_password()
    try:
        if file == _STDIN:
            return sys.stdin.readline().rstrip("\r\n")
        if file:
            return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ConfigError("cannot read the password file", hint=error.strerror or "check it") from error
    except UnicodeDecodeError:  # not chained: it quotes the file
        raise ConfigError("cannot read the password file", hint="it is not UTF-8 text") from None
    if not sys.stdin.isatty():
        raise ConfigError("the password is missing", hint="give --generate or --password-file")
    typed: str = click.prompt("New password (not shown)", hide_input=True, confirmation_prompt=True, err=True)
    return typed


def _tell(name: str, done: str, made: str, *, as_json: bool) -> None:
    if as_json:
        told: JsonObject = {"account": name, "done": done}
        print_json(told | ({"password": made} if made else {}))
        return
    click.echo(f"account {name}: {done}")
    if made:
        click.echo(f"its password, shown this once: {made}")
