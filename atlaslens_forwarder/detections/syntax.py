"""What a rule asks of an event, as a tree. Pure.

The same tree is compiled to an OpenSearch query (``query.py``) and evaluated on one event (``evaluate.py``);
a property test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Op(StrEnum):
    """How a field is compared; the names are Sigma's modifiers where there is one."""

    EQUALS = "equals"
    CONTAINS = "contains"
    STARTS = "startswith"
    ENDS = "endswith"
    CIDR = "cidr"
    FIELD = "fieldref"
    MISSING = "null"


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison; true if any value of the field passes it."""

    field: str
    op: Op
    value: str | int | bool | None = None


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    part: Node


Node: TypeAlias = "Compare | And | Or | Not"


def both(parts: list[Node]) -> Node:
    """All of them; one alone stands for itself."""
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def either(parts: list[Node]) -> Node:
    """At least one of them; one alone stands for itself."""
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def fields_of(node: Node) -> set[str]:
    """Every field that a tree looks at."""
    match node:
        case Compare(field, Op.FIELD, value):
            return {field, str(value)}
        case Compare(field):
            return {field}
        case Not(part):
            return fields_of(part)
        case And(parts) | Or(parts):
            return set().union(*(fields_of(part) for part in parts))
