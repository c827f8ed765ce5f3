"""The file of reports: what it says is taken, what is wrong is told with its line."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.evidence.filters import View
from atlaslens_forwarder.evidence.layout import ReportFormat
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS
from atlaslens_forwarder.service.reports.calendar import Every, Schedule
from atlaslens_forwarder.service.reports.definition import load_reports, parse_reports

FULL = """\
reports:
  weekly:
    title: Changes
    every: weekly
    weekday: tuesday
    at: 06:30
    filter: {view: permissions, products: [jira], permission_changes: true}
    formats: [csv, pdf]
    container: folder
    keep: 3
  plain: {every: monthly, day: 28}
"""


def test_everything_that_was_written_is_meant():
    found = parse_reports("reports.yml", FULL)

    weekly = found["weekly"]
    assert weekly.schedule == Schedule(Every.WEEKLY, DAY_MS + 6 * HOUR_MS + 30 * MINUTE_MS)
    assert weekly.filter.view is View.PERMISSIONS
    assert weekly.filter.products == ("jira",)
    assert weekly.filter.permission_changes
    assert weekly.formats == (ReportFormat.CSV, ReportFormat.PDF)
    assert (weekly.title, weekly.keep, weekly.keep_days) == ("Changes", 3, None)
    period = weekly.schedule.named("2026-W44")
    assert weekly.file_name(period) == "weekly-2026-W44"
    assert (weekly.wanted(period).from_ms, weekly.wanted(period).to_ms) == (period.from_ms, period.to_ms)
    assert found["plain"].schedule == Schedule(Every.MONTHLY, 27 * DAY_MS + 6 * HOUR_MS)
    assert found["plain"].file_name(found["plain"].schedule.named("2026-10")) == "plain-2026-10.zip"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("every: weekly", "every: yearly", "reports.yml:4: yearly is not known"),
        ("weekday: tuesday", "day: 2", "reports.yml:5: day belongs to monthly"),
        ("06:30", "24:30", "reports.yml:6: is no time of day"),
        ("[jira]", "[jirra]", "reports.yml:7: products jirra is not known (did you mean jira?)"),
        ("true}", "perhaps}", "reports.yml:7: must be true or false"),
        ("[csv, pdf]", "[csv, xls]", "reports.yml:8: xls is not known"),
        ("keep: 3", "keep: 0", "reports.yml:10: keep must be"),
        ("  plain", "  weekly", "reports.yml:11: weekly stands here twice"),
        ("day: 28", "day: 29", "reports.yml:11: day must be"),
        ("title", "titel", "reports.yml:3: titel is not known here"),
        ("  plain", "  Plain", "reports.yml:11: the name of a report"),
        ("reports:", "report:", "reports.yml:2: report is not known here"),
        ("weekly:\n", "weekly: [\n", "is no YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(before, after, told):
    with pytest.raises(ConfigError) as caught:
        parse_reports("reports.yml", FULL.replace(before, after, 1))

    assert told in caught.value.one_line()
    assert caught.value.hint == "see docs/reports.md"


def test_a_file_that_is_missing_is_named_and_none_is_needed(tmp_path):
    assert load_reports(None) == {}
    with pytest.raises(ConfigError, match="missing"):
        load_reports(tmp_path / "missing.yml")
