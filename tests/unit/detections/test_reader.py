"""A rule that is wrong is refused in one line that says where."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.detections.catalogue import known_words, load_catalogue
from atlaslens_forwarder.detections.reader import read_rule
from atlaslens_forwarder.detections.rule import LookBack, Past, Threshold
from atlaslens_forwarder.detections.samples import read_samples
from atlaslens_forwarder.errors import ConfigError

WORDS = known_words()
FILE = "alerting/rules/sample.yml"
RULE = """\
title: A rule
id: 37d687f7-c415-502d-b087-a6b2b3f283e7
status: test
description: What it finds.
author: Ada Example
date: 2026-01-31
tags:
  - attack.t1098
logsource:
  product: atlassian
  service: audit
detection:
  selection:
    event.action: project_deleted
  condition: selection
level: high
atlaslens:
  runbook: 1. Look.
"""
COUNTED = (
    RULE.replace("status: test", "status: test\nname: counted")
    + """\
---
title: Many
id: 47d687f7-c415-502d-b087-a6b2b3f283e7
status: test
description: Many of them.
author: Ada Example
date: 2026-01-31
correlation:
  type: event_count
  rules: [counted]
  group-by: [user.id]
  timespan: 10m
  condition:
    gte: 3
level: high
atlaslens:
  runbook: 1. Look.
"""
)


def read(text):
    return read_rule(FILE, text, WORDS)


def test_a_rule_is_read():
    rule = read(RULE)

    assert (rule.name, rule.kind, rule.level) == ("sample", "match", "high")


def test_a_correlation_is_read():
    rule = read(COUNTED)

    assert rule.when == Threshold(3, ("user.id",), 600_000)
    assert rule.title == "Many"


def test_a_look_back_is_read():
    text = RULE + "  look_back:\n    kind: dormant\n    by: [user.id]\n    period: 90d\n    quiet: 30d\n"

    assert read(text).when == LookBack(Past.DORMANT, ("user.id",), 90 * 86_400_000, 30 * 86_400_000)


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("project_deleted", "project_delted", 14, "project_delted is no action"),
        ("event.action: project", "event.acton: project", 14, "event.acton is no field"),
        ("    event.action: project_deleted", "    message: gone", 14, "message is no field"),
        ("event.action: project_deleted", "user.id: 'a*b'", 14, "no wildcards"),
        ("event.action: project_deleted", "user.id|re: a", 14, "not supported"),
        ("event.action: project_deleted", "user.id|contains|startswith: a", 14, "not supported"),
        ("event.action: project_deleted", "source.ip: everywhere", 14, "addresses and networks"),
        ("event.action: project_deleted", "atlassian.derived: 'yes'", 14, "boolean"),
        ("event.action: project_deleted", "user.id|fieldref: user.idd", 14, "user.idd is no field"),
        ("event.action: project_deleted", "user.id|fieldref: source.ip", 14, "keyword only"),
        ("event.action: project_deleted", "user.id: []", 14, "no value"),
        ("condition: selection", "condition: selection and other", 15, "no selection is called other"),
        ("condition: selection", "condition: selection or", 15, "lacks a selection"),
        ("condition: selection", "condition: (selection", 15, "not closed"),
        ("condition: selection", "condition: selection selection", 15, "unexpected"),
        ("condition: selection", "condition: selection | count() > 3", 15, "cannot read the condition"),
        ("  condition", "  unused:\n    user.id: a\n  condition", 17, "does not use unused"),
        ("level: high", "level: big", 16, "big is no level"),
        ("status: test", "status: new", 3, "new is no status"),
        ("37d687f7-c415-502d-b087-a6b2b3f283e7", "rule-1", 2, "UUID"),
        ("date: 2026-01-31", "date: yesterday", 6, "2026-01-31"),
        ("attack.t1098", "mitre.t1098", 8, "ATT&CK"),
        ("product: atlassian", "product: windows", 10, "atlassian"),
        ("service: audit", "service: logs", 11, "service is one of"),
        ("level: high", "level: high\nlevle: high", 17, "unknown key levle"),
        ("level: high", "level: high\nlevel: high", 17, "twice"),
        ("title: A rule\n", "", 1, "title is missing"),
        ("  runbook: 1. Look.", "  other: 1", 18, "unknown key other"),
        ("detection:", "detection: [", 14, "is no YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old, new, line, problem):
    assert old in RULE
    with pytest.raises(ConfigError) as caught:
        read(RULE.replace(old, new, 1))

    assert caught.value.message.startswith(f"{FILE}:{line}: "), caught.value.message
    assert problem in caught.value.message
    assert "\n" not in caught.value.one_line()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("rules: [counted]", "rules: [another]", "names the rule above"),
        ("gte: 3", "gte: 1", "from 2 on"),
        ("gte: 3", "gte: 3\n    field: user.id", "value_count with a field"),
        ("timespan: 10m", "timespan: soon", "a time is written"),
        ("group-by: [user.id]", "group-by: [user.idd]", "user.idd is no field"),
        ("type: event_count", "type: temporal", "event_count, or value_count"),
    ],
)
def test_a_correlation_that_is_wrong_is_refused(old, new, problem):
    assert old in COUNTED
    with pytest.raises(ConfigError, match=problem):
        read(COUNTED.replace(old, new, 1))


def test_a_rule_without_samples_is_refused(tmp_path):
    for kind in ("rules", "samples"):
        (tmp_path / kind).mkdir()
    (tmp_path / "rules" / "sample.yml").write_text(RULE)
    (tmp_path / "samples" / "other.yml").write_text(
        "positive:\n  - {name: a, events: [{event.action: project_deleted}]}\n"
        "negative:\n  - {name: b, events: [{event.action: project_created}]}\n"
    )

    with pytest.raises(ConfigError, match="other"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("positive:\n  - {name: a, events: [{event.action: project_deleted}]}\n", "no negative sample"),
        ("positive:\n  - {name: a, events: [{event.action: gone}]}\n", "gone is no action"),
        ("positive:\n  - {name: a, events: [{user.idd: gone}]}\n", "user.idd is no field"),
        ("positive:\n  - {events: [{user.id: gone}]}\n", "name is missing"),
        ("maybe: []\n", "unknown key maybe"),
    ],
)
def test_samples_that_are_wrong_are_refused(text, problem):
    with pytest.raises(ConfigError, match=problem):
        read_samples("alerting/samples/sample.yml", text, WORDS)
