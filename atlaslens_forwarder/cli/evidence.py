"""``export`` and ``verify``: evidence out of the store, and the proof that it is unaltered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.filter_options import filter_options
from atlaslens_forwarder.cli.session import (
    asynchronous,
    common_options,
    now_ms,
    open_settings,
    print_json,
    say,
    with_store,
)
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK, ConfigError
from atlaslens_forwarder.evidence.filters import Known, make_filter
from atlaslens_forwarder.evidence.layout import ReportFormat
from atlaslens_forwarder.evidence.row_proof import check_row_proof, is_row_proof, prove_row
from atlaslens_forwarder.evidence.store_check import compare_with_store, find_seal
from atlaslens_forwarder.evidence.verify import verify as verify_bundle
from atlaslens_forwarder.evidence.verify import with_store_checks
from atlaslens_forwarder.normalise.actions.known import ACTION_NAMES, PRODUCTS
from atlaslens_forwarder.privacy.keyring import Keyring
from atlaslens_forwarder.privacy.origin import origin_of
from atlaslens_forwarder.proof.signing_file import given_pin
from atlaslens_forwarder.service.custody_log import record_verification
from atlaslens_forwarder.service.exporting import export_evidence
from atlaslens_forwarder.service.store import open_store

if TYPE_CHECKING:
    from atlaslens_forwarder.evidence.checks import VerifyReport
    from atlaslens_forwarder.evidence.export import ExportResult
    from atlaslens_forwarder.evidence.row_audit import OriginCheck
    from atlaslens_forwarder.model.json import JsonObject

_SIGNS = {"ok": "ok", "failed": "FAILED", "not-checked": "not checked"}


@click.command()
@filter_options
@click.option(
    "--format",
    "forms",
    multiple=True,
    type=click.Choice([form.value for form in ReportFormat]),
    default=[ReportFormat.CSV.value],
    show_default=True,
    help="Report beside the events; may be repeated.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Zip (NAME.zip) or folder to write.",
)
@click.option("--force", is_flag=True, help="Replace a bundle that is there.")
@common_options()
@asynchronous
async def export(
    env_file: Path | None,
    forms: tuple[str, ...],
    output: Path,
    *,
    force: bool,
    embedded: bool,
    as_json: bool,
    **asked: object,
) -> None:
    """Write events as a signed bundle that lets anybody check what it claims to be."""
    wanted = make_filter(**asked, known=Known(actions=ACTION_NAMES, products=PRODUCTS))  # type: ignore[arg-type]
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        result = await export_evidence(
            store,
            wanted,
            [ReportFormat(form) for form in forms],
            output,
            signing_path=settings.signing_path,
            clock=now_ms,
            force=force,
        )
    _print_result(result, as_json=as_json)


def _print_result(result: ExportResult, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "path": str(result.path),
                "count": result.count,
                "events_sha256": result.claims.events_sha256,
                "merkle_root": result.claims.merkle_root,
                "manifest_sha256": result.manifest_sha256,
                "signing_key": result.key_id,
                "append_only": result.append_only,
            }
        )
        return
    click.echo(f"{result.count:,} events in {result.path}")
    click.echo(f"signed with {result.key_id}")
    click.echo("tell whoever gets it this key on another way: verify takes it as --trust")
    if not result.append_only:
        say("WARNING: this store is not append-only; the manifest says so too")


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--trust", "trusted", multiple=True, help="Signing key to trust: its id or a PEM file; may be repeated."
)
@click.option(
    "--keys", type=click.Path(path_type=Path), help="Key file; with it each event's origin hash is checked."
)
@click.option("--row", type=int, help="Prove only this row (from 1), by its path to the Merkle root.")
@click.option("--store", "ask_store", is_flag=True, help="Compare with what OpenSearch holds now, too.")
@click.option("--strict", is_flag=True, help="Exit 1 as well where something could not be checked.")
@common_options()
@asynchronous
async def verify(
    env_file: Path | None,
    bundle: Path,
    trusted: tuple[str, ...],
    keys: Path | None,
    row: int | None,
    *,
    ask_store: bool,
    strict: bool,
    embedded: bool,
    as_json: bool,
) -> int:
    """Check a bundle, or the proof of one row, offline; exit 1 on any difference."""
    pins, origin = [given_pin(each) for each in trusted], _origin(keys)
    if ask_store and (row is not None or is_row_proof(bundle)):
        raise ConfigError("--store compares whole bundles", hint="leave it out, or verify the bundle")
    if row is not None:
        name = f"row {row} of {bundle.name}"
        report = check_row_proof(prove_row(bundle, row), name, origin=origin, pins=pins)
    else:
        report = verify_bundle(bundle, origin=origin, pins=pins)
    if ask_store:
        settings = open_settings(env_file)
        async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
            found = [await compare_with_store(store.reader, bundle), await find_seal(store.reader, bundle)]
            report = with_store_checks(report, found)
            await record_verification(
                store.custody,
                name=bundle.name,
                manifest_sha256=report.manifest_sha256,
                failed=[check.name for check in report.failed],
            )
    if as_json:
        print_json(report.to_json())
    else:
        print_report(report)
    return EXIT_OK if report.ok and not (strict and report.not_checked) else EXIT_CHECK_FAILED


def print_report(report: VerifyReport) -> None:
    """One line per check, those that nobody checked at the end, then the verdict."""
    for check in sorted(report.checks, key=lambda each: each.ok is None):
        click.echo(f"{_SIGNS[check.verdict.value]:<12} {check.name}: {check.detail}")
    left = f", {len(report.not_checked)} not checked" if report.not_checked else ""
    click.echo(f"{report.file}: {'verified' if report.ok else 'NOT AS EXPORTED'}{left}")


def _origin(keys: Path | None) -> OriginCheck | None:
    if keys is None:
        return None
    keyring = Keyring.load(keys)

    def check(event: JsonObject) -> bool | None:
        return origin_of(event, keyring)

    return check
