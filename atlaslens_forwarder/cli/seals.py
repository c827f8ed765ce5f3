"""``seals``: signed digests of the store, made, listed, verified and handed out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder import private_file
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
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK, ConfigError, EvidenceError
from atlaslens_forwarder.evidence.interval import parse_from, parse_to
from atlaslens_forwarder.proof import signing_file
from atlaslens_forwarder.proof.signing_key import ID_CHARACTERS
from atlaslens_forwarder.seals.chain import KeptHead
from atlaslens_forwarder.seals.seal import read_seal
from atlaslens_forwarder.service.seals.folder import SealFolder
from atlaslens_forwarder.service.seals.opening import open_sealer, seal_verifier
from atlaslens_forwarder.service.seals.witness import head_json
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.storage.seal_store import SealStore, current_head
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.seals.findings import Finding, Verdict
    from atlaslens_forwarder.seals.seal import SignedSeal

SHOWN = 200


@click.group()
def seals() -> None:
    """Seal the store with signed, chained digests, and prove by them what was changed behind our back."""


@seals.command("list")
@common_options()
@asynchronous
async def list_seals(env_file: Path | None, *, embedded: bool, as_json: bool) -> None:
    """List the seals of the store; their signatures are checked by verify."""
    settings = open_settings(env_file)
    found: list[SignedSeal] = []
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        async for stored in SealStore(store.reader).all():
            if stored.envelope is None:
                raise EvidenceError(f"document {stored.id} is not a seal", hint="run: seals verify")
            found.append(read_seal(stored.envelope))
    if as_json:
        rows: list[JsonValue] = [_seal_json(signed) for signed in found]
        print_json({"count": len(rows), "seals": rows})
        return
    print_table(
        f"Seals: {len(found)}",
        ("number", "made (UTC)", "documents", "not ours", "missed before", "hash"),
        [
            (
                signed.seal.number,
                signed.seal.created,
                signed.seal.documents,
                signed.seal.strangers,
                signed.seal.missed,
                signed.hash[:16],
            )
            for signed in found[-SHOWN:]
        ],
    )
    if len(found) > SHOWN:
        click.echo(f"… and {len(found) - SHOWN} before; --json lists all")


@seals.command()
@common_options()
@asynchronous
async def make(env_file: Path | None, *, embedded: bool, as_json: bool) -> None:
    """Make the next seal now, also where run would make it later."""
    settings = open_settings(env_file)
    telemetry = Telemetry(Metrics())
    async with (
        with_store(settings, embedded=embedded) as ready,
        open_store(ready, now_ms) as store,
        open_sealer(ready, store, telemetry, now_ms) as sealer,
    ):
        await store.keys.check()
        signed = await sealer.make()
        while signed.seal.more:
            signed = await sealer.make()
    if as_json:
        print_json(_seal_json(signed))
        return
    click.echo(f"seal {signed.seal.number} over {signed.seal.documents:,} documents: {signed.hash}")
    if signed.seal.strangers:
        say(f"WARNING: {signed.seal.strangers} of them are not ours; see: atlaslens-forwarder seals verify")


@seals.command()
@common_options()
@asynchronous
async def head(env_file: Path | None, *, embedded: bool, as_json: bool) -> None:
    """Show the newest seal in the store, and the one kept in the data folder."""
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        stored = await current_head(store.reader)
    kept = SealFolder(settings.seals_dir).newest()
    heads = {"store": stored, "data_folder": None if kept is None else kept.head}
    if as_json:
        print_json({name: None if each is None else head_json(each) for name, each in heads.items()})
        return
    for name, each in heads.items():
        found = "no seal" if each is None else f"{each.number}:{each.hash} of {each.created}"
        click.echo(f"{name.replace('_', ' ')}: {found}")


@seals.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File to write.")
@common_options(as_json=False)
@asynchronous
async def export(env_file: Path | None, output: Path, *, embedded: bool) -> None:
    """Write all seals and the public keys as JSON lines, for whoever verifies them elsewhere."""
    settings = open_settings(env_file)
    history = signing_file.load(settings.signing_path).history
    count = 0
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        try:
            with output.open("xb") as file:
                file.write(history.to_bytes())
                async for stored in SealStore(store.reader).all():
                    if stored.envelope is not None:
                        file.write(stored.envelope.to_bytes())
                        count += 1
        except FileExistsError:
            raise ConfigError(f"{output} exists", hint="name a new file") from None
        except OSError as error:
            raise private_file.unusable("write", "file", output, error) from error
    click.echo(f"{count:,} seals in {output}")


@seals.command()
@click.option("--from", "from_text", help="Read again what seals made since this UTC date or time cover.")
@click.option("--to", "to_text", help="The end of that interval; a bare date includes that whole day.")
@click.option(
    "--head", "heads", multiple=True, help="A head you kept elsewhere, as NUMBER:HASH; may be repeated."
)
@common_options()
@asynchronous
async def verify(
    env_file: Path | None,
    from_text: str | None,
    to_text: str | None,
    heads: tuple[str, ...],
    *,
    embedded: bool,
    as_json: bool,
) -> int:
    """Read the store again and name what was changed, removed or added; exit 1 on any finding."""
    from_ms = None if from_text is None else parse_from(from_text)
    to_ms = None if to_text is None else parse_to(to_text)
    kept = [_kept(text) for text in heads]
    settings = open_settings(env_file)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        verifier = seal_verifier(ready, store, now_ms)
        verdict = await verifier.verify(kept, from_ms=from_ms, to_ms=to_ms)
    if as_json:
        print_json(_verdict_json(verdict))
    else:
        print_verdict(verdict)
    return EXIT_OK if verdict.ok else EXIT_CHECK_FAILED


def print_verdict(verdict: Verdict) -> None:
    """Findings first, then what has to be said, then what was checked."""
    for finding in verdict.findings[:SHOWN]:
        click.echo(f"{finding.kind.value.upper():<16} {_told(finding)}")
    if len(verdict.findings) > SHOWN:
        click.echo(f"… and {len(verdict.findings) - SHOWN} more; --json lists all")
    for notice, detail in verdict.notices:
        click.echo(f"{notice.value:<16} {detail}")
    counts = verdict.counts
    documents = f"sealed documents {counts['documents']:,}, others {counts['unsealed']:,}"
    click.echo(f"seals {counts['seals']:,}, {documents}: {'as sealed' if verdict.ok else 'NOT AS SEALED'}")


def _told(finding: Finding) -> str:
    parts = [f"seal {finding.seal}"] if finding.seal is not None else []
    if finding.index is not None:
        place = "" if finding.shard is None else f" shard {finding.shard}"
        place += "" if finding.seq_no is None else f" seq_no {finding.seq_no}"
        parts.append(finding.index + place)
    parts += [part for part in (finding.id, finding.detail) if part]
    return ", ".join(parts)


def _verdict_json(verdict: Verdict) -> JsonObject:
    findings: list[JsonValue] = [finding.to_json() for finding in verdict.findings]
    notices: list[JsonValue] = [
        {"notice": notice.value, "detail": detail} for notice, detail in verdict.notices
    ]
    return {"ok": verdict.ok, "checked": {**verdict.counts}, "findings": findings, "notices": notices}


def _seal_json(signed: SignedSeal) -> JsonObject:
    seal = signed.seal
    return {
        **head_json(signed.head),
        "documents": seal.documents,
        "strangers": seal.strangers,
        "missed": seal.missed,
        "indices": len(seal.indices),
    }


def _kept(text: str) -> KeptHead:
    number, _, sha256 = text.partition(":")
    if not (number.isascii() and number.isdecimal() and len(sha256) == ID_CHARACTERS):
        raise ConfigError("--head is not NUMBER:HASH", hint="write it as seals head prints it")
    return KeptHead(int(number), sha256.lower(), "given by --head")
