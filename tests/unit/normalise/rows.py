"""Rows as the APIs serve them, for the tests of normalisation; every person and place is made up."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING

from atlaslens_forwarder.model.event import Event, EventContext, RawRow, Rejected
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.normalise import confluence_audit, jira_audit

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject

GOLDEN = Path(__file__).parent / "golden"
CONTEXT = EventContext("acme", "https://acme.atlassian.net", "11111111-2222-3333-4444-555555555555")


def golden_cases(name: str) -> list[JsonObject]:
    """The cases of ``golden/NAME.json``: title, row, identity, document."""
    cases: list[JsonObject] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return cases


def golden_row(name: str, title: str) -> JsonObject:
    """A fresh copy of one row."""
    return copy.deepcopy(next(case["row"] for case in golden_cases(name) if case["title"] == title))


def jira_event(row: JsonObject, identity: str = "1") -> Event | Rejected:
    """What the Jira normaliser makes of ``row``."""
    return jira_audit.normalise(RawRow(row, identity, parse_iso_ms(str(row["created"]))), CONTEXT)


def confluence_event(row: JsonObject, identity: str = "d1:0") -> Event | Rejected:
    """What the Confluence normaliser makes of ``row``."""
    return confluence_audit.normalise(RawRow(row, identity, row["creationDate"]), CONTEXT)


def document(outcome: Event | Rejected) -> JsonObject:
    """The document of an event; fails if the row was rejected."""
    assert isinstance(outcome, Event), outcome
    return outcome.doc


def paths(value: object, prefix: str = "") -> set[str]:
    """The dotted path of every leaf; lists are transparent, as they are to the store."""
    if isinstance(value, dict):
        return {
            leaf for key, item in value.items() for leaf in paths(item, f"{prefix}.{key}" if prefix else key)
        }
    if isinstance(value, list):
        return {leaf for item in value for leaf in paths(item, prefix)}
    return {prefix}
