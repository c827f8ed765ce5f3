"""Rules as monitors of OpenSearch Alerting. Pure.

``python -m atlaslens_forwarder.detections.monitors`` writes ``alerting/monitors``; a test fails when they
differ.

- *match*: a query-level monitor, every 5 minutes over what was stored in the last 10. Its action is
  throttled to 9 minutes, so that an event that two windows see is told once, and one that came while the
  action was muted is told by the next window.
- *threshold*: a bucket-level monitor, one bucket for each group. It counts what was stored and happened
  lately, which is wider than the timespan by the delay of the sources; the forwarder's own evaluation is
  exact.
- *look-back*: a bucket-level monitor, hourly, since it reads months. It cannot know whether history was
  read: while the first backfill is running it takes people for new.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.detections.query import compile_query
from atlaslens_forwarder.detections.rule import Level, LookBack, Past, Rule, Scope, Threshold
from atlaslens_forwarder.model.time import HOUR_MS, MINUTE_MS
from atlaslens_forwarder.storage.names import EVENTS_ALIAS, PREFIX, Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.detections.fields import Field
    from atlaslens_forwarder.model.json import JsonObject

CHANNEL: Final = "{channel}"
"""Stands for the notifications channel, which ``setup`` fills in; without one there are no actions."""
EVERY_MS: Final = 5 * MINUTE_MS
OVERLAP_MS: Final = 5 * MINUTE_MS
LOOK_BACK_EVERY_MS: Final = HOUR_MS
DELAY_MS: Final = 15 * MINUTE_MS
"""How much later than it happened an event is stored, while sources are read every few minutes."""
_ALL: Final = 2_147_483_647
"""How OpenSearch writes ``track_total_hits: true``."""
SHOWN: Final = 10
"""Events that a message shows."""
SEVERITY: Final = {
    Level.CRITICAL: "1",
    Level.HIGH: "2",
    Level.MEDIUM: "3",
    Level.LOW: "4",
    Level.INFORMATIONAL: "5",
}
_INDICES: Final = {Scope.AUDIT: f"{PREFIX}-{Family.AUDIT.value}-*", Scope.EVERYTHING: EVENTS_ALIAS}
_SHOWN_FIELDS: Final = (
    "@timestamp",
    "user.id",
    "user.full_name",
    "user.target.id",
    "user.target.full_name",
    "group.name",
    "event.id",
    "event.action",
    "event.url",
    "atlassian.site",
    "atlassian.object.type",
    "atlassian.object.name",
    "atlassian.change_summary",
)


def monitor_of(rule: Rule, fields: Mapping[str, Field]) -> JsonObject:
    """The monitor of a rule, as it is sent to OpenSearch but for the channel."""
    node = compile_query(rule.node, fields)
    match rule.when:
        case None:
            return _monitor(rule, "query_level_monitor", EVERY_MS, _matches(node), _query_trigger(rule))
        case Threshold():
            query, condition = _bursts(node, rule.when)
            trigger = _bucket_trigger(rule, condition, rule.when.timespan_ms)
            return _monitor(rule, "bucket_level_monitor", EVERY_MS, query, trigger)
        case LookBack():
            query, condition = _strangers(node, rule.when)
            trigger = _bucket_trigger(rule, condition, LOOK_BACK_EVERY_MS)
            return _monitor(rule, "bucket_level_monitor", LOOK_BACK_EVERY_MS, query, trigger)


def monitor_texts() -> dict[str, str]:
    """Every monitor as the text of its file, by the rule's name."""
    catalogue = load_catalogue()
    return {
        rule.name: json.dumps(monitor_of(rule, catalogue.words.fields), indent=2, ensure_ascii=False) + "\n"
        for rule in catalogue.rules.values()
    }


