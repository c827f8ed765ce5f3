"""A rule's tree evaluated on one event, as OpenSearch would on the indexed event. Pure."""

from __future__ import annotations

import ipaddress
import string
from typing import TYPE_CHECKING

from atlaslens_forwarder.detections.fields import ACTION, Field, values_of
from atlaslens_forwarder.detections.syntax import And, Compare, Not, Op, Or

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.detections.syntax import Node
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def matches(node: Node, event: JsonObject, fields: Mapping[str, Field]) -> bool:
    """Whether the event is one that the rule's query would find."""
    match node:
        case And(parts):
            return all(matches(part, event, fields) for part in parts)
        case Or(parts):
            return any(matches(part, event, fields) for part in parts)
        case Not(part):
            return not matches(part, event, fields)
        case Compare():
            return _compare(node, event, fields)


def _compare(test: Compare, event: JsonObject, fields: Mapping[str, Field]) -> bool:
    field = fields[test.field]
    have = _indexed(event, test.field, field)
    match test.op:
        case Op.MISSING:
            return not have
        case Op.FIELD:
            return not set(have).isdisjoint(_indexed(event, str(test.value), fields[str(test.value)]))
        case Op.CIDR:
            return any(_within(value, str(test.value)) for value in have)
        case Op.EQUALS if field.type == "ip":
            return any(_within(value, str(test.value)) for value in have)
        case _:
            return any(_passes(test, value, exact=test.field == ACTION) for value in have)


def _indexed(event: JsonObject, path: str, field: Field) -> list[str]:
    """The values as they stand in the index, each as text."""
    found = [_text(value) for value in values_of(event, path)]
    return [text for text in found if not field.longest or _units(text) <= field.longest]


def _passes(test: Compare, value: str, *, exact: bool) -> bool:
    wanted = _text(test.value)
    if not exact or test.op is not Op.EQUALS:
        value, wanted = value.translate(_FOLD), wanted.translate(_FOLD)
    match test.op:
        case Op.CONTAINS:
            return wanted in value
        case Op.STARTS:
            return value.startswith(wanted)
        case Op.ENDS:
            return value.endswith(wanted)
        case _:
            return value == wanted


def _within(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network)
    except ValueError:  # no address: the strict mapping would have refused it
        return False


def _text(value: JsonValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2
