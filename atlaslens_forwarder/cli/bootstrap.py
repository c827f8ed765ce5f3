"""``bootstrap``: certificates, passwords and first accounts for an OpenSearch of one's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import click

from atlaslens_forwarder.bootstrap.folder import Bootstrap
from atlaslens_forwarder.cli.session import now_ms, print_json, say

_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*|[0-9A-Fa-f:]+"
)


def _checked(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _HOST.fullmatch(value):
            raise click.BadParameter(f"{value!r} is no host name and no IP address")
    return values


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--node",
    "nodes",
    multiple=True,
    default=("opensearch",),
    show_default=True,
    callback=_checked,
    help="Host name of a node of OpenSearch; may be repeated.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    callback=_checked,
    help="Further name or IP address under which servers are reached, besides localhost; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def bootstrap(folder: Path, nodes: tuple[str, ...], hosts: tuple[str, ...], *, as_json: bool) -> None:
    """Make certificates, passwords and first accounts for an OpenSearch of your own.

    Writes them into FOLDER, readable by its owner only. Doing it again keeps what is there and renews
    certificates that end within 60 days.
    """
    work = Bootstrap(folder, nodes, hosts, datetime.fromtimestamp(now_ms() / 1000, UTC))
    work.run()
    if as_json:
        print_json({"folder": str(folder), "written": [*work.made]})
        return
    for name in work.made:
        click.echo(f"wrote {folder / name}")
    say(
        f"back up {folder / 'private'} now: it holds the authority and all passwords"
        if work.made
        else "nothing to do"
    )
