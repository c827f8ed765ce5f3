"""Accounts and groups as time passes: who is active, who belongs where, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.people import (
    ADMIN,
    AGENT,
    CONTRACTOR,
    CUSTOMER,
    LEAD,
    MEMBER,
    SERVICE,
)

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.world import World

_EVERYBODY: Final = (ADMIN, LEAD, AGENT, MEMBER, CONTRACTOR)
_MEMBERS: Final = {
    "jira-admins": (ADMIN,),
    "confluence-admins": (ADMIN,),
    "site-admins": (ADMIN,),
    "jira-software-users": (*_EVERYBODY, SERVICE),
    "confluence-users": _EVERYBODY,
    "jira-servicemanagement-users": (AGENT, ADMIN),
    "engineering": (LEAD, MEMBER, CONTRACTOR),
    "finance": (AGENT,),
    "contractors": (CONTRACTOR,),
}
"""Roles of the members at first; a group that is not named here is empty."""


class Standing(StrEnum):
    """What became of an account."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    CLOSED = "closed"


@dataclass(slots=True)
class Team:
    """A group; the id lasts, the name may change."""

    id: str
    name: str
    made_at_ms: int
    deleted_at_ms: int | None = None


@dataclass(slots=True)
class Membership:
    """Somebody belongs to a group, or did; epoch milliseconds."""

    team: Team
    person: Person
    since_ms: int
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of an account's standing."""

    person: Person
    standing: Standing
    at_ms: int


class Directory:
    """The accounts and groups of one site."""

    def __init__(self, world: World) -> None:
        start_ms = world.spec.start_ms
        self._world = world
        self.turns: list[Turn] = [
            Turn(person, Standing.DEACTIVATED, person.left_at_ms)
            for person in world.people.everyone()
            if person.left_at_ms is not None
        ]
        self.teams = [Team(group.id, group.name, start_ms) for group in world.places.groups]
        self.memberships = [
            Membership(team, person, start_ms)
            for team in self.teams
            for person in world.people.staff
            if person.role in _MEMBERS.get(team.name, ())
            or (person.left_at_ms is not None and MEMBER in _MEMBERS.get(team.name, ()))
        ]

    def standing(self, person: Person, at_ms: int) -> Standing:
        """What the account is at that time."""
        turns = [turn for turn in self.turns if turn.person == person and turn.at_ms <= at_ms]
        return turns[-1].standing if turns else Standing.ACTIVE

    def working(self, at_ms: int, *roles: str) -> list[Person]:
        """Everyone of these roles who can act at that time; with no role, the staff."""
        return [
            person
            for person in self._world.people.everyone()
            if (person.role in roles if roles else person.role != CUSTOMER)
            and self.standing(person, at_ms) is Standing.ACTIVE
        ]

    def turn(self, person: Person, standing: Standing, at_ms: int) -> None:
        """The account is deactivated, reactivated or closed; a closed one stays closed.

        Raises:
            ConfigError: the account is closed.
        """
        if self.standing(person, at_ms) is Standing.CLOSED:
            raise ConfigError("the account is closed for ever", hint="choose another account")
        self.turns.append(Turn(person, standing, at_ms))

    def team(self, id_or_name: str) -> Team | None:
        """A group that is there."""
        return next(
            (
                team
                for team in self.teams
                if team.deleted_at_ms is None and id_or_name in {team.id, team.name}
            ),
            None,
        )

    def members(self, team: Team) -> list[Membership]:
        """Who belongs to the group now, in order of joining."""
        return [one for one in self.memberships if one.team is team and one.until_ms is None]

    def join(self, team: Team, person: Person, at_ms: int) -> None:
        """Somebody joins a group; nothing happens to a member."""
        if all(one.person != person for one in self.members(team)):
            self.memberships.append(Membership(team, person, at_ms))

    def leave(self, team: Team, person: Person, at_ms: int) -> None:
        """Somebody leaves a group; nothing happens to others."""
        for one in self.members(team):
            if one.person == person:
                one.until_ms = at_ms

    def add_team(self, name: str, at_ms: int) -> Team:
        """A new, empty group."""
        chance = Chance(self._world.spec.seed, label(self._world.spec.site), label("team"), len(self.teams))
        self.teams.append(Team(chance.uuid(), name, at_ms))
        return self.teams[-1]

    def delete_team(self, team: Team, at_ms: int) -> None:
        """The group and its memberships end."""
        for one in self.members(team):
            one.until_ms = at_ms
        team.deleted_at_ms = at_ms
