"""``connect``: from an address and a token to working settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.cli.asking import Asker, collect_answers
from atlaslens_forwarder.cli.failures import must_not_show
from atlaslens_forwarder.cli.probes import print_probes
from atlaslens_forwarder.cli.session import asynchronous, now_ms, print_json, say
from atlaslens_forwarder.cli.tables import print_table
from atlaslens_forwarder.errors import EXIT_OK, EXIT_SOURCES_FAILED, EXIT_UNREACHABLE
from atlaslens_forwarder.gaps.static import STATIC_GAPS
from atlaslens_forwarder.http.client import open_http_client
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.service.connect.answers import merged
from atlaslens_forwarder.service.connect.env_file import edit_env, read_env, values_of, write_env
from atlaslens_forwarder.service.connect.finding import find_out, replacing
from atlaslens_forwarder.service.connect.probe import Prober
from atlaslens_forwarder.settings import Settings, settings_file
from atlaslens_forwarder.telemetry.logs import configure_logs

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.connect.answers import Answers
    from atlaslens_forwarder.service.connect.finding import Found

TIMEOUT_S = 30.0


@click.command()
@click.option("--site", help="The site: acme, acme.atlassian.net or the address of any page on it.")
@click.option("--name", help="Short name for it in the settings; by default the first part of its host name.")
@click.option("--email", help="E-mail address of the account the token belongs to (not for OAuth tokens).")
@click.option("--token-file", help="File with the API token; - reads standard input.")
@click.option("--bitbucket-email", help="E-mail address for a Bitbucket API token (not for access tokens).")
@click.option("--bitbucket-token-file", help="File with the Bitbucket token; - reads standard input.")
@click.option(
    "--bitbucket-workspace", "workspaces", multiple=True, help="Read this workspace; by default all it finds."
)
@click.option("--organisation-id", help="Organisation id, from the address of admin.atlassian.com.")
@click.option("--organisation-key-file", help="File with the organisation's API key; - reads standard input.")
@click.option("--gateway-url", default="", help="Gateway for scoped and OAuth tokens, for trying out.")
@click.option("--bitbucket-url", default="", help="Address of Bitbucket's API, for trying out.")
@click.option("--non-interactive", is_flag=True, help="Never ask; what is missing is an error.")
@click.option("--force", is_flag=True, help="Replace another site of the same name without asking.")
@click.option("--env-file", type=click.Path(path_type=Path), help="Settings file to write instead of .env.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
@asynchronous
async def connect(
    env_file: Path | None,
    *,
    non_interactive: bool,
    force: bool,
    as_json: bool,
    **given: str | tuple[str, ...] | None,
) -> int:
    """Connect a site: find out what can be read with a token, and write the settings.

    Asks for what is not given. Tokens are never given as arguments, where other users of the machine could
    see them: they are asked for, read from a file, or taken from the environment, named like the setting.
    """
    path = settings_file(env_file)
    text = read_env(path)
    there = values_of(text)
    asker = Asker(interactive=not non_interactive)
    answers, is_new_site = collect_answers(asker, there, given, force=force)
    secrets = _secrets(answers)
    must_not_show(secrets)
    configure_logs("warning", "auto", secrets)
    kept = there
    if is_new_site:
        removed = replacing(there, answers.name)
        kept = {key: value for key, value in there.items() if key not in removed}
    async with open_http_client(timeout_s=TIMEOUT_S) as http:
        prober = Prober(http, now_ms, Settings.model_fields["service"].default.retention_days)
        found = await find_out(answers, kept, http, prober)
    change = (replacing(there, answers.name) if is_new_site else {}) | found.values
    new_text = edit_env(text, change, heading=f"Site {answers.name}")
    backup = write_env(path, new_text)
    if as_json:
        print_json(_as_json(answers, found, path, backup))
    else:
        _print(answers, found, path, backup)
    return _exit_code(found)


def _secrets(answers: Answers) -> list[str]:
    """Every secret that was answered, for redaction."""
    secrets = [answers.email, answers.token]
    if answers.bitbucket is not None:
        secrets += [answers.bitbucket.email, answers.bitbucket.token]
    if answers.organisation is not None:
        secrets.append(answers.organisation.key)
    return [secret for secret in secrets if secret]


def _exit_code(found: Found) -> int:
    """0 when something is collected and no credential was given in vain."""
    if any(probe.collected for probe in found.probes):
        return EXIT_OK if found.refusal is None else EXIT_SOURCES_FAILED
    down = SourceStatus.UNREACHABLE.value
    return EXIT_UNREACHABLE if all(p.status == down for p in found.probes) else EXIT_SOURCES_FAILED


def _as_json(answers: Answers, found: Found, path: Path, backup: Path | None) -> JsonObject:
    refusal = found.refusal
    return {
        "site": answers.name,
        "url": answers.url,
        "cloud_id": found.cloud_id,
        "token_kind": found.kind.value,
        "workspaces": [*found.workspaces],
        "sources": [probe.to_json() for probe in found.probes],
        "refused_credential": None
        if refusal is None
        else {
            "service": refusal.service.value,
            "status": refusal.status.value,
            "message": refusal.message,
            "remedy": refusal.remedy,
        },
        "gaps": [gap.to_json() for gap in STATIC_GAPS],
        "env_file": str(path),
        "backup": None if backup is None else str(backup),
    }


def _print(answers: Answers, found: Found, path: Path, backup: Path | None) -> None:
    click.echo(f"site {answers.name}: {answers.url}, cloud id {found.cloud_id}, {found.kind.value} token")
    if found.workspaces:
        click.echo(f"Bitbucket workspaces: {', '.join(found.workspaces)}")
    print_probes({answers.name: found.probes})
    if found.refusal is not None:
        refusal = found.refusal
        click.echo(
            f"the {refusal.service.value} credential is of no use and was not written "
            f"({refusal.status.value}): {refusal.message}; {refusal.remedy}"
        )
    print_table(
        "No account without Atlassian Guard can read this",
        ("product", "what", "what would close it"),
        [(gap.product, gap.what, gap.closes) for gap in STATIC_GAPS],
    )
    click.echo(f"written: {path} (mode 0600)" + (f", before: {backup}" if backup else ""))
    if merged(values_of(read_env(path)), {}).get("ATLASLENS_OPENSEARCH__URL"):
        say("next: atlaslens-forwarder setup, then sync or run")
        return
    say("no OpenSearch is set yet: set ATLASLENS_OPENSEARCH__URL, or try with a local one")
    say("next: atlaslens-forwarder sync --embedded")
