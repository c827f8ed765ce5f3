"""``reports``: scheduled reports, checked, listed, and made by hand."""

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
from atlaslens_forwarder.cli.tables import print_table, when
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.service.reports.book import Books
from atlaslens_forwarder.service.reports.definition import load_reports
from atlaslens_forwarder.service.reports.making import ReportMaker
from atlaslens_forwarder.service.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.reports.book import Book
    from atlaslens_forwarder.service.reports.calendar import Period
    from atlaslens_forwarder.service.reports.definition import Report
    from atlaslens_forwarder.settings import Settings


@click.group()
def reports() -> None:
    """Scheduled reports: exports of saved filters that run makes by itself."""


@reports.command()
@common_options(store=False)
def check(env_file: Path | None, *, as_json: bool) -> None:
    """Check the file of reports and show when each is due next."""
    found = [_planned(report) for report in _defined(open_settings(env_file)).values()]
    if as_json:
        print_json({"reports": [*found]})
        return
    print_table(
        "Reports",
        ("report", "title", "every", "next due (UTC)", "about"),
        [(one["name"], one["title"], one["every"], when(one["next_due_ms"]), one["period"]) for one in found],
    )


@reports.command("list")
@common_options()
@asynchronous
async def list_reports(env_file: Path | None, *, embedded: bool, as_json: bool) -> None:
    """List the reports: when each is due next, and what was made last."""
    settings = open_settings(env_file)
    defined = _defined(settings)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        books = Books(store.state)
        found = [
            _planned(report) | _made(await books.open(report.name, now_ms())) for report in defined.values()
        ]
    if as_json:
        print_json({"reports": [*found]})
        return
    print_table(
        f"Reports in {settings.reports_dir}",
        ("report", "title", "next due (UTC)", "last made", "at (UTC)", "events", "coverage", "last result"),
        [
            (
                one["name"],
                one["title"],
                when(one["next_due_ms"]),
                one["last_made"] or "–",
                when(one["made_ms"]),
                "–" if one["count"] is None else one["count"],
                one["coverage"] or "–",
                one["last_result"] or "–",
            )
            for one in found
        ],
    )


@reports.command("run")
@click.argument("name")
@click.option("--period", "period_name", help="Day, week or month it is about; the last one that is over.")
@common_options()
@asynchronous
async def run_report(
    env_file: Path | None, name: str, period_name: str | None, *, embedded: bool, as_json: bool
) -> None:
    """Make a report now."""
    settings = open_settings(env_file)
    defined = _defined(settings)
    if name not in defined:
        raise ConfigError(f"no report is called {name}", hint=f"known are {', '.join(defined) or 'none'}")
    report = defined[name]
    period = _period(report, period_name)
    async with with_store(settings, embedded=embedded) as ready, open_store(ready, now_ms) as store:
        await store.keys.check()
        maker = ReportMaker(store, settings.reports_dir, settings.signing_path, now_ms)
        result = await maker.make(report, period)
    verdict = str(result.claims.coverage["verdict"])
    if as_json:
        print_json(
            {
                "path": str(result.path),
                "report": name,
                "period": period.name,
                "count": result.count,
                "coverage": verdict,
                "manifest_sha256": result.manifest_sha256,
                "signing_key": result.key_id,
            }
        )
        return
    click.echo(f"{result.count:,} events of {period.name} in {result.path}")
    click.echo(f"coverage: {verdict}; signed with {result.key_id}")
    if not result.append_only:
        say("WARNING: this store is not append-only; the manifest says so too")


def _defined(settings: Settings) -> dict[str, Report]:
    if settings.reports.file is None:
        raise ConfigError("no file of reports is set", hint="see docs/reports.md")
    return load_reports(settings.reports.file)


def _period(report: Report, name: str | None) -> Period:
    now = now_ms()
    schedule = report.schedule
    if name is None:
        return schedule.before(schedule.period_at(now))
    try:
        period = schedule.named(name)
    except ValueError as error:
        raise ConfigError(f"--period {error}", hint=f"{report.name} is {schedule.every.value}") from None
    if period.to_ms > now:
        raise ConfigError(f"{name} is not over yet", hint="name an earlier one")
    return period


def _planned(report: Report) -> JsonObject:
    due_ms = report.schedule.next_due_ms(now_ms())
    return {
        "name": report.name,
        "title": report.title,
        "every": report.schedule.every.value,
        "formats": [form.value for form in report.formats],
        "period": report.schedule.last_due(due_ms).name,
        "next_due_ms": due_ms,
    }


def _made(book: Book) -> JsonObject:
    period, entry = book.last_made or (None, None)
    newest = max(book.entries.values(), key=lambda each: each.at_ms, default=None)
    return {
        "last_made": period,
        "made_ms": None if entry is None else entry.at_ms,
        "count": None if entry is None else entry.count,
        "coverage": None if entry is None else entry.verdict,
        "last_result": None if newest is None else newest.status,
    }
