"""Service desk: promises on requests and organisations of customers.

Promises run day and night and are never paused, unlike those of most real desks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import HOUR_MS
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.people import CUSTOMER
from atlaslens_forwarder.simulator.world.work.vocabulary import DONE

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.work.records import Issue
    from atlaslens_forwarder.simulator.world.world import World


@dataclass(frozen=True, slots=True)
class Promise:
    """A service level: what is promised within how many milliseconds."""

    id: str
    name: str
    goal_ms: int


FIRST_RESPONSE: Final = Promise("1", "Time to first response", 4 * HOUR_MS)
RESOLUTION: Final = Promise("2", "Time to resolution", 48 * HOUR_MS)
PROMISES: Final = (FIRST_RESPONSE, RESOLUTION)


@dataclass(frozen=True, slots=True)
class Cycle:
    """One run of a promise; it goes on while ``stop_ms`` is None."""

    start_ms: int
    stop_ms: int | None
    goal_ms: int

    @property
    def breach_ms(self) -> int:
        """When the promise is broken, if it still runs then."""
        return self.start_ms + self.goal_ms

    def is_breached(self, now_ms: int) -> bool:
        """Whether it was kept too late, or is late already."""
        return (now_ms if self.stop_ms is None else self.stop_ms) > self.breach_ms


def cycles_of(issue: Issue, promise: Promise) -> list[Cycle]:
    """All runs of a promise on a request, oldest first; reopening starts the resolution anew."""
    if promise is RESOLUTION:
        return _resolutions(issue)
    answers = [
        note.versions[0].at_ms
        for note in issue.comments
        if note.is_public and note.versions[0].author.role != CUSTOMER
    ]
    ends = [*answers, *(at_ms for at_ms, status in issue.statuses if status.group == DONE)]
    return [Cycle(issue.created_at_ms, min(ends, default=None), promise.goal_ms)]


def _resolutions(issue: Issue) -> list[Cycle]:
    cycles: list[Cycle] = []
    start_ms: int | None = issue.created_at_ms
    for at_ms, status in issue.statuses:
        if status.group == DONE and start_ms is not None:
            cycles.append(Cycle(start_ms, at_ms, RESOLUTION.goal_ms))
            start_ms = None
        elif status.group != DONE and start_ms is None:
            start_ms = at_ms
    if start_ms is not None:
        cycles.append(Cycle(start_ms, None, RESOLUTION.goal_ms))
    return cycles


@dataclass(slots=True)
class Organization:
    """A company whose people are customers."""

    id: str
    uuid: str
    name: str
    made_at_ms: int
    deleted_at_ms: int | None = None


@dataclass(slots=True)
class Belonging:
    """A customer belongs to an organisation, or did; epoch milliseconds."""

    organization: Organization
    person: Person
    since_ms: int
    until_ms: int | None = None


class Organizations:
    """The organisations of one site."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.known: list[Organization] = []
        self.belongings: list[Belonging] = []
        customers = world.people.customers
        for name, people in (
            ("Oldenkott Logistik", customers[:2]),
            ("Sottomayor & Filhos", customers[2:]),
            ("Unbesetzt GmbH", ()),
        ):
            organization = self.add(name, world.spec.start_ms)
            for person in people:
                self.join(organization, person, world.spec.start_ms)

    def add(self, name: str, at_ms: int) -> Organization:
        """A new organisation without customers."""
        spec, number = self._world.spec, len(self.known) + 1
        uuid = Chance(spec.seed, label(spec.site), label("organization"), number).uuid()
        self.known.append(Organization(str(number), uuid, name, at_ms))
        return self.known[-1]

    def living(self) -> list[Organization]:
        """Those that are there, oldest first."""
        return [one for one in self.known if one.deleted_at_ms is None]

    def find(self, id_: str) -> Organization | None:
        """An organisation that is there."""
        return next((one for one in self.living() if one.id == id_), None)

    def customers_of(self, organization: Organization) -> list[Belonging]:
        """Who belongs to it now."""
        return [one for one in self.belongings if one.organization is organization and one.until_ms is None]

    def join(self, organization: Organization, person: Person, at_ms: int) -> None:
        """A customer joins; nothing happens to a member."""
        if all(one.person != person for one in self.customers_of(organization)):
            self.belongings.append(Belonging(organization, person, at_ms))

    def leave(self, organization: Organization, person: Person, at_ms: int) -> None:
        """A customer leaves; nothing happens to others."""
        for one in self.customers_of(organization):
            if one.person == person:
                one.until_ms = at_ms

    def delete(self, organization: Organization, at_ms: int) -> None:
        """The organisation ends, and who belonged to it belongs no more."""
        for one in self.customers_of(organization):
            one.until_ms = at_ms
        organization.deleted_at_ms = at_ms
