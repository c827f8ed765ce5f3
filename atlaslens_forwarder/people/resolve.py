"""Which records are one person. Pure and deterministic: the order of the records plays no part.

* Records that share an id (account id, legacy key, Bitbucket uuid) are one person, and so is whoever shares
  one with either of them.
* A blind index of an e-mail address joins records as well, as long as no two accounts come together by it:
  addresses are passed on to successors and shared by teams, accounts are not. Where they would, all records
  that hang together by addresses stay apart, and each keeps the address.
* Names join nobody.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Identity:
    """One record: its ids of any kind, those of them that are account ids, and its blind indexes."""

    ids: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    blinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Individual:
    """One person: everything that leads to him or her, and the positions of the records it came from."""

    ids: frozenset[str]
    accounts: frozenset[str]
    blinds: frozenset[str]
    records: tuple[int, ...]

    @property
    def name(self) -> str:
        """A lasting name: the lowest account id, else the lowest id, else the lowest blind index."""
        return min(self.accounts or self.ids or self.blinds, default="")

    @property
    def terms(self) -> tuple[str, ...]:
        """What finds the person's events, sorted."""
        return tuple(sorted(self.ids | self.blinds))


def resolve(records: Sequence[Identity]) -> list[Individual]:
    """The people behind the records, ordered by name; every record belongs to exactly one."""
    by_id = _components(range(len(records)), [record.ids | record.accounts for record in records])
    sure = [_merged(records, part) for part in by_id]
    found: list[Individual] = []
    for part in _components(range(len(sure)), [one.blinds for one in sure]):
        together = [sure[position] for position in part]
        if sum(bool(one.accounts) for one in together) <= 1:
            positions = sorted(position for one in together for position in one.records)
            found.append(_merged(records, positions))
        else:
            found += together
    return sorted(found, key=lambda one: (one.name, one.terms, one.records))


def _merged(records: Sequence[Identity], positions: Sequence[int]) -> Individual:
    parts = [records[position] for position in positions]
    accounts = frozenset().union(*(part.accounts for part in parts))
    return Individual(
        ids=frozenset().union(*(part.ids for part in parts)) | accounts,
        accounts=accounts,
        blinds=frozenset().union(*(part.blinds for part in parts)),
        records=tuple(positions),
    )


def _components(positions: Iterable[int], marks: Sequence[Iterable[str]]) -> list[list[int]]:
    """Positions that hang together by common marks: union-find with path halving."""
    parent = [*positions]

    def root(position: int) -> int:
        while parent[position] != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    first: dict[str, int] = {}
    for position, own in enumerate(marks):
        for mark in own:
            parent[root(position)] = root(first.setdefault(mark, position))
    parts: defaultdict[int, list[int]] = defaultdict(list)
    for position in range(len(parent)):
        parts[root(position)].append(position)
    return [*parts.values()]