def _monitor(rule: Rule, kind: str, every_ms: int, query: JsonObject, trigger: JsonObject) -> JsonObject:
    scope = rule.scope
    if isinstance(rule.when, LookBack) and rule.when.past is Past.DORMANT:
        scope = Scope.EVERYTHING
    return {
        "type": "monitor",
        "name": f"{PREFIX}-{rule.name}",
        "monitor_type": kind,
        "enabled": True,
        "schedule": {"period": {"interval": every_ms // MINUTE_MS, "unit": "MINUTES"}},
        "inputs": [{"search": {"indices": [_INDICES[scope]], "query": query}}],
        "triggers": [trigger],
    }


def _stored(span_ms: int) -> JsonObject:
    return _since("event.ingested", span_ms)


def _since(field: str, span_ms: int) -> JsonObject:
    span: JsonObject = {
        "from": f"{{{{period_end}}}}||-{span_ms // MINUTE_MS}m",
        "to": "{{period_end}}",
        "include_lower": True,
        "include_upper": True,
        "format": "epoch_millis",
    }
    return {"range": {field: span}}


_NOT_BACKFILLED: Final[Any] = {"bool": {"must_not": [{"term": {"atlassian.backfilled": {"value": True}}}]}}


def _matches(node: JsonObject) -> JsonObject:
    return {
        "size": SHOWN,
        "track_total_hits": _ALL,
        "sort": [{"event.ingested": {"order": "desc"}}],
        "_source": {"includes": list(_SHOWN_FIELDS)},
        "query": {"bool": {"filter": [node, _stored(EVERY_MS + OVERLAP_MS), _NOT_BACKFILLED]}},
    }


def _bursts(node: JsonObject, when: Threshold) -> tuple[JsonObject, JsonObject]:
    filters: list[Any] = [
        node,
        _stored(when.timespan_ms + DELAY_MS),
        _since("@timestamp", when.timespan_ms + DELAY_MS),
        _NOT_BACKFILLED,
    ]
    inner: JsonObject = {"values": {"cardinality": {"field": when.field}}} if when.field else {}
    query = _grouped(filters, when.group_by, inner)
    path = "values" if when.field else "_count"
    return query, _condition({"count": path}, f"params.count >= {when.at_least}")


def _strangers(node: JsonObject, when: LookBack) -> tuple[JsonObject, JsonObject]:
    fresh: Any = {"bool": {"filter": [_stored(LOOK_BACK_EVERY_MS + OVERLAP_MS), _NOT_BACKFILLED]}}
    now: JsonObject = {"filter": {"bool": {"filter": [node, fresh]}}}
    if when.past is Past.FIRST_TIME:
        inner: JsonObject = {"now": now, "lately": {"filter": {"bool": {"must_not": [fresh]}}}}
        query = _grouped([node, _since("@timestamp", when.period_ms)], when.by, inner)
        return query, _condition(
            {"now": "now._count", "lately": "lately._count"}, "params.now > 0 && params.lately == 0"
        )
    quiet = _since("@timestamp", when.quiet_ms)
    inner = {
        "now": now,
        "lately": {"filter": {"bool": {"filter": [quiet], "must_not": [fresh]}}},
        "before": {"filter": {"bool": {"must_not": [quiet, fresh]}}},
    }
    query = _grouped([_since("@timestamp", when.period_ms)], when.by, inner)
    return query, _condition(
        {"now": "now._count", "lately": "lately._count", "before": "before._count"},
        "params.now > 0 && params.lately == 0 && params.before > 0",
    )


def _grouped(filters: list[Any], by: tuple[str, ...], inner: JsonObject) -> JsonObject:
    sources: list[Any] = [{field.replace(".", "_"): {"terms": {"field": field}}} for field in by]
    group: JsonObject = {"composite": {"size": 1000, "sources": sources}}
    if inner:
        group["aggregations"] = inner
    return {"size": 0, "query": {"bool": {"filter": filters}}, "aggregations": {"group": group}}


def _condition(paths: JsonObject, script: str) -> JsonObject:
    return {
        "buckets_path": paths,
        "parent_bucket_path": "group",
        "script": {"source": script, "lang": "painless"},
    }


def _query_trigger(rule: Rule) -> JsonObject:
    lines = [
        f"[{rule.level.value}] {rule.title}: {{{{ctx.results.0.hits.total.value}}}} event(s)",
        "{{#ctx.results.0.hits.hits}}",
        "- {{_source.@timestamp}} {{_source.atlassian.site}}: {{_source.event.action}}",
        "  by {{_source.user.full_name}} ({{_source.user.id}})",
        "  at {{_source.atlassian.object.type}} {{_source.atlassian.object.name}}",
        "  to {{_source.user.target.full_name}} {{_source.user.target.id}} {{_source.group.name}}",
        "  {{#_source.atlassian.change_summary}}{{.}}; {{/_source.atlassian.change_summary}}",
        "  {{_source.event.url}} (event {{_source.event.id}})",
        "{{/ctx.results.0.hits.hits}}",
        f"Runbook: {rule.page}",
    ]
    throttle_ms = EVERY_MS + OVERLAP_MS - MINUTE_MS
    return {
        "query_level_trigger": {
            **_trigger(rule),
            "condition": {"script": {"source": "ctx.results[0].hits.total.value > 0", "lang": "painless"}},
            "actions": [_action(rule, lines, throttle_ms)],
        }
    }


def _bucket_trigger(rule: Rule, condition: JsonObject, throttle_ms: int) -> JsonObject:
    lines = [
        f"[{rule.level.value}] {rule.title}",
        "{{#ctx.newAlerts}}",
        f"- {_grouping(rule)}: {{{{bucket_keys}}}}",
        "{{/ctx.newAlerts}}",
        "Search the events of these values up to {{ctx.periodEnd}}",
        f"Runbook: {rule.page}",
    ]
    action = _action(rule, lines, throttle_ms)
    action["action_execution_policy"] = {
        "action_execution_scope": {"per_alert": {"actionable_alerts": ["NEW"]}}
    }
    return {"bucket_level_trigger": {**_trigger(rule), "condition": condition, "actions": [action]}}


def _grouping(rule: Rule) -> str:
    match rule.when:
        case Threshold(group_by=by) | LookBack(by=by):
            return ", ".join(by)
        case None:
            return ""


def _trigger(rule: Rule) -> JsonObject:
    return {"id": f"{PREFIX}-{rule.name}", "name": rule.title, "severity": SEVERITY[rule.level]}


def _action(rule: Rule, lines: list[str], throttle_ms: int) -> JsonObject:
    return {
        "id": f"{PREFIX}-{rule.name}",
        "name": f"{PREFIX}-{rule.name}",
        "destination_id": CHANNEL,
        "subject_template": {"source": f"[{rule.level.value}] {rule.title}", "lang": "mustache"},
        "message_template": {"source": "\n".join(lines), "lang": "mustache"},
        "throttle_enabled": True,
        "throttle": {"value": max(1, throttle_ms // MINUTE_MS), "unit": "MINUTES"},
    }


def write_monitors(folder: Path) -> None:
    """Write every monitor, and remove those of rules that are gone."""
    texts = monitor_texts()
    for file in folder.glob("*.json"):
        if file.stem not in texts:
            file.unlink()
    for name, text in texts.items():
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_monitors(Path(sys.argv[1]))
