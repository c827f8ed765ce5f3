"""``people``: who is known, under which ids, and what to do when somebody is to be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.service.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.people.resolve import Individual
    from atlaslens_forwarder.service.people import People, Stored

REMAINS = (
    "What remains: the ids below and group memberships, events and the alerts made of them as they are (they "
    "carry ids, and names that were in the records themselves), and snapshots made before; after restoring "
    "one run: people forget --reapply"
)


@click.group()
def people() -> None:
    """Look at the people that events name, and forget somebody."""


@people.command("list")
@click.option("--groups", is_flag=True, help="List groups instead, with the number of their members.")
@common_options()
@asynchronous
async def list_people(env_file: Path | None, *, groups: bool, embedded: bool, as_json: bool) -> None:
    """List everybody, one line a person; no e-mail address is shown."""
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        stored = await store.people.stored()
        if groups:
            rows = _groups(stored)
        else:
            rows = [_shown(store.people, stored, one) for one in stored.population.individuals]
    if as_json:
        print_json({"count": len(rows), "groups" if groups else "people": [*rows]})
        return
    columns = (
        ("name", "kind", "members", "site", "id")
        if groups
        else ("id", "name", "kind", "standing", "address", "groups")
    )
    print_table(
        f"{'Groups' if groups else 'People'}: {len(rows)}",
        columns,
        [[_cell(row.get(column)) for column in columns] for row in rows],
    )


@people.command()
@click.argument("person")
@common_options()
@asynchronous
async def show(env_file: Path | None, person: str, *, embedded: bool, as_json: bool) -> None:
    """Show one person: ids, names, groups; addresses only as "known" or "unknown".

    PERSON is an account id, an exact name, a Bitbucket uuid or an e-mail address.
    """
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        stored = await store.people.stored()
        shown = _shown(store.people, stored, store.people.find(stored, person))
    if as_json:
        print_json(shown)
        return
    for key, value in shown.items():
        click.echo(f"{key:<9} {_cell(value)}")


@people.command()
@click.argument("person")
@click.option("--reason", default="", help="Why; kept in the custody log.")
@common_options()
@asynchronous
async def reveal(env_file: Path | None, person: str, reason: str, *, embedded: bool, as_json: bool) -> None:
    """Show the e-mail addresses of one person; that it was done is recorded first."""
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        stored = await store.people.stored()
        found = store.people.find(stored, person)
        addresses = await store.people.reveal(stored, found, reason)
    if as_json:
        print_json({"id": found.name, "addresses": [*addresses]})
        return
    for address in addresses:
        click.echo(address)
    if not addresses:
        say(f"no address of {found.name} is known")


@people.command()
@click.argument("person", required=False)
@click.option("--reason", default="", help="Why; kept in the custody log.")
@click.option("--reapply", is_flag=True, help="Forget again everybody on the list, after a restore.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options()
@asynchronous
async def forget(
    env_file: Path | None,
    person: str | None,
    reason: str,
    *,
    reapply: bool,
    yes: bool,
    embedded: bool,
    as_json: bool,
) -> None:
    """Destroy name and addresses of one person for good, and say what remains."""
    if reapply == (person is not None):
        raise ConfigError("forget takes a PERSON or --reapply", hint="give one of the two")
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        if person is None:
            count = await store.people.reapply()
            result: JsonObject = {"erased": count}
            lines = [f"{count} records were forgotten again"]
        else:
            stored = await store.people.stored()
            found = store.people.find(stored, person)
            if not yes:
                click.confirm(f"Forget {found.name} for good?", abort=True, err=True)
            number = await store.people.forget(found, reason)
            result = {"id": found.name, "remaining_ids": [*sorted(found.ids)], "custody": number}
            lines = [f"forgotten (custody log {number}). {REMAINS}", *sorted(found.ids)]
    if as_json:
        print_json(result)
        return
    for line in lines:
        click.echo(line)


def _shown(known: People, stored: Stored, person: Individual) -> JsonObject:
    """One person without addresses."""
    records = stored.population.records_of(person)
    names = {known.sealing.name(record) for record in records} - {""}
    groups = {
        group.name
        for group in stored.population.groups
        for record in records
        if record.home == group.home and record.id in group.members
    }
    return {
        "id": person.name,
        "name": ", ".join(sorted(names)),
        "kind": ", ".join(sorted({record.kind for record in records} - {""})),
        "standing": _standing(person, stored),
        "address": "known" if any(record.emails_sealed for record in records) else "unknown",
        "ids": [*sorted(person.ids)],
        "blind": [*sorted(person.blinds)],
        "groups": [*sorted(groups)],
        "sites": [*sorted({record.home.site for record in records})],
    }


def _standing(person: Individual, stored: Stored) -> str:
    records = stored.population.records_of(person)
    if any(record.forgotten for record in records):
        return "forgotten"
    if any(record.active for record in records):
        return "active"
    if any(record.closed for record in records):
        return "closed"
    return "inactive" if any(record.active is False for record in records) else "unknown"


def _groups(stored: Stored) -> list[JsonObject]:
    rows: list[JsonObject] = [
        {
            "id": group.id,
            "name": group.name,
            "kind": group.kind,
            "members": len(group.members),
            "removed": group.removed,
            "site": group.home.site,
        }
        for group in stored.population.groups
    ]
    return sorted(rows, key=lambda row: (str(row["name"]), str(row["id"])))


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else value
