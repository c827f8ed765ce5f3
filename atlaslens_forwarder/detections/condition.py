"""The condition of a Sigma rule: ``selection and not 1 of filter_*``. Pure.

Grammar of https://sigmahq.io/docs/basics/conditions.html without pipes, which Sigma has given up.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from atlaslens_forwarder.detections.syntax import Not, both, either

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.detections.syntax import Node

_TOKEN = re.compile(r"\s*(\(|\)|[\w*]+)")


class ConditionProblem(ValueError):  # noqa: N818  internal: the reader adds the place and raises its own
    """What is wrong with a condition, in words."""


def parse_condition(text: str, selections: Mapping[str, Node]) -> Node:
    """The tree that a condition makes of the selections.

    Raises:
        ConditionProblem: it cannot be read, or names a selection that is not there.
    """
    parser = _Parser(_tokens(text), selections)
    node = parser.any_of()
    if parser.rest:
        raise ConditionProblem(f"unexpected {parser.rest[0]!r} in the condition")
    unused = sorted(set(selections) - parser.used)
    if unused:
        raise ConditionProblem(f"the condition does not use {unused[0]}")
    return node


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        token = _TOKEN.match(text, at)
        if token is None:
            raise ConditionProblem(f"cannot read the condition from {text[at:].strip()[:20]!r} on")
        found.append(token[1])
        at = token.end()
    return found


class _Parser:
    """Recursive descent; ``not`` binds most tightly, then ``and``, then ``or``."""

    def __init__(self, tokens: list[str], selections: Mapping[str, Node]) -> None:
        self.rest = tokens
        self.used: set[str] = set()
        self._selections = selections

    def any_of(self) -> Node:
        parts = [self._all_of()]
        while self._take("or"):
            parts.append(self._all_of())
        return either(parts)

    def _all_of(self) -> Node:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return both(parts)

    def _one(self) -> Node:
        if self._take("not"):
            return Not(self._one())
        if self._take("("):
            inner = self.any_of()
            if not self._take(")"):
                raise ConditionProblem("a parenthesis is not closed")
            return inner
        word = self._next()
        if word in {"1", "all"} and self._take("of"):
            names = self._named(self._next())
            parts = [self._selections[name] for name in names]
            return either(parts) if word == "1" else both(parts)
        return self._selections[self._named(word)[0]]

    def _named(self, pattern: str) -> list[str]:
        pattern = "*" if pattern == "them" else pattern
        names = [name for name in self._selections if fnmatch.fnmatchcase(name, pattern)]
        if not names:
            raise ConditionProblem(f"no selection is called {pattern}")
        self.used.update(names)
        return names

    def _next(self) -> str:
        if not self.rest or self.rest[0] in {"and", "or", "of", ")"}:
            raise ConditionProblem("the condition lacks a selection")
        return self.rest.pop(0)

    def _take(self, word: str) -> bool:
        if self.rest and self.rest[0].lower() == word:
            self.rest.pop(0)
            return True
        return False
