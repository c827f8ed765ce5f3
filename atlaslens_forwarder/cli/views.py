"""``views``: what security teams open every day, without Dashboards."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder import __version__
from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    print_json,
    with_store,
)
from atlaslens_forwarder.cli.view_tables import print_facts, print_view
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.evidence.filters import Known, View, make_filter
from atlaslens_forwarder.model.time import DAY_MS, iso_ms
from atlaslens_forwarder.normalise.actions.known import ACTION_NAMES, PRODUCTS
from atlaslens_forwarder.service.asking import expand
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.service.view_data import filled
from atlaslens_forwarder.service.view_file import write_page
from atlaslens_forwarder.views.definitions import VIEWS
from atlaslens_forwarder.views.queries import Filters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.views.shown import Facts, ShownView

USUAL_DAYS = 90
ALL = "all"


@click.command()
@click.argument("name", type=click.Choice([ALL, *(view.id for view in VIEWS)]), default=ALL)
@click.option("--html", type=click.Path(path_type=Path), help="Write one HTML file instead of tables.")
@click.option(
    "--from", "from_text", help=f"First UTC date or time; {USUAL_DAYS} days before the end if left out."
)
@click.option("--to", "to_text", help="Its end; a bare date includes that whole day; now if left out.")
@click.option("--user", "users", multiple=True, help="Only this person, under all ids, as export takes it.")
@click.option("--group", "groups", multiple=True, help="Only members of this group: name or id.")
@click.option("--product", "products", multiple=True, help="Only this product.")
@click.option("--action", "actions", multiple=True, help="Only this action, see docs/actions.md.")
@click.option("--object", "objects", multiple=True, help="Only this object: id, key, name, or what holds it.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@common_options()
@asynchronous
async def views(  # noqa: PLR0917  click passes options by name
    env_file: Path | None,
    name: str,
    html: Path | None,
    from_text: str | None,
    to_text: str | None,
    users: tuple[str, ...],
    groups: tuple[str, ...],
    products: tuple[str, ...],
    actions: tuple[str, ...],
    objects: tuple[str, ...],
    *,
    force: bool,
    embedded: bool,
    as_json: bool,
) -> None:
    """Show the views (all, or one by NAME) as tables, or write them as one HTML file for a browser."""
    now = now_ms()
    wanted = make_filter(
        view=View.SECURITY.value,  # the check of names and times is the same for all
        from_text=from_text or iso_ms(_end(to_text, now) - USUAL_DAYS * DAY_MS),
        to_text=to_text or iso_ms(now),
        users=users,
        groups=groups,
        actions=actions,
        products=products,
        known=Known(actions=ACTION_NAMES, products=PRODUCTS),
    )
    if html is not None and not force and await asyncio.to_thread(html.exists):
        raise ConfigError(f"{html} exists", hint="give --force to replace it")
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        people, members = await expand(store.people, wanted.users, wanted.groups)
        facts, shown = await filled(
            store,
            [view for view in VIEWS if name in {ALL, view.id}],
            Filters(
                from_ms=wanted.from_ms,
                to_ms=wanted.to_ms,
                people=people,
                groups=wanted.groups,
                members=members,
                products=wanted.products,
                actions=wanted.actions,
                objects=tuple(sorted({*objects})),
            ),
            asked=asked_of(users, groups, products, actions, objects),
            retention_days=settings.service.retention_days,
            tool_version=__version__,
            clock=lambda: now,
        )
    if html is not None:
        await asyncio.to_thread(write_page, html, facts, shown)
    if as_json:
        print_json(views_json(facts, shown, html))
    elif html is not None:
        click.echo(f"{len(shown)} views in {html}")
    else:
        print_facts(facts)
        for each in shown:
            print_view(each)


def _end(to_text: str | None, now: int) -> int:
    if to_text is None:
        return now
    probe = make_filter(view=View.SECURITY.value, from_text="1970-01-01", to_text=to_text)
    return probe.to_ms


def asked_of(
    users: Sequence[str],
    groups: Sequence[str],
    products: Sequence[str],
    actions: Sequence[str],
    objects: Sequence[str],
) -> list[tuple[str, str]]:
    """The filters as they were typed, for the reader; an e-mail address stays out of what is handed on."""
    shown = [user if "@" not in user else "(a person, by e-mail address)" for user in users]
    given = {"person": shown, "group": groups, "product": products, "action": actions, "object": objects}
    return [(name, ", ".join(values)) for name, values in given.items() if values]


def views_json(facts: Facts, shown: Sequence[ShownView], html: Path | None) -> JsonObject:
    """What ``views --json`` prints."""
    return {
        "from": iso_ms(facts.filters.from_ms),
        "to": iso_ms(facts.filters.to_ms),
        "filters": dict(facts.asked),
        "unheeded": [*facts.unheeded],
        "coverage": facts.coverage,
        "gaps": [*facts.gaps],
        "html": None if html is None else str(html),
        "views": {
            each.view.id: {
                one.panel.id: {
                    "title": one.panel.title,
                    "content": None if one.content is None else asdict(one.content),
                    "missing": one.missing,
                }
                for one in each.panels
            }
            for each in shown
        },
    }
