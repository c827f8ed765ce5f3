"""What stands out in a person's deeds, compared with the 90 days before. Pure.

First-time actions and addresses are exact: each one seen is asked for in the time before. An hour is rare if
less than one in a hundred of the earlier deeds fell into it. Without enough earlier deeds nothing is called
unusual.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.views.model import SCRIPTS, Index, Part
from atlaslens_forwarder.views.queries import filter_clauses
from atlaslens_forwarder.views.shown import Cell, Table, Words
from atlaslens_forwarder.views.wording import label, number, when

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.views.queries import Filters

LOOK_BACK_MS: Final = 90 * DAY_MS
ENOUGH: Final = 20
"""Fewer deeds before than this tell nothing of a person's habits."""
RARE: Final = 0.01
ACTOR_FIELDS: Final = (
    "user.id",
    "user.full_name",
    "user.email_blind",
    "atlassian.author_key",
    "atlassian.author.email_blind",
)
"""Where the person acted; what was done to him or her tells nothing of habits."""
WATCHED: Final = {"action": "event.action", "address": "source.ip"}
NO_PERSON: Final = Words("Choose a person: what is unusual is told against that person's own habits.")
TOO_LITTLE: Final = Words(
    "This person did too little in the 90 days before to tell what is unusual; or that time was not read."
)
_KINDS: Final = {"action": "first-time action", "address": "new address"}
_MOST: Final = 200


def now_body(filters: Filters) -> dict[str, Any]:
    """What the person did in the chosen time: actions, addresses and hours, with first times."""
    first = {"first": {"min": {"field": "@timestamp"}}}
    aggs: dict[str, Any] = {
        name: {"terms": {"field": field, "size": _MOST}, "aggs": first} for name, field in WATCHED.items()
    }
    aggs["hour"] = {"terms": {"script": _hours(), "size": 24}, "aggs": first}
    return {"size": 0, "track_total_hits": True, "query": _deeds(filters), "aggs": aggs}


def before_body(filters: Filters, now: Mapping[str, Any]) -> dict[str, Any]:
    """How often the same was done in the time before."""
    earlier = replace(filters, from_ms=filters.from_ms - LOOK_BACK_MS, to_ms=filters.from_ms, actions=())
    aggs: dict[str, Any] = {"hour": {"terms": {"script": _hours(), "size": 24}}}
    for name, field in WATCHED.items():
        seen = [str(bucket["key"]) for bucket in now["aggregations"][name]["buckets"]]
        if seen:
            aggs[name] = {"filters": {"filters": {each: {"term": {field: each}} for each in seen}}}
    return {"size": 0, "track_total_hits": True, "query": _deeds(earlier), "aggs": aggs}


def unusual(now: Mapping[str, Any], before: Mapping[str, Any]) -> Table | Words | None:
    """The rows that stand out; None where nothing does, words where it cannot be told."""
    if not now["hits"]["total"]["value"]:
        return None
    deeds = int(before["hits"]["total"]["value"])
    if deeds < ENOUGH:
        return TOO_LITTLE
    rows: list[tuple[float, tuple[Cell, ...]]] = []
    for name, kind in _KINDS.items():
        known = before["aggregations"].get(name, {}).get("buckets", {})
        for bucket in now["aggregations"][name]["buckets"]:
            key = str(bucket["key"])
            if not known[key]["doc_count"]:
                rows.append(_row(kind, label(key), bucket, "never"))
    hours = {int(each["key"]): each["doc_count"] for each in before["aggregations"]["hour"]["buckets"]}
    for bucket in now["aggregations"]["hour"]["buckets"]:
        hour = int(bucket["key"])
        if hours.get(hour, 0) < RARE * deeds:
            told = f"{number(hours.get(hour, 0))} of {number(deeds)} deeds"
            rows.append(_row("rare hour", f"{hour:02}:00–{hour:02}:59 UTC", bucket, told))
    rows.sort(key=lambda row: row[0])
    columns = ("First (UTC)", "What stands out", "Value", "Events", "In the 90 days before")
    return Table(columns, tuple(cells for _, cells in rows)) if rows else None


def _row(kind: str, value: str, bucket: Mapping[str, Any], before: str) -> tuple[float, tuple[Cell, ...]]:
    first, count = float(bucket["first"]["value"]), int(bucket["doc_count"])
    cells = (Cell(when(first)), Cell(kind), Cell(value), Cell(number(count), number=count), Cell(before))
    return first, cells


def _deeds(filters: Filters) -> dict[str, Any]:
    acted = [{"terms": {field: [*filters.people]}} for field in ACTOR_FIELDS]
    clauses = filter_clauses(Index.EVENTS, filters)
    return {"bool": {"filter": [*clauses, {"bool": {"should": acted, "minimum_should_match": 1}}]}}


def _hours() -> dict[str, str]:
    return {"source": SCRIPTS[Part.HOUR], "lang": "painless"}
