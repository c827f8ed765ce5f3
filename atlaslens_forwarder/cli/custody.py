"""``custody``: who did what with evidence, people and keys, and whether that log is whole."""

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
from atlaslens_forwarder.cli.tables import print_table, when
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK
from atlaslens_forwarder.privacy.origin import origin_of
from atlaslens_forwarder.service.custody_log import ACTIONS, body_of, check_log
from atlaslens_forwarder.service.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject

_MEMBERS_NAMED = 3


@click.group()
def custody() -> None:
    """Look at the custody log: exports, verifications, keys, holds, deletions and what was done to people."""


@custody.command("list")
@click.option(
    "--action", "actions", multiple=True, type=click.Choice(ACTIONS), help="Only these; may be repeated."
)
@common_options()
@asynchronous
async def list_rows(
    env_file: Path | None, actions: tuple[str, ...], *, embedded: bool, as_json: bool
) -> None:
    """List the rows, oldest first."""
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        rows = [_shown(row) for row in await store.custody.rows(actions)]
    if as_json:
        print_json({"count": len(rows), "rows": [*rows]})
        return
    print_table(
        f"Custody log: {len(rows)} rows",
        ("number", "time (UTC)", "action", "outcome", "by", "reason", "what"),
        [
            (
                str(row["number"]),
                str(row["time"])[:19].replace("T", " "),
                row["action"],
                row["outcome"],
                row["by"],
                row["reason"],
                _told(row["what"]),
            )
            for row in rows
        ],
    )


@custody.command()
@common_options()
@asynchronous
async def verify(env_file: Path | None, *, embedded: bool, as_json: bool) -> int:
    """Check numbers, chain and origin of every row; name the first bad one and exit 1.

    Rows cut off at the end leave no trace here: compare the last hash with one kept elsewhere.
    """
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        found = await check_log(store.custody.each(), lambda row: origin_of(row, store.keyring))
    if as_json:
        print_json(
            {"ok": not found.fault, "rows": found.rows, "last_hash": found.last_hash, "fault": found.fault}
        )
    elif found.fault:
        click.echo(f"FAILED: {found.fault}; {found.rows:,} rows before it are right")
    else:
        click.echo(f"ok: {found.rows:,} rows, none missing, none altered; last hash {found.last_hash or '–'}")
    return EXIT_CHECK_FAILED if found.fault else EXIT_OK


def _shown(row: Any) -> JsonObject:
    """A row as it is listed; one that is not ours may lack anything."""
    event, custody_part = row.get("event") or {}, row.get("custody") or {}
    return {
        "number": custody_part.get("number"),
        "time": row.get("@timestamp"),
        "action": event.get("action"),
        "outcome": event.get("outcome"),
        "by": (row.get("user") or {}).get("name"),
        "reason": custody_part.get("reason", ""),
        "count": custody_part.get("count"),
        "sha256": custody_part.get("sha256"),
        "what": body_of(row),
    }


def _told(body: Any) -> str:
    return "; ".join(
        f"{name.removesuffix('_ms')} {when(value) if name.endswith('_ms') else _value(value)}"
        for name, value in body.items()
        if value not in ("", [], {})
    )


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(each)}" for name, each in value.items())
    if isinstance(value, list):
        more = f" and {len(value) - _MEMBERS_NAMED} more" if len(value) > _MEMBERS_NAMED else ""
        return ", ".join(map(str, value[:_MEMBERS_NAMED])) + more
    return str(value)
