"""``coverage``: what the window ledger proves to be read of a stretch of time, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK, ConfigError
from atlaslens_forwarder.evidence.interval import parse_from, parse_to
from atlaslens_forwarder.service.coverage import coverage as cover
from atlaslens_forwarder.service.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

_NUMBERS_NAMED = 5


@click.command()
@click.option("--from", "from_text", required=True, help="First UTC date or time of the interval.")
@click.option("--to", "to_text", required=True, help="Its end; a bare date includes that whole day.")
@click.option("--source", "sources", multiple=True, help="Only this source; may be repeated.")
@common_options()
@asynchronous
async def coverage(
    env_file: Path | None,
    from_text: str,
    to_text: str,
    sources: tuple[str, ...],
    *,
    embedded: bool,
    as_json: bool,
) -> int:
    """Say for each source whether a stretch of time was read completely; exit 1 when there is a hole.

    Answers from the window ledger: only rows that are unaltered count.
    """
    from_ms, to_ms = parse_from(from_text), parse_to(to_text)
    if from_ms >= to_ms:
        raise ConfigError("--to is not after --from", hint="give an interval of at least a millisecond")
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        found = await cover(store, from_ms, to_ms, now_ms(), sources=sources)
    if as_json:
        print_json(found)
    else:
        _print(found)
    return EXIT_CHECK_FAILED if found["verdict"] == "holes" else EXIT_OK


def _print(found: Any) -> None:
    connectors = found["connectors"]
    if not connectors:
        click.echo("no source was read yet: run atlaslens-forwarder sync")
        return
    print_table(
        f"{_time(found['from'])} to {_time(found['to'])}: {found['verdict']}",
        ("source", "verdict", "read", "holes", "provisional from", "rows that prove it", "numbers"),
        [
            (
                name,
                each["verdict"],
                f"{each['covered_share']:.2%}",
                each["holes_total"],
                _time(each.get("provisional_from", "–")),
                sum(span["rows"] for span in each["covered"]),
                _numbers(each["covered"]),
            )
            for name, each in connectors.items()
        ],
    )
    holes = [(name, hole) for name, each in connectors.items() for hole in each["holes"]]
    if holes:
        print_table(
            "Holes",
            ("source", "from", "to", "kind", "why"),
            [
                (name, _time(hole["from"]), _time(hole["to"]), hole["kind"], hole["reason"])
                for name, hole in holes
            ],
        )
    for name, each in connectors.items():
        _print_faults(name, each)


def _print_faults(name: str, each: Any) -> None:
    """What is wrong with the ledger itself."""
    left = each["holes_total"] - len(each["holes"])
    if left:
        click.echo(f"{name}: {left} more holes")
    ledger = each["ledger"]
    if ledger["missing_total"]:
        named = ", ".join(
            str(first) if first == last else f"{first}–{last}"
            for first, last in ledger["missing"][:_NUMBERS_NAMED]
        )
        more = " and more" if len(ledger["missing"]) > _NUMBERS_NAMED else ""
        click.echo(
            f"{name}: {ledger['missing_total']} rows of the window ledger are missing: numbers {named}{more}"
        )
    for row in ledger["refused"][:_NUMBERS_NAMED]:
        click.echo(f"{name}: row {row['row']} proves nothing: {row['why']}")
    if ledger["refused_total"] > _NUMBERS_NAMED:
        click.echo(f"{name}: {ledger['refused_total']} such rows in all")
    for span in each["not_in_memory"]:
        click.echo(
            f"{name}: {_time(span['from'])} to {_time(span['to'])} is proven to be read, "
            "but the forwarder's memory has lost it and will read it again"
        )


def _numbers(covered: Any) -> str:
    if not covered:
        return "–"
    return f"{min(span['first'] for span in covered)}–{max(span['last'] for span in covered)}"


def _time(text: str) -> str:
    return text[:19].replace("T", " ")
