"""``export`` and ``verify``: evidence out of the store, and the proof that it is unaltered."""

from __future__ import annotations

from dataclasses import replace
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
    say,
    with_store,
)
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK
from atlaslens_forwarder.evidence.export import export as export_file
from atlaslens_forwarder.evidence.filters import View, make_filter
from atlaslens_forwarder.evidence.row_formats import ExportFormat
from atlaslens_forwarder.evidence.verify import verify as verify_file
from atlaslens_forwarder.normalise.actions.known import ACTION_NAMES, PRODUCTS
from atlaslens_forwarder.privacy.keyring import Keyring
from atlaslens_forwarder.privacy.origin import origin_of
from atlaslens_forwarder.service.asking import expand
from atlaslens_forwarder.service.coverage import coverage
from atlaslens_forwarder.service.forwarder import open_store
from atlaslens_forwarder.service.gap_report import gaps_between

if TYPE_CHECKING:
    from atlaslens_forwarder.evidence.checks import VerifyReport
    from atlaslens_forwarder.evidence.row_audit import OriginCheck
    from atlaslens_forwarder.model.json import JsonObject

_SIGNS = {"ok": "ok", "failed": "FAILED", "not-checked": "not checked"}


@click.command()
@click.option("--view", default=View.SECURITY.value, show_default=True, help=f"One of: {', '.join(View)}.")
@click.option("--from", "from_text", required=True, help="First UTC date or time of the interval.")
@click.option("--to", "to_text", required=True, help="Its end; a bare date includes that whole day.")
@click.option(
    "--user",
    "users",
    multiple=True,
    help="Only this person, under all ids: account id, exact name, Bitbucket uuid or e-mail address.",
)
@click.option("--group", "groups", multiple=True, help="Only members of this group: name or id.")
@click.option("--action", "actions", multiple=True, help="Only this action, see docs/actions.md.")
@click.option(
    "--product", "products", multiple=True, help="Only this product: jira, jsm, confluence, bitbucket."
)
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in ExportFormat]),
    default=ExportFormat.JSONL.value,
    show_default=True,
    help="Whole events, or a table for people.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@common_options()
@asynchronous
async def export(  # noqa: PLR0917  click passes options by name
    env_file: Path | None,
    view: str,
    from_text: str,
    to_text: str,
    users: tuple[str, ...],
    groups: tuple[str, ...],
    actions: tuple[str, ...],
    products: tuple[str, ...],
    form: str,
    output: Path,
    *,
    force: bool,
    embedded: bool,
    as_json: bool,
) -> None:
    """Write events with a manifest that says what they are and lets anybody check them."""
    wanted = make_filter(
        view=view,
        from_text=from_text,
        to_text=to_text,
        users=users,
        groups=groups,
        actions=actions,
        products=products,
        known_actions=ACTION_NAMES,
        known_products=PRODUCTS,
    )
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        users, members = await expand(store.people, wanted.users, wanted.groups)
        wanted = replace(wanted, users=users, members=members)
        result = await export_file(
            store.reader,
            wanted,
            ExportFormat(form),
            output,
            clock=now_ms,
            tool_version=__version__,
            coverage=await coverage(store, wanted.from_ms, wanted.to_ms, now_ms()),
            gaps=(await gaps_between(store.state, wanted.from_ms, wanted.to_ms, now_ms())).manifest(),
            force=force,
        )
    if as_json:
        print_json(
            {
                "path": str(result.path),
                "manifest": str(result.manifest_path),
                "checksums": str(result.checksum_path),
                "count": result.count,
                "sha256": result.sha256,
                "manifest_sha256": result.manifest_sha256,
                "append_only": result.append_only,
            }
        )
        return
    click.echo(f"{result.count:,} events in {result.path}")
    click.echo(f"SHA-256 of the manifest, to be kept apart: {result.manifest_sha256}")
    if not result.append_only:
        say("WARNING: this store is not append-only; the manifest says so too")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--manifest-sha256", help="The digest that export printed, if you kept it apart.")
@click.option(
    "--keys", type=click.Path(path_type=Path), help="Key file; with it each event's origin hash is checked."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def verify(file: Path, manifest_sha256: str | None, keys: Path | None, *, as_json: bool) -> int:
    """Check an exported file offline against its manifest; exit 1 on any difference."""
    report = verify_file(file, origin=_origin(keys), manifest_sha256=manifest_sha256)
    if as_json:
        print_json(report.to_json())
    else:
        print_report(report)
    return EXIT_OK if report.ok else EXIT_CHECK_FAILED


def print_report(report: VerifyReport) -> None:
    """One line per check, then the verdict."""
    for check in report.checks:
        click.echo(f"{_SIGNS.get(check.verdict.value, check.verdict.value):<12} {check.name}: {check.detail}")
    left = f", {len(report.not_checked)} not checked" if report.not_checked else ""
    click.echo(f"{report.file}: {'verified' if report.ok else 'NOT AS EXPORTED'}{left}")


def _origin(keys: Path | None) -> OriginCheck | None:
    if keys is None:
        return None
    keyring = Keyring.load(keys)

    def check(event: JsonObject) -> bool | None:
        return origin_of(event, keyring)

    return check
