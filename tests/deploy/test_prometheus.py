"""The alert rules, read and unit-tested by promtool, and the queries of rules and dashboard.

A real Prometheus on a running forwarder is in ``tests/integration/cli/test_run_monitored.py``.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from atlaslens_forwarder.telemetry.metric_specs import METRICS, MetricKind

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "deploy" / "prometheus"
RULES = FOLDER / "atlaslens.rules.yml"
ALERTS = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
SUFFIXES = {
    MetricKind.COUNTER: {""},
    MetricKind.GAUGE: {""},
    MetricKind.HISTOGRAM: {"_bucket", "_sum", "_count"},
}
KNOWN = {spec.name + suffix: set(spec.labels) for spec in METRICS for suffix in SUFFIXES[spec.kind]}
FOREIGN_LABELS = {"job", "instance", "le"}


def promtool(folder, *arguments):
    return subprocess.run(
        [folder / "promtool", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False
    )


def test_promtool_accepts_rules_and_configuration(prometheus_folder):
    for arguments in (("check", "rules", RULES.name), ("check", "config", "prometheus.yml")):
        done = promtool(prometheus_folder, *arguments)
        assert done.returncode == 0, done.stderr


def test_each_alert_fires_when_it_should_and_not_before(prometheus_folder):
    done = promtool(prometheus_folder, "test", "rules", "atlaslens.tests.yml")

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested_both_ways():
    cases = [
        case
        for test in yaml.safe_load((FOLDER / "atlaslens.tests.yml").read_text())["tests"]
        for case in test["alert_rule_test"]
    ]
    firing = {case["alertname"] for case in cases if case.get("exp_alerts")}
    quiet = {case["alertname"] for case in cases if not case.get("exp_alerts")}
    names = {alert["alert"] for alert in ALERTS}

    assert firing == names
    # A condition without a waiting time is tried beside a series that does not meet it.
    assert {alert["alert"] for alert in ALERTS if "for" in alert} <= quiet


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_says_how_bad_it_is_and_where_its_runbook_is(alert):
    page, anchor = alert["annotations"]["runbook_url"].split("#")
    headings = re.findall(r"^## (\w+)$", (REPOSITORY / page).read_text(), re.MULTILINE)

    assert alert["alert"] in headings
    assert anchor == alert["alert"].lower()
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["description"]


def test_every_runbook_has_its_alert():
    headings = re.findall(r"^## (\w+)$", (REPOSITORY / "docs" / "runbooks.md").read_text(), re.MULTILINE)

    assert sorted(headings) == sorted(alert["alert"] for alert in ALERTS)


def expressions():
    """Every query of the rules and of the Grafana dashboard, with a name for it."""
    yield from ((alert["alert"], alert["expr"]) for alert in ALERTS)
    dashboard = json.loads((REPOSITORY / "deploy" / "grafana" / "atlaslens.json").read_text())
    for panel in dashboard["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel.get("targets", ()))


@pytest.mark.parametrize(("name", "expression"), [*expressions()])
def test_queries_ask_only_for_metrics_and_labels_that_there_are(name, expression):
    for metric, selector in re.findall(r"\b(atlaslens_\w+)(?:\{([^}]*)\})?", expression):
        assert metric in KNOWN, metric
        asked = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector))
        assert asked <= KNOWN[metric] | FOREIGN_LABELS, (metric, asked)


def test_every_query_of_the_dashboard_can_be_parsed(prometheus_folder, tmp_path):
    """Promtool reads expressions in rules only: each becomes a recording rule."""
    rules = [
        {"record": f"query:{number}", "expr": re.sub(r"\$__\w+", "5m", expression).replace('"$site"', '".*"')}
        for number, (_, expression) in enumerate(expressions())
    ]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "q", "rules": rules}]}))
    done = promtool(prometheus_folder, "check", "rules", tmp_path / "queries.yml")

    assert done.returncode == 0, done.stdout + done.stderr
