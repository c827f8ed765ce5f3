"""Spreads leases over forwarders: nobody has two more than somebody who could take one of them. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def balance(members: Mapping[str, Collection[str]], holders: Mapping[str, str]) -> dict[str, str]:
    """Who should hold each lease that somebody can serve.

    The same view gives the same answer everywhere. Whoever holds a lease keeps it, unless another member
    that can serve it has at least two fewer: so a new member is given work once, and nothing swings.

    Args:
        members: the forwarders that are alive, and the leases each can serve.
        holders: who holds a lease now; a holder that is no member counts as able to serve what it holds.
    """
    able: dict[str, set[str]] = {}
    for member, names in members.items():
        for name in names:
            able.setdefault(name, set()).add(member)
    owner = dict(holders)
    load = Counter(owner.values())

    def least(name: str) -> str:
        return min(able[name], key=lambda member: (load[member], member))

    for name in sorted(able.keys() - owner.keys()):
        owner[name] = least(name)
        load[owner[name]] += 1
    settled = False
    while not settled:  # ends, since each move makes the sum of the squared loads smaller
        settled = True
        for name in sorted(able):
            giver, taker = owner[name], least(name)
            if load[giver] - load[taker] > 1:
                owner[name] = taker
                load[giver] -= 1
                load[taker] += 1
                settled = False
    return owner
