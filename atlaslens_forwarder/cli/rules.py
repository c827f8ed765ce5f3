"""``rules``: the detection rules, their samples, and what they would have found."""

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
from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.detections.fields import first_of
from atlaslens_forwarder.detections.finding import alert_document
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK, ConfigError
from atlaslens_forwarder.evidence.interval import parse_from, parse_to
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.service.alerts.detect import Detector, Stretch
from atlaslens_forwarder.service.alerts.trial import try_samples
from atlaslens_forwarder.service.store_access import Account, open_as

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.detections.finding import Finding
    from atlaslens_forwarder.model.json import JsonObject

_RULE = click.option("--rule", "names", multiple=True, help="Only this rule, by name.")


@click.group()
def rules() -> None:
    """Detection rules: list them, test them, replay them over what is stored."""


@rules.command("list")
@common_options(store=False)
def list_rules(env_file: Path | None, *, as_json: bool) -> None:
    """List the rules of this version. Every rule and sample file is checked on the way."""
    open_settings(env_file)
    catalogue = load_catalogue()
    if as_json:
        print_json(
            {
                "rules": [
                    {
                        "name": rule.name,
                        "id": rule.id,
                        "title": rule.title,
                        "level": rule.level.value,
                        "kind": rule.kind,
                        "tags": [*rule.tags],
                    }
                    for rule in catalogue.rules.values()
                ]
            }
        )
        return
    print_table(
        "Rules",
        ("rule", "level", "kind", "what"),
        [(rule.name, rule.level.value, rule.kind, rule.title) for rule in catalogue.rules.values()],
    )


@rules.command("test")
@_RULE
@common_options()
@asynchronous
async def test_rules(env_file: Path | None, names: tuple[str, ...], *, embedded: bool, as_json: bool) -> int:
    """Run the samples with the real queries, in an index of their own; exit 1 when one goes wrong."""
    settings = open_settings(env_file)
    catalogue = load_catalogue()
    chosen = catalogue.named(names)
    async with (
        with_store(settings, embedded=embedded, set_up=False) as ready,
        open_as(ready, Account.ADMIN) as client,
    ):
        trials = await try_samples(client, catalogue, chosen, now_ms())
    wrong = [trial for trial in trials if not trial.ok]
    if as_json:
        print_json(
            {
                "rules": len(chosen),
                "samples": len(trials),
                "failed": [
                    {
                        "rule": trial.sample.rule,
                        "sample": trial.sample.name,
                        "expected": trial.sample.alerts,
                        "alerts": trial.alerts,
                    }
                    for trial in wrong
                ],
            }
        )
    else:
        for trial in wrong:
            click.echo(
                f"FAILED {trial.sample.rule}: {trial.sample.name}: "
                f"{trial.alerts} alerts instead of {trial.sample.alerts}"
            )
        click.echo(
            f"{len(trials) - len(wrong)} of {len(trials)} samples of {len(chosen)} rules are as they must be"
        )
    return EXIT_CHECK_FAILED if wrong else EXIT_OK


@rules.command("replay")
@click.option("--from", "from_text", required=True, help="First UTC date or time of the interval.")
@click.option("--to", "to_text", required=True, help="Its end; a bare date includes that whole day.")
@_RULE
@common_options()
@asynchronous
async def replay_rules(
    env_file: Path | None,
    from_text: str,
    to_text: str,
    names: tuple[str, ...],
    *,
    embedded: bool,
    as_json: bool,
) -> None:
    """Show what would have alerted on stored events, those of the backfill too. Keeps and sends nothing."""
    from_ms, to_ms = parse_from(from_text, "--from"), parse_to(to_text)
    if from_ms >= to_ms:
        raise ConfigError("--from lies after --to", hint="give an interval")
    settings = open_settings(env_file)
    catalogue = load_catalogue()
    async with with_store(settings, embedded=embedded) as ready, open_as(ready, Account.READER) as client:
        detector = Detector(client, catalogue.words.fields)
        await detector.refresh()
        stretch = Stretch(from_ms, to_ms - 1, by="@timestamp", backfilled=True)
        found = await detector.find(catalogue.named(names), stretch)
    if as_json:
        print_json({"count": len(found), "alerts": [_as_json(finding) for finding in found]})
        return
    print_table(
        "What would have alerted",
        ("time", "level", "rule", "who", "action", "object", "events"),
        [_row(finding) for finding in found],
    )
    say(f"{len(found)} alerts")


def _as_json(finding: Finding) -> JsonObject:
    document = alert_document(finding, now_ms(), deliver=False)
    del document["delivery"]
    return {"id": finding.id, **document}


def _row(finding: Finding) -> tuple[object, ...]:
    source = finding.event.source
    return (
        iso_ms(finding.event.at_ms)[:19].replace("T", " "),
        finding.rule.level.value,
        finding.rule.name,
        first_of(source, "user.full_name") or first_of(source, "user.id") or "–",
        first_of(source, "event.action"),
        first_of(source, "atlassian.object.name") or "–",
        len(finding.events),
    )
