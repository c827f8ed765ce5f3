"""A whole simulated company: people, places and names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.world.chance import Chance, label, mix
from atlaslens_forwarder.simulator.world.names import Names
from atlaslens_forwarder.simulator.world.people import (
    ADMIN,
    AGENT,
    CONTRACTOR,
    LEAD,
    LEAVER,
    MEMBER,
    SERVICE,
    People,
    Person,
    people_of,
)
from atlaslens_forwarder.simulator.world.places import Places, places_of

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.spec import WorldSpec


# Sixteen equal shares.
_PERMISSION_CHANGERS: Final = (
    *((ADMIN,),) * 11,
    *((LEAD, LEAVER, ADMIN),) * 3,
    (CONTRACTOR,),
    (SERVICE,),
)


@dataclass(frozen=True)
class World:
    """The fixed facts of a site, and the names people bear at present."""

    spec: WorldSpec
    people: People
    places: Places
    names: Names = field(default_factory=Names)

    @classmethod
    def of(cls, spec: WorldSpec) -> World:
        """The world of a specification."""
        return cls(spec, people_of(spec), places_of(spec))

    def seed_of(self, source: str) -> int:
        """The seed of one source's rows."""
        return mix(self.spec.seed, label(self.spec.site), label(source))


@dataclass(frozen=True, slots=True)
class Scene:
    """What a row may draw on: the world, the time, and its own stream of chance."""

    world: World
    at_ms: int
    chance: Chance

    def _working(self, *roles: str) -> Person:
        people = [
            person
            for person in self.world.people.staff
            if person.role in roles and (person.left_at_ms is None or self.at_ms < person.left_at_ms)
        ]
        return self.chance.pick(people)

    def admin(self) -> Person:
        """Who changes permissions: mostly admins, at times a lead, the contractor or the pipeline."""
        return self._working(*self.chance.pick(_PERMISSION_CHANGERS))

    def lead(self) -> Person:
        """Who configures projects and spaces."""
        return self._working(LEAD, ADMIN, AGENT, LEAVER, CONTRACTOR)

    def agent(self) -> Person:
        """Who configures service desks."""
        return self._working(AGENT, ADMIN)

    def colleague(self) -> Person:
        """Anyone of the staff, as somebody that things are done to."""
        return self._working(MEMBER, LEAD, AGENT, CONTRACTOR, LEAVER)

    def customer(self) -> Person:
        """A customer of the service desk."""
        return self.chance.pick(self.world.people.customers)

    def address(self, person: Person) -> str:
        """Where the person is: usually at the desk, at times elsewhere."""
        if self.chance.hit(0.08):
            return f"198.51.100.{1 + self.chance.below(190)}"
        return person.address
