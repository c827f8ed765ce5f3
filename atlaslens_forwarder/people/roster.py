"""What a site says about people at one time, as read from its APIs. Pure; lives in memory only.

This is the one place where an e-mail address is held in clear, from the answer until it is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

FORMER_USER: Final = "Former user"
"""Atlassian's name for an account that is closed and whose data was erased."""


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """An account as an API shows it; empty is what it does not tell."""

    account_id: str = ""
    uuid: str = ""
    name: str = ""
    kind: str = ""
    active: bool | None = None
    email: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """The id of its record."""
        return self.account_id or self.uuid

    @property
    def former(self) -> bool:
        """Whether the account is closed."""
        return self.name == FORMER_USER and self.active is not True


@dataclass(frozen=True, slots=True)
class SeenGroup:
    """A group and its members' account ids; ``whole`` tells whether these are all."""

    id: str
    name: str
    kind: str = "group"
    members: frozenset[str] = frozenset()
    whole: bool = False


@dataclass(slots=True)
class Roster:
    """Everything that was read in one round.

    ``whole_kinds`` are the kinds of group (``group``, ``organisation``) whose list was read to its end: only
    then does a missing one count as removed. ``gone``: accounts that were asked for by id and do not exist
    any more; ``checked``: those asked for by id.
    """

    accounts: dict[str, SeenAccount] = field(default_factory=dict)
    groups: dict[str, SeenGroup] = field(default_factory=dict)
    whole_kinds: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    checked: set[str] = field(default_factory=set)

    def add(self, seen: SeenAccount) -> None:
        """Take an account in; what one API does not tell, another may have told."""
        known = self.accounts.get(seen.key)
        if known is not None:
            seen = replace(
                known,
                uuid=seen.uuid or known.uuid,
                name=known.name or seen.name,
                kind=known.kind or seen.kind,
                active=seen.active if known.active is None else known.active,
                email=known.email or seen.email,
            )
        if seen.key:
            self.accounts[seen.key] = seen
