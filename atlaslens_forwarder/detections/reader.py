"""Reads one rule file: Sigma's own format, with what Sigma has no word for under ``atlaslens``. Pure.

A file holds one rule, or a rule and the Sigma correlation that counts its events. Everything is checked: a
misspelt field or action is an error with file and line, never a rule that silently finds nothing.
Formats: https://sigmahq.io/sigma-specification/ (rules 2.0, correlations 2.0).
"""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.detections.condition import ConditionProblem, parse_condition
from atlaslens_forwarder.detections.located import HINT, Located, read_documents
from atlaslens_forwarder.detections.rule import Level, LookBack, Past, Rule, Scope, Threshold
from atlaslens_forwarder.detections.selection import Vocabulary, read_selection
from atlaslens_forwarder.detections.syntax import Or
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.detections.syntax import Node

STATUSES: Final = ("stable", "test", "experimental", "deprecated", "unsupported")
_REQUIRED: Final = ("title", "id", "status", "description", "author", "date", "level")
_RULE: Final = frozenset(
    (
        *_REQUIRED,
        "name",
        "references",
        "tags",
        "logsource",
        "detection",
        "fields",
        "falsepositives",
        "atlaslens",
    )
)
_CORRELATION: Final = (_RULE - {"logsource", "detection"}) | {"correlation"}
_SPAN = re.compile(r"(\d+)([smhd])")
_UNITS: Final = {"s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_TAG = re.compile(r"attack\.(t\d{4}(\.\d{3})?|[a-z]+(-[a-z]+)*)")
_NOTHING: Final = Or(())
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_rule(file: str, text: str, words: Vocabulary) -> Rule:
    """The rule of a file, named like it.

    Raises:
        ConfigError: file, line, and what is wrong.
    """
    documents = list(read_documents(file, text))
    if not 1 <= len(documents) <= 2:  # noqa: PLR2004  a rule, and perhaps its correlation
        raise ConfigError(f"{file}:1: holds {len(documents)} documents instead of a rule", hint=HINT)
    name = file.rpartition("/")[2].removesuffix(".yml")
    base = documents[0]
    rule = _rule(name, base, words, counted=len(documents) > 1)
    return rule if len(documents) == 1 else _correlation(rule, base, documents[1], words)


def _rule(name: str, body: Located, words: Vocabulary, *, counted: bool) -> Rule:
    items = _known(body, _RULE)
    for key in ("logsource", "detection"):
        _need(body, items, key)
    rule = _head(name, body, items, runbook_needed=not counted)
    rule = replace(rule, scope=_scope(items["logsource"]), node=_detection(items["detection"], words))
    custom = items["atlaslens"].items() if "atlaslens" in items else {}
    if "look_back" in custom:
        rule = replace(rule, when=_look_back(custom["look_back"], words))
    for part in items["fields"].parts() if "fields" in items else ():
        words.checked_field(part.text(), part)
    return rule


def _head(name: str, body: Located, items: Mapping[str, Located], *, runbook_needed: bool) -> Rule:
    """What every document says of itself; node and scope are still empty."""
    for key in _REQUIRED:
        _need(body, items, key)
    _uuid(items["id"])
    level, status, date = items["level"].text(), items["status"].text(), str(items["date"].value())
    if level not in set(Level):
        raise items["level"].wrong(f"{level} is no level ({', '.join(Level)})")
    if status not in STATUSES:
        raise items["status"].wrong(f"{status} is no status ({', '.join(STATUSES)})")
    if not _DATE.fullmatch(date):
        raise items["date"].wrong("the date must be written as 2026-01-31")
    for tag in items["tags"].parts() if "tags" in items else ():
        if not _TAG.fullmatch(tag.text()):
            raise tag.wrong(f"{tag.text()} is no tag of MITRE ATT&CK such as attack.t1098")
    custom = _known(items["atlaslens"], {"runbook", "look_back"}) if "atlaslens" in items else {}
    if runbook_needed and "runbook" not in custom:
        raise body.wrong("atlaslens.runbook is missing")
    return Rule(
        name=name,
        id=items["id"].text(),
        title=items["title"].text(),
        description=items["description"].text(),
        level=Level(level),
        scope=Scope.AUDIT,
        node=_NOTHING,
        runbook=custom["runbook"].text() if "runbook" in custom else "",
        status=status,
        author=items["author"].text(),
        date=date,
        references=_texts(items, "references"),
        tags=_texts(items, "tags"),
        fields=_texts(items, "fields"),
        false_positives=_texts(items, "falsepositives"),
    )


def _correlation(base: Rule, first: Located, body: Located, words: Vocabulary) -> Rule:
    items = _known(body, _CORRELATION)
    _need(body, items, "correlation")
    head = _head(base.name, body, items, runbook_needed=True)
    inner = _known(
        items["correlation"], {"type", "rules", "group-by", "timespan", "condition"}, all_needed=True
    )
    called = first.items()
    if "name" not in called or inner["rules"].texts() != (called["name"].text(),):
        raise inner["rules"].wrong("a correlation names the rule above it by its name, and no other")
    condition = _known(inner["condition"], {"gte", "field"})
    _need(inner["condition"], condition, "gte")
    kind = inner["type"].text()
    if (kind, "field" in condition) not in {("event_count", False), ("value_count", True)}:
        raise inner["type"].wrong("type is event_count, or value_count with a field")
    at_least = condition["gte"].value()
    if type(at_least) is not int or at_least < 2:  # noqa: PLR2004
        raise condition["gte"].wrong("gte is a whole number from 2 on")
    for part in (*inner["group-by"].parts(), *([condition["field"]] if "field" in condition else [])):
        words.checked_field(part.text(), part)
    when = Threshold(
        at_least,
        inner["group-by"].texts(),
        span_ms(inner["timespan"]),
        condition["field"].text() if "field" in condition else "",
    )
    return replace(head, scope=base.scope, node=base.node, when=when, fields=head.fields or base.fields)


def _detection(body: Located, words: Vocabulary) -> Node:
    items = body.items()
    _need(body, items, "condition")
    condition = items.pop("condition")
    selections = {name: read_selection(part, words) for name, part in items.items()}
    try:
        return parse_condition(condition.text(), selections)
    except ConditionProblem as problem:
        raise condition.wrong(str(problem)) from None


def _scope(body: Located) -> Scope:
    items = _known(body, {"product", "service"}, all_needed=True)
    if items["product"].text() != "atlassian":
        raise items["product"].wrong("product must be atlassian")
    service = items["service"].text()
    if service not in set(Scope):
        raise items["service"].wrong(f"service is one of {', '.join(Scope)}")
    return Scope(service)


def _look_back(body: Located, words: Vocabulary) -> LookBack:
    items = _known(body, {"kind", "by", "period", "quiet"})
    for key in ("kind", "by", "period"):
        _need(body, items, key)
    kind = items["kind"].text()
    if kind not in set(Past) or (kind == Past.DORMANT) != ("quiet" in items):
        raise items["kind"].wrong("kind is first-time, or dormant with quiet")
    for part in items["by"].parts():
        words.checked_field(part.text(), part)
    quiet_ms = span_ms(items["quiet"]) if "quiet" in items else 0
    return LookBack(Past(kind), items["by"].texts(), span_ms(items["period"]), quiet_ms)


def span_ms(body: Located) -> int:
    """A time such as ``10m`` in milliseconds.

    Raises:
        ConfigError: it is none.
    """
    found = _SPAN.fullmatch(body.text())
    if found is None or int(found[1]) == 0:
        raise body.wrong("a time is written as 10m, 1h or 30d")
    return int(found[1]) * _UNITS[found[2]]


def _uuid(body: Located) -> None:
    try:
        uuid.UUID(body.text())
    except ValueError:
        raise body.wrong("id must be a UUID") from None


def _known(body: Located, keys: frozenset[str] | set[str], *, all_needed: bool = False) -> dict[str, Located]:
    items = body.items()
    for key, part in items.items():
        if key not in keys:
            raise part.wrong(f"unknown key {key}")
    for key in sorted(keys) if all_needed else ():
        _need(body, items, key)
    return items


def _need(body: Located, items: Mapping[str, Located], key: str) -> None:
    if key not in items:
        raise body.wrong(f"{key} is missing")


def _texts(items: Mapping[str, Located], key: str) -> tuple[str, ...]:
    return items[key].texts() if key in items else ()
