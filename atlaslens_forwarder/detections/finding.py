"""What a rule found, and the alert that is made of it. Pure.

The id of an alert is a function of the rule and of the event at which it fired, so that looking again at
the same events, after a restart or in an overlapping window, makes the same alert and no second one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.detections.fields import first_of, values_of
from atlaslens_forwarder.model.time import iso_ms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atlaslens_forwarder.detections.rule import Rule, Threshold
    from atlaslens_forwarder.model.json import JsonObject

RULESET: Final = "atlaslens"
EVENTS_KEPT: Final = 50
"""Ids of counted events that an alert names; ``alert.count`` tells how many there are."""
_COPIED: Final = (
    "event.id",
    "event.action",
    "event.url",
    "event.dataset",
    "user.id",
    "user.full_name",
    "user.target.id",
    "user.target.full_name",
    "group.name",
    "source.ip",
    "organization.id",
    "organization.name",
    "atlassian.product",
    "atlassian.site",
    "atlassian.object.type",
    "atlassian.object.id",
    "atlassian.object.key",
    "atlassian.object.name",
    "atlassian.object.container",
    "message",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as a rule sees it."""

    id: str
    at_ms: int
    source: JsonObject


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule has something to tell: the event at which it fired, and all that it counted."""

    rule: Rule
    event: Seen
    events: tuple[Seen, ...]
    group: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Deterministic; see above."""
        parts = "\n".join((self.rule.id, *self.group, self.event.id))
        return hashlib.sha256(parts.encode()).hexdigest()


def crossings(when: Threshold, events: Sequence[Seen]) -> list[tuple[Seen, tuple[Seen, ...]]]:
    """Where a group's events cross the threshold: the event that does it, and those counted then.

    ``events`` are ordered by time and id. One burst crosses once: another crossing needs the count to have
    fallen below the threshold in between.
    """
    found: list[tuple[Seen, tuple[Seen, ...]]] = []
    first, above = 0, False
    for last, event in enumerate(events):
        while events[first].at_ms <= event.at_ms - when.timespan_ms:
            first += 1
        inside = events[first : last + 1]
        reached = _count(when, inside) >= when.at_least
        if reached and not above:
            found.append((event, tuple(inside)))
        above = reached
    return found


def _count(when: Threshold, events: Sequence[Seen]) -> int:
    if not when.field:
        return len(events)
    return len({str(value) for event in events for value in values_of(event.source, when.field)})


def alert_document(finding: Finding, now_ms: int, *, deliver: bool) -> JsonObject:
    """The document of ``atlaslens-alerts``; ``deliver`` says whether there is a webhook to be called."""
    rule, event = finding.rule, finding.event.source
    document: dict[str, Any] = {
        "@timestamp": iso_ms(finding.event.at_ms),
        "rule": {
            "id": rule.id,
            "name": rule.title,
            "ruleset": RULESET,
            "category": rule.kind,
            "reference": rule.page,
        },
        "alert": {
            "level": rule.level.value,
            "rule": rule.name,
            "kind": rule.kind,
            "created": iso_ms(now_ms),
            "count": len(finding.events),
            "first": iso_ms(min(each.at_ms for each in finding.events)),
            "events": [each.id for each in finding.events[-EVENTS_KEPT:]],
            **({"group": list(finding.group)} if finding.group else {}),
            **({"tags": list(rule.tags)} if rule.tags else {}),
        },
        "delivery": {"state": "pending", "attempts": 0, "next": iso_ms(now_ms)}
        if deliver
        else {"state": "none", "attempts": 0},
    }
    for path in _COPIED:
        if text := first_of(event, path):
            _put(document, path, text)
    if changes := values_of(event, "atlassian.change_summary"):
        _put(document, "atlassian.change_summary", [str(change) for change in changes])
    return document


def headline(alert: Mapping[str, Any]) -> str:
    """One line for people: what, who, at what; a person by name where the event has it, never by address."""
    document = dict(alert)
    who = first_of(document, "user.full_name") or first_of(document, "user.id") or "somebody"
    parts = [
        f"[{document['alert']['level']}] {document['rule']['name']}",
        f"{who}: {first_of(document, 'event.action')}",
        first_of(document, "atlassian.object.name"),
    ]
    count = document["alert"]["count"]
    return " · ".join(part for part in parts if part) + (f" ({count} events)" if count > 1 else "")


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    *parents, leaf = path.split(".")
    part = document
    for parent in parents:
        part = part.setdefault(parent, {})
    part[leaf] = value
