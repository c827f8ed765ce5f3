"""The selections of a Sigma rule: fields, modifiers and values, checked against the templates. Pure.

Supported modifiers: ``contains``, ``startswith``, ``endswith``, ``cidr``, ``fieldref``, and ``all`` after
one of them. Wildcards in values are refused: the modifiers say more clearly what is meant.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.detections.fields import ACTION, Field
from atlaslens_forwarder.detections.syntax import Compare, Op, both, either

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.detections.located import Located
    from atlaslens_forwarder.detections.syntax import Node

_OPS: Final = {op.value: op for op in (Op.CONTAINS, Op.STARTS, Op.ENDS, Op.CIDR, Op.FIELD)}
_WILD: Final = frozenset("*?\\")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What rules may speak of."""

    fields: Mapping[str, Field]
    actions: frozenset[str]

    def checked_field(self, name: str, place: Located) -> Field:
        """The field of that name.

        Raises:
            ConfigError: there is none that can be compared by value.
        """
        if name not in self.fields:
            raise place.wrong(f"{name} is no field that can be compared (docs/fields.md)")
        return self.fields[name]


def read_selection(body: Located, words: Vocabulary) -> Node:
    """The tree of one selection: a mapping of fields, or a list of such mappings of which one must hold.

    Raises:
        ConfigError: it cannot be read, or speaks of what is not there.
    """
    if body.is_list:
        parts = [read_selection(part, words) for part in body.parts()]
        if not parts:
            raise body.wrong("a selection is empty")
        return either(parts)
    items = body.items()
    if not items:
        raise body.wrong("a selection is empty")
    return both([_item(key, value, words) for key, value in items.items()])


def _item(key: str, body: Located, words: Vocabulary) -> Node:
    name, *modifiers = key.split("|")
    field = words.checked_field(name, body)
    every = modifiers[-1:] == ["all"]
    if every:
        modifiers.pop()
    unknown = [modifier for modifier in modifiers if modifier not in _OPS]
    if unknown or len(modifiers) > 1:
        raise body.wrong(f"{key}: this combination of modifiers is not supported")
    op = _OPS[modifiers[0]] if modifiers else Op.EQUALS
    parts: list[Node] = [_test(name, field, op, part, words) for part in body.parts()]
    if not parts:
        raise body.wrong(f"{name} has no value")
    return both(parts) if every else either(parts)


def _test(name: str, field: Field, op: Op, place: Located, words: Vocabulary) -> Compare:
    value = place.value()
    if value is None and op is Op.EQUALS:
        return Compare(name, Op.MISSING)
    if op is Op.FIELD:
        other = words.checked_field(str(value), place)
        if (field.type, other.type) != ("keyword", "keyword"):
            raise place.wrong("fieldref compares fields of the type keyword only")
        return Compare(name, op, str(value))
    if field.type == "ip":
        if op not in {Op.EQUALS, Op.CIDR} or not _network(value):
            raise place.wrong(f"{name} is compared with addresses and networks only")
        return Compare(name, op, str(value))
    if field.type in {"boolean", "long"}:
        wanted = bool if field.type == "boolean" else int
        if op is not Op.EQUALS or type(value) is not wanted:
            raise place.wrong(f"{name} is compared with a {field.type} value only")
        return Compare(name, op, value)
    return _text_test(name, op, value, place, words)


def _text_test(name: str, op: Op, value: object, place: Located, words: Vocabulary) -> Compare:
    if op is Op.CIDR:
        raise place.wrong(f"{name} is no address")
    if not isinstance(value, str) or not value:
        raise place.wrong(f"{name} is compared with texts only")
    if _WILD & set(value):
        raise place.wrong(f"{name}: no wildcards in values, use contains, startswith or endswith")
    if name == ACTION and op is Op.EQUALS and value not in words.actions:
        raise place.wrong(f"{value} is no action (docs/actions.md)")
    return Compare(name, op, value)


def _network(value: object) -> bool:
    try:
        ipaddress.ip_network(str(value))
    except ValueError:
        return False
    return True
