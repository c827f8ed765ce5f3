"""``hold``: legal holds, which keep months from deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    print_json,
    say,
    with_store,
)
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK, ConfigError
from atlaslens_forwarder.evidence.interval import parse_from, parse_to
from atlaslens_forwarder.service.holds import Hold
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.sources.registry import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.hold_keeping import Kept


@click.group()
def hold() -> None:
    """Keep months from deletion for as long as somebody needs them as evidence."""


@hold.command()
@click.option("--from", "from_text", required=True, help="First UTC date or time that is held.")
@click.option("--to", "to_text", required=True, help="Its end; a bare date includes that whole day.")
@click.option("--site", default="", help="Only what was read of this site.")
@click.option("--source", default="", help="Only events of this source, such as jira-audit.")
@click.option("--reason", required=True, help="Why; kept in the custody log.")
@common_options()
@asynchronous
async def add(  # noqa: PLR0917  click passes options by name
    env_file: Path | None,
    from_text: str,
    to_text: str,
    site: str,
    source: str,
    reason: str,
    *,
    embedded: bool,
    as_json: bool,
) -> int:
    """Hold a stretch of time; exit 1 when a month of it went since run or sync last looked.

    Months are held whole, and those of window ledger and quarantine with them.
    """
    wanted = Hold(0, parse_from(from_text), parse_to(to_text), site, source, reason)
    if wanted.from_ms >= wanted.to_ms:
        raise ConfigError("--to is not after --from", hint="give an interval of at least a millisecond")
    if not reason.strip():
        raise ConfigError("--reason is empty", hint="say why, such as a case number")
    settings = open_settings(env_file)
    _check(site, settings.sites, "site")
    _check(source, SOURCES, "source")
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        added, kept = await store.holds.add(wanted)
        missing = (await store.holds.missing()).get(added.number, [])
    if as_json:
        shown: JsonObject = {"hold": added.number, "months": [*added.months], "missing": [*missing]}
        print_json(shown | _kept(kept))
    else:
        click.echo(f"hold {added.number}: {len(added.months)} months are kept")
        _print_kept(kept)
        _print_missing(added.number, missing)
    return EXIT_CHECK_FAILED if missing else EXIT_OK


@hold.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why; kept in the custody log.")
@common_options()
@asynchronous
async def remove(env_file: Path | None, number: int, reason: str, *, embedded: bool, as_json: bool) -> None:
    """End a hold. Months that no other hold keeps expire as usual, which may be at once."""
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        row, kept = await store.holds.remove(number, reason)
    if as_json:
        print_json({"hold": number, "custody": row} | _kept(kept))
        return
    click.echo(f"hold {number} is removed (custody log {row})")
    _print_kept(kept)


@hold.command("list")
@common_options()
@asynchronous
async def list_holds(env_file: Path | None, *, embedded: bool, as_json: bool) -> int:
    """List the holds in force; exit 1 when a month that one of them keeps is gone."""
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        missing = await store.holds.missing()
        holds: list[JsonObject] = [
            {**each.to_json(), "months": [*each.months], "missing": [*missing.get(each.number, ())]}
            for each in await store.holds.active()
        ]
    if as_json:
        print_json({"count": len(holds), "holds": [*holds]})
    else:
        print_holds(holds)
        if not holds:
            click.echo("no hold is in force")
    return EXIT_CHECK_FAILED if missing else EXIT_OK


def print_holds(holds: Any) -> None:
    """The holds as a table, and the months that they should have kept."""
    if not holds:
        return
    print_table(
        "Legal holds: seals and custody log never expire, and are held by that",
        ("hold", "from", "to", "site", "source", "reason", "since", "months gone"),
        [
            (
                str(each["hold"]),
                each["from"][:16].replace("T", " "),
                each["to"][:16].replace("T", " "),
                each["site"] or "all",
                each["source"] or "all",
                each["reason"],
                each["added"][:16].replace("T", " "),
                len(each["missing"]),
            )
            for each in holds
        ],
    )
    for each in holds:
        _print_missing(each["hold"], each["missing"])


def _print_missing(number: int, missing: list[str]) -> None:
    if missing:
        click.echo(
            f"MISSING: hold {number} should keep {', '.join(missing)}, which are gone; see custody list"
        )


def _check(name: str, known: Any, what: str) -> None:
    if name and name not in known:
        raise ConfigError(
            f"no {what} is called {name}", hint=f"known are {', '.join(sorted(known)) or 'none'}"
        )


def _kept(kept: Kept) -> JsonObject:
    return {
        "taken_from_ism": [*kept.taken],
        "returned_to_ism": [*kept.returned],
        "ism_was_deleting": [*kept.racing],
    }


def _print_kept(kept: Kept) -> None:
    for names, told in (
        (kept.taken, "taken from index management"),
        (kept.returned, "given back to index management"),
    ):
        if names:
            click.echo(f"{told}: {', '.join(names)}")
    if kept.racing:
        say(
            f"WARNING: index management was about to delete {', '.join(kept.racing)}: "
            "see in a few minutes with hold list whether they are still there"
        )
