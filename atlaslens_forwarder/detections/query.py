"""A rule's tree as an OpenSearch query. Pure.

Sigma compares without case. ``case_insensitive`` of term, prefix and wildcard queries folds ASCII letters
only (AutomatonQueries in OpenSearch's sources), and so does ``evaluate.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.detections.fields import ACTION, Field
from atlaslens_forwarder.detections.syntax import And, Compare, Not, Op, Or

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.detections.syntax import Node
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

SAME_VALUE: Final = (
    "for (value in doc[params.one]) { if (doc[params.other].contains(value)) { return true } } return false"
)
"""Whether two keyword fields share a value; an absent field has none."""


def compile_query(node: Node, fields: Mapping[str, Field]) -> JsonObject:
    """The query that finds the events for which :func:`evaluate.matches` is true."""
    match node:
        case And(parts):
            return {"bool": {"filter": [compile_query(part, fields) for part in parts]}}
        case Or(parts):
            return {"bool": {"should": _choices(parts, fields), "minimum_should_match": "1"}}
        case Not(part):
            return {"bool": {"must_not": [compile_query(part, fields)]}}
        case Compare():
            return _compare(node, fields[node.field])


def _choices(parts: tuple[Node, ...], fields: Mapping[str, Field]) -> list[JsonValue]:
    """Each choice; the actions among them in one query, since rules list many."""
    actions: list[JsonValue] = [
        part.value
        for part in parts
        if isinstance(part, Compare) and part.field == ACTION and part.op is Op.EQUALS
    ]
    rest: list[JsonValue] = [
        compile_query(part, fields)
        for part in parts
        if not (isinstance(part, Compare) and part.field == ACTION and part.op is Op.EQUALS)
    ]
    return [{"terms": {ACTION: actions}}, *rest] if actions else rest


def _compare(test: Compare, field: Field) -> JsonObject:
    name, value = test.field, test.value
    if test.op is Op.MISSING:
        return {"bool": {"must_not": [{"exists": {"field": name}}]}}
    if test.op is Op.FIELD:
        params: JsonObject = {"one": name, "other": value}
        return {"script": {"script": {"lang": "painless", "source": SAME_VALUE, "params": params}}}
    kind, pattern = {
        Op.EQUALS: ("term", value),
        Op.CIDR: ("term", value),
        Op.STARTS: ("prefix", value),
        Op.CONTAINS: ("wildcard", f"*{value}*"),
        Op.ENDS: ("wildcard", f"*{value}"),
    }[test.op]
    exact = test.op is Op.EQUALS and name == ACTION
    folded: JsonObject = {} if exact or field.type != "keyword" else {"case_insensitive": True}
    # OpenSearch itself writes a wildcard query so; monitors are compared with what it stored.
    key = "wildcard" if kind == "wildcard" else "value"
    return {kind: {name: {key: pattern, **folded}}}
