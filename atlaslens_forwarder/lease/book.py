"""The state machine of one forwarder's leases: what was seen, what is held, what to do next. Pure.

Rules, with ``ttl`` the validity of a lease:

1. A holder believes in its lease for one ttl from the moment *before* it sent its last successful write.
2. A follower takes a lease over once it has seen one and the same version for a whole ttl, counted from the
   moment *after* that version came to it.
3. Every write names the version it replaces, so of two writers one wins.

A write lies between 1 and 2, so the belief ends before anybody takes over, as long as the two clocks run at
the same speed; that they show the same time is not needed. Where they do not (a virtual machine that was
suspended), the token fences: each takeover has a greater one, and the cursor takes no lesser one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from atlaslens_forwarder.lease.balance import balance

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Version: TypeAlias = tuple[int, int]
"""``_primary_term`` and ``_seq_no`` of a document: another one after each write."""
POLLS_PER_TTL: Final = 3
"""Leases are read and renewed three times within their validity: two may fail."""
LEAST_WAIT_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Record:
    """A lease as it was read; ``holder`` is empty after a release."""

    holder: str
    token: int
    ttl_s: float
    version: Version


@dataclass(frozen=True, slots=True)
class Peer:
    """Another forwarder's sign of life, and the leases it can serve."""

    version: Version
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What to do now. All is by name of a lease.

    ``take`` has the new token and whom it is taken from (empty if it was free); ``renew`` is to be written
    again; ``hand_over`` is held, but somebody else should: end its work, then release it; ``lost`` was held
    until now.
    """

    take: dict[str, tuple[int, str]] = field(default_factory=dict)
    renew: tuple[str, ...] = ()
    hand_over: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(slots=True)
class _Held:
    token: int
    confirmed_s: float


class LeaseBook:
    """What one forwarder knows of all leases.

    Args:
        me: this forwarder; another one has another name, and so has this one after a restart.
        names: the leases that it can serve.
        ttl_s: how long a lease of ours is valid without being renewed.
    """

    def __init__(self, me: str, names: Collection[str], ttl_s: float) -> None:
        self.me = me
        self.names = frozenset(names)
        self.ttl_s = ttl_s
        self._held: dict[str, _Held] = {}
        self._since: dict[str, tuple[Version, float]] = {}
        self._wake_s: list[float] = []

    def observe(
        self, records: Mapping[str, Record], peers: Mapping[str, Peer], now_s: float, *, leaving: bool = False
    ) -> Decisions:
        """Judge what was just read.

        Args:
            records: all leases that exist.
            peers: all other forwarders that give signs of life, by their names.
            now_s: this process's monotonic time *after* the answer came.
            leaving: nothing new is taken.
        """
        self._wake_s = []
        lost = [*self.lapsed(now_s)]
        lost += [name for name in self._held if not self._is_ours(records.get(name), self._held[name].token)]
        for name in lost:
            self._held.pop(name, None)
        holders = dict.fromkeys(self._held, self.me)
        for name, record in records.items():
            foreign = record.holder not in {"", self.me}
            if foreign and not self._silent(f"lease {name}", record.version, record.ttl_s, now_s):
                holders[name] = record.holder
        members = {
            peer: found.names
            for peer, found in peers.items()
            if not self._silent(f"peer {peer}", found.version, self.ttl_s, now_s)
        }
        there = {f"lease {name}" for name in records} | {f"peer {name}" for name in peers}
        self._since = {key: seen for key, seen in self._since.items() if key in there}
        plan = balance(members | {self.me: self.names}, holders)
        free = sorted(self.names - holders.keys()) if not leaving else ()
        return Decisions(
            take={name: _successor(records.get(name), self.me) for name in free if plan[name] == self.me},
            renew=tuple(self._held),
            hand_over=tuple(name for name in self._held if plan[name] != self.me),
            lost=tuple(lost),
        )

    def confirm(self, name: str, token: int, asked_s: float) -> None:
        """A write of ours succeeded; ``asked_s`` is the monotonic time before it was sent."""
        self._held[name] = _Held(token, asked_s)

    def drop(self, name: str) -> None:
        """It is not ours any more: released, or a write was refused."""
        self._held.pop(name, None)

    def lapsed(self, now_s: float) -> tuple[str, ...]:
        """Leases that we must not believe in any more, although nobody took them yet; dropped herewith."""
        found = tuple(name for name, held in self._held.items() if now_s >= held.confirmed_s + self.ttl_s)
        for name in found:
            del self._held[name]
        return found

    def token(self, name: str) -> int | None:
        """The token under which we hold a lease, None when we do not."""
        held = self._held.get(name)
        return None if held is None else held.token

    def valid_until_s(self, name: str) -> float:
        """When our belief in a lease that we hold ends."""
        return self._held[name].confirmed_s + self.ttl_s

    def wait_s(self, now_s: float) -> float:
        """Seconds until there is something to do: the next poll, or earlier when something falls due."""
        due_s = min([*self._wake_s, now_s + self.ttl_s / POLLS_PER_TTL])
        return max(LEAST_WAIT_S, due_s - now_s)

    def _is_ours(self, record: Record | None, token: int) -> bool:
        return record is not None and (record.holder, record.token) == (self.me, token)

    def _silent(self, key: str, version: Version, ttl_s: float, now_s: float) -> bool:
        """Whether a version has not changed for a whole ttl since it was first seen here."""
        known, since_s = self._since.get(key, (None, now_s))
        if known != version:
            self._since[key], since_s = (version, now_s), now_s
        if now_s - since_s >= ttl_s:
            return True
        self._wake_s.append(since_s + ttl_s)
        return False


def _successor(record: Record | None, me: str) -> tuple[int, str]:
    if record is None:
        return 1, ""
    return record.token + 1, "" if record.holder == me else record.holder
