"""``keys``: make, rotate and list the keys of this installation; secrets are never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.session import common_options, open_settings, print_json, say
from atlaslens_forwarder.cli.signing import signing
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.privacy import key_file
from atlaslens_forwarder.privacy.keyring import Keyring, KeyUse

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject

_BACK_UP = "back up the key file now, apart from OpenSearch: without it nothing can be verified or opened"


@click.group()
def keys() -> None:
    """Make, rotate and list the keys for hashes, e-mail digests and sealed rows."""


@keys.command("list")
@common_options(store=False)
def list_keys(env_file: Path | None, *, as_json: bool) -> None:
    """List the keys by their ids: which is in use, which only reads older data."""
    path = open_settings(env_file).keyring_path
    _print(path, Keyring.load(path), as_json=as_json)


@keys.command()
@common_options(store=False)
def generate(env_file: Path | None, *, as_json: bool) -> None:
    """Make the key file before its first use; an existing one is never replaced."""
    path = open_settings(env_file).keyring_path
    _print(path, key_file.generate(path), as_json=as_json)
    say(_BACK_UP)


@keys.command()
@click.option(
    "--use",
    "uses",
    multiple=True,
    type=click.Choice([use.value for use in KeyUse]),
    help="Only the key of this use; may be repeated. All when left out.",
)
@common_options(store=False)
def rotate(env_file: Path | None, uses: tuple[str, ...], *, as_json: bool) -> None:
    """Add fresh keys for what is written from now on; older ones stay for reading.

    A running forwarder takes them over within seconds.
    """
    path = open_settings(env_file).keyring_path
    _print(path, key_file.rotate(path, [KeyUse(use) for use in uses] or list(KeyUse)), as_json=as_json)
    say(_BACK_UP)


keys.add_command(signing)


def _print(path: Path, keyring: Keyring, *, as_json: bool) -> None:
    found: list[JsonObject] = [
        {"use": key.use.value, "id": key.id, "current": key.id == keyring.ids(key.use)[-1]}
        for key in keyring.keys
    ]
    if as_json:
        print_json({"path": str(path), "keys": [*found]})
        return
    rows = [(row["use"], row["id"], "in use" if row["current"] else "reads older data") for row in found]
    print_table(f"Keys in {path}", ("use", "id", "state"), sorted(rows))
