"""The part of JQL that collectors use: conditions joined by AND, and an order.

Times: unquoted epoch milliseconds, a relative ``-15m`` (quoted or not), or a quoted literal, which has
minute precision and is read in the caller's profile time zone (airbytehq/airbyte#48492).
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS, to_ms
from atlaslens_forwarder.simulator.apis.jira_work.paging import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.simulator.world.work.records import Issue, Mark

UNBOUNDED: Final = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
_TOO_MANY_FIELDS: Final = "JQL can be ordered by at most 7 fields."
_MOST_FIELDS: Final = 7
_TOKEN: Final = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|(>=|<=|!=|[=<>(),])|([^\s=<>!(),"']+))""")
_RELATIVE: Final = re.compile(r"([+-]?)((?:\d+[wdhm]\s*)+)")
_UNIT_MS: Final = {"w": 7 * DAY_MS, "d": DAY_MS, "h": HOUR_MS, "m": MINUTE_MS}
_FORMS: Final = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_COMPARE: Final = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_TIMES: Final = frozenset({"updated", "updateddate", "created", "createddate"})
_SETS: Final = frozenset({"project", "projecttype", "key", "issuekey", "issue", "id"})

Value = int | str | list[int | str]
"""A place in an order, as it travels in page tokens."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An issue as the search index knows it: its last known touch."""

    issue: Issue
    mark: Mark


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions, and fields to order by with whether they descend."""

    conditions: tuple[Callable[[Indexed], bool], ...]
    orders: tuple[tuple[str, bool], ...]

    def matches(self, one: Indexed) -> bool:
        """Whether all conditions hold."""
        return all(condition(one) for condition in self.conditions)

    def place(self, one: Indexed) -> list[Value]:
        """Where the issue stands in the order; ids break ties."""
        return [*(_value(name, one) for name, _ in self.orders), int(one.issue.id)]

    def compare(self, left: list[Value], right: list[Value]) -> int:
        """Below zero where the left place comes first."""
        descends = [*(down for _, down in self.orders), False]
        for one, other, down in zip(left, right, descends, strict=True):
            if one != other:
                return 1 if (one > other) is not down else -1  # type: ignore[operator]
        return 0


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    quoted: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and not self.quoted and self.text.lower() == other

    __hash__ = None  # type: ignore[assignment]


class Reader:
    """Reads one query.

    Args:
        now_ms: what relative times count from.
        zone: where quoted times are at home.
        resolve: the id of an issue by its id or any key it had; None where there is none to be seen.
    """

    def __init__(self, now_ms: int, zone: str, resolve: Callable[[str], str | None]) -> None:
        self._now_ms = now_ms
        self._zone = ZoneInfo(zone)
        self._resolve = resolve
        self._words: list[_Word] = []

    def read(self, text: str) -> Query:
        """The query.

        Raises:
            BadRequestError: it cannot be read, is unbounded, or is beyond what the simulator understands.
        """
        self._words = _words(text)
        conditions = []
        while self._words and self._words[0] != "order":
            conditions.append(self._condition())
            if self._words and self._words[0] != "order":
                self._expect("and")
        orders = self._orders()
        if not conditions:
            raise BadRequestError(UNBOUNDED)
        return Query(tuple(conditions), orders)

    def _next(self) -> _Word:
        if not self._words:
            raise BadRequestError("Error in the JQL Query: the query ends too early.")
        return self._words.pop(0)

    def _expect(self, *wanted: str) -> _Word:
        word = self._next()
        if word not in wanted:
            raise BadRequestError(
                f"Error in the JQL Query: Expecting {' or '.join(wanted)} but got '{word.text}'."
            )
        return word

    def _condition(self) -> Callable[[Indexed], bool]:
        name = self._next().text.lower()
        if name in _TIMES:
            return self._time_condition(name)
        if name in _SETS:
            return self._set_condition(name)
        raise BadRequestError(f"Field '{name}' does not exist or you do not have permission to view it.")

    def _time_condition(self, name: str) -> Callable[[Indexed], bool]:
        sign = self._expect("=", *_COMPARE).text
        at_ms, precision_ms = self._time(self._next())
        updated = name.startswith("updated")

        def matches(one: Indexed) -> bool:
            own_ms = one.mark.at_ms if updated else one.issue.created_at_ms
            if sign == "=":
                return at_ms <= own_ms < at_ms + precision_ms
            return bool(_COMPARE[sign](own_ms, at_ms))

        return matches

    def _time(self, word: _Word) -> tuple[int, int]:
        """Epoch milliseconds, and how long a moment lasts."""
        text = word.text.strip()
        if text.isascii() and text.isdigit():
            return int(text), 1
        if text.lower() == "now":
            self._expect("(")
            self._expect(")")
            return self._now_ms, 1
        relative = _RELATIVE.fullmatch(text)
        if relative is not None:
            parts = re.findall(r"(\d+)([wdhm])", relative[2])
            by_ms = sum(int(number) * _UNIT_MS[unit] for number, unit in parts)
            return self._now_ms + (-by_ms if relative[1] == "-" else by_ms), 1
        for form in _FORMS if word.quoted else _FORMS[2:]:
            try:
                return to_ms(datetime.strptime(text, form).replace(tzinfo=self._zone)), MINUTE_MS
            except ValueError:
                continue
        raise BadRequestError(
            f"Date value '{text}' for field is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
            "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
        )

    def _set_condition(self, name: str) -> Callable[[Indexed], bool]:
        sign = self._expect("=", "!=", "in", "not")
        if sign == "not":
            self._expect("in")
        wanted = [self._next().text] if sign in ("=", "!=") else self._listed()
        inverted = sign in ("!=", "not")
        if name == "project":
            names = {one.lower() for one in wanted}

            def matches(one: Indexed) -> bool:
                place = one.issue.place_at(one.mark.at_ms).project
                return bool({place.key.lower(), place.id, place.name.lower()} & names)

        elif name == "projecttype":
            kinds = {one.lower() for one in wanted}

            def matches(one: Indexed) -> bool:
                return one.issue.place_at(one.mark.at_ms).project.kind in kinds

        else:
            ids = {self._id(one) for one in wanted}

            def matches(one: Indexed) -> bool:
                return one.issue.id in ids

        return lambda one: matches(one) is not inverted

    def _id(self, text: str) -> str:
        found = self._resolve(text)
        if found is None:
            raise BadRequestError(f"An issue with key '{text}' does not exist for field 'key'.")
        return found

    def _listed(self) -> list[str]:
        self._expect("(")
        values = [self._next().text]
        while self._expect(",", ")") == ",":
            values.append(self._next().text)
        return values

    def _orders(self) -> tuple[tuple[str, bool], ...]:
        orders: list[tuple[str, bool]] = []
        if not self._words:
            return (("id", True),)
        self._expect("order")
        self._expect("by")
        while True:
            name = self._next().text.lower()
            if name not in _TIMES | {"key", "issuekey", "id"}:
                raise BadRequestError(f"Not able to sort using field '{name}'.")
            down = False
            if self._words and self._words[0] != ",":
                down = self._expect("asc", "desc") == "desc"
            orders.append((name, down))
            if not self._words:
                break
            self._expect(",")
        if len(orders) > _MOST_FIELDS:
            raise BadRequestError(_TOO_MANY_FIELDS)
        return tuple(orders)


def _words(text: str) -> list[_Word]:
    words, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadRequestError(
                f"Error in the JQL Query: The character '{text[at:].strip()[:1]}' is reserved."
            )
        quoted = match[1] if match[1] is not None else match[2]
        words.append(_Word(match[3] or match[4]) if quoted is None else _Word(quoted, quoted=True))
        at = match.end()
    return words


def _value(name: str, one: Indexed) -> Value:
    if name.startswith("updated"):
        return one.mark.at_ms
    if name.startswith("created"):
        return one.issue.created_at_ms
    if name == "id":
        return int(one.issue.id)
    place = one.issue.place_at(one.mark.at_ms)
    return [place.project.key, place.number]
