"""``prove`` and ``redact``: parts of a bundle that still prove themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder import __version__
from atlaslens_forwarder.cli.session import common_options, now_ms, open_settings, print_json
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.evidence.fields import texts_at
from atlaslens_forwarder.evidence.filters import USER_PATHS
from atlaslens_forwarder.evidence.redact import RedactionOrder
from atlaslens_forwarder.evidence.redact import redact as redact_bundle
from atlaslens_forwarder.evidence.row_proof import prove_row
from atlaslens_forwarder.evidence.staging import FILE_MODE
from atlaslens_forwarder.proof import signing_file
from atlaslens_forwarder.service.people import operator

if TYPE_CHECKING:
    from atlaslens_forwarder.evidence.redact import Withhold
    from atlaslens_forwarder.model.json import JsonObject

_RANGE = re.compile(r"(\d{1,12})(?:-(\d{1,12}))?", re.ASCII)


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--row", type=int, required=True, help="Number of the row, from 1.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File to write.")
def prove(bundle: Path, row: int, output: Path) -> None:
    """Write the proof of one row of a bundle as one file, which verify checks without the others."""
    content = prove_row(bundle, row)
    try:
        output.touch(FILE_MODE, exist_ok=False)
        output.write_bytes(content)
    except FileExistsError:
        raise ConfigError(f"{output} exists", hint="name another file") from None
    except OSError as error:
        raise ConfigError(f"cannot write {output}", hint=error.strerror or "check the path") from error
    click.echo(f"row {row} of {bundle} is proven by {output}")


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Zip or folder to write."
)
@click.option("--rows", multiple=True, help="Withhold these rows: 7, 3-9, or several with commas.")
@click.option(
    "--user", "users", multiple=True, help="Withhold rows with this person: exact id, name or blind index."
)
@click.option("--field", "fields", multiple=True, help="Withhold rows in which PATH=VALUE holds.")
@click.option("--reason", required=True, help="Why; it stands in the bundle.")
@click.option("--force", is_flag=True, help="Replace a bundle that is there.")
@common_options(store=False)
def redact(  # noqa: PLR0917  click passes options by name
    env_file: Path | None,
    bundle: Path,
    output: Path,
    rows: tuple[str, ...],
    users: tuple[str, ...],
    fields: tuple[str, ...],
    reason: str,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Write a bundle without some of its rows; those that are left still verify.

    It is signed where the signing key file of this installation is; otherwise it says that nobody signed it.
    """
    if not reason.strip():
        raise ConfigError("--reason is empty", hint="say why the rows are withheld")
    path = open_settings(env_file).signing_path
    order = RedactionOrder(
        by=operator(),
        reason=reason,
        now_ms=now_ms(),
        tool_version=__version__,
        keys=signing_file.load(path) if path.exists() else None,
    )
    made = redact_bundle(bundle, output, withhold_of(rows, users, fields), order, force=force)
    key = made.signing_keys[0] if made.signing_keys else None
    if as_json:
        print_json({"path": str(output), "withheld": made.withheld_count, "signing_key": key})
        return
    click.echo(f"{made.withheld_count:,} rows are withheld in {output}")
    click.echo(f"signed with {key}" if key else "nobody signed it: there is no signing key file here")


def withhold_of(rows: tuple[str, ...], users: tuple[str, ...], fields: tuple[str, ...]) -> Withhold:
    """What is to be withheld, from what was typed.

    Raises:
        ConfigError: nothing is named, or a part cannot be read.
    """
    spans = [_span(part) for text in rows for part in text.split(",")]
    wanted = [_field(text) for text in fields]
    if not spans and not users and not wanted:
        raise ConfigError("nothing to withhold", hint="give --rows, --user or --field")

    def withhold(number: int, event: JsonObject) -> bool:
        return (
            any(first <= number <= last for first, last in spans)
            or any(text in users for path in USER_PATHS for text in (texts_at(event, path) if users else ()))
            or any(value in texts_at(event, path) for path, value in wanted)
        )

    return withhold


def _span(text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text.strip())
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last:
        raise ConfigError("--rows cannot be read", hint="write row numbers such as 7 or 3-9, counted from 1")
    return first, last


def _field(text: str) -> tuple[str, str]:
    path, sign, value = text.partition("=")
    if not sign or not path.strip():
        raise ConfigError("--field cannot be read", hint="write PATH=VALUE, as in user.id=5b10")
    return path.strip(), value
