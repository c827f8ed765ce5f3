"""``keys signing``: the keys that exports and seals are signed with; private halves are never shown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.session import common_options, now_ms, open_settings, print_json, say
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.proof import signing_file
from atlaslens_forwarder.proof.signing_file import OVERLAP_DAYS

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.proof.signing_file import SigningKeys

_BACK_UP = "back up the signing key file now: without it nothing can be signed under the same key"
_PASSWORD = "SIGNING_KEY_PASSWORD"  # noqa: S105  the name of the variable; none of the settings
_OVERLAP = click.option(
    "--overlap-days",
    type=click.IntRange(0, 3650),
    default=OVERLAP_DAYS,
    show_default=True,
    help="Days in which the key before signs as well.",
)


@click.group()
def signing() -> None:
    """List, rotate, bring in and hand out the keys for signatures."""


@signing.command("list")
@common_options(store=False)
def list_keys(env_file: Path | None, *, as_json: bool) -> None:
    """List the signing keys by their ids, oldest first: which signs, which only verifies."""
    path = open_settings(env_file).signing_path
    _print(path, signing_file.load(path), as_json=as_json)


@signing.command()
@_OVERLAP
@common_options(store=False)
def rotate(env_file: Path | None, overlap_days: int, *, as_json: bool) -> None:
    """Go over to a fresh signing key, introduced by the one before it."""
    path = open_settings(env_file).signing_path
    rotated = signing_file.rotate(path, now_ms=now_ms(), overlap_days=overlap_days)
    _print(path, rotated, as_json=as_json)
    say(_BACK_UP)


@signing.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_OVERLAP
@common_options(store=False)
def import_key(env_file: Path | None, file: Path, overlap_days: int, *, as_json: bool) -> None:
    """Sign with the Ed25519 key in FILE (PEM) from now on.

    Where there is a key already, that one introduces it. The password of an encrypted FILE is read from
    SIGNING_KEY_PASSWORD.
    """
    path = open_settings(env_file).signing_path
    key = signing_file.given_key(file, os.environ.get(_PASSWORD))
    if path.exists():
        keys = signing_file.rotate(path, now_ms=now_ms(), overlap_days=overlap_days, key=key)
    else:
        keys = signing_file.create(path, key, now_ms=now_ms())
    _print(path, keys, as_json=as_json)
    say(_BACK_UP)


@signing.command("export-public")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write instead of stdout.")
@common_options(store=False, as_json=False)
def export_public(env_file: Path | None, output: Path | None) -> None:
    """Give out the public half of the current key as PEM, for --trust."""
    pem = signing_file.load(open_settings(env_file).signing_path).current.public.pem
    if output is None:
        click.echo(pem, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(pem)
    except OSError as error:
        raise ConfigError(f"cannot write {output}", hint=error.strerror or "name another file") from error


def _print(path: Path, keys: SigningKeys, *, as_json: bool) -> None:
    now = now_ms()
    signers = {key.id for key in keys.signers(now)}
    until = {each.key.id: each.until_ms for each in keys.held}
    found: list[JsonObject] = []
    for each in keys.history.introductions:
        ends_ms = until.get(each.key.id)
        state = "verifies"
        if each.key.id == keys.current.id:
            state = "signs"
        elif each.key.id in signers and ends_ms is not None:
            state = f"signs beside it until {iso_ms(ends_ms)}"
        found.append({"id": each.key.id, "created": each.created, "state": state})
    if as_json:
        print_json({"path": str(path), "keys": [*found]})
        return
    rows = [(str(row["id"]), str(row["created"]), str(row["state"])) for row in found]
    print_table(f"Signing keys in {path}", ("id", "created", "state"), rows)
