"""The moving part of a site behind Jira's and the service desk's routes, and what of it shows when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import MINUTE_MS, SECOND_MS
from atlaslens_forwarder.simulator.apis.jira_work import orders, truths
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.directory import Directory, Standing
from atlaslens_forwarder.simulator.world.names import Naming
from atlaslens_forwarder.simulator.world.people import MEMBER
from atlaslens_forwarder.simulator.world.service_desk import Organizations
from atlaslens_forwarder.simulator.world.work.drive import Drive
from atlaslens_forwarder.simulator.world.work.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site, TruthRow
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.work.records import Issue, Mark

_LEAST_LAG_MS: Final = 2 * MINUTE_MS
_LAG: Final = label("index lag")
_UNREADABLE: Final = label("unreadable")
_ARRIVING: Final = label("arriving changes")


class JiraPart:
    """Issues, people, groups and organisations of one site."""

    def __init__(self, site: Site) -> None:
        world = site.world
        self.site = site
        self.seed = world.seed_of("jira-issues")
        self.directory = Directory(world)
        self.organizations = Organizations(world)
        self.work = Work()
        self.drive = Drive(world, self.directory, self.work)
        self.drive.past()
        self.orders_given = 0
        self._arrived = 0

    @property
    def truths(self) -> tuple[str, ...]:
        """Names of the truths about issues, people and service desks."""
        return tuple(truths.TRUTHS)

    @property
    def orders(self) -> Mapping[str, Callable[[JsonObject], JsonValue]]:
        """``/_sim/jira``, ``/_sim/directory`` and ``/_sim/servicedesk``."""
        return {
            "jira": lambda body: orders.change_work(self, body),
            "directory": lambda body: orders.change_directory(self, body),
            "servicedesk": lambda body: orders.change_desk(self, body),
        }

    def truth(self, source: str, from_ms: int | None, to_ms: int | None) -> Iterator[TruthRow]:
        """Every record shown up to now, newest first."""
        self.refresh()
        rows = [
            row
            for row in truths.TRUTHS[source](self)
            if (from_ms is None or row.at_ms >= from_ms) and (to_ms is None or row.at_ms <= to_ms)
        ]
        yield from sorted(rows, key=lambda row: (row.at_ms, row.key), reverse=True)

    def refresh(self) -> None:
        """Let the switches that change people take hold."""
        wanted = self.site.faults.closed_people
        now_ms = self.site.now_ms()
        for person in self.site.world.people.with_role(MEMBER)[::-1][:wanted]:
            if self.directory.standing(person, now_ms) is not Standing.CLOSED:
                self.close(person)

    def close(self, person: Person) -> None:
        """The account is closed: it keeps its id and loses its name."""
        self.directory.turn(person, Standing.CLOSED, self.site.now_ms())
        self.site.rename(person, Naming("Former user", "Former user", "unknown", is_external=False))

    def arrive(self) -> None:
        """Note that a search page is being asked for: things happen meanwhile."""
        faults = self.site.faults
        for _ in range(min(faults.arriving_changes, faults.arriving_limit - self._arrived)):
            self.drive.step(Chance(self.seed, _ARRIVING, self._arrived), self.site.now_ms())
            self._arrived += 1

    def may_see(self, issue: Issue) -> bool:
        """Whether the collector may see the issue at all; what is deleted nobody sees."""
        return issue.deleted_at_ms is None and not issue.is_restricted and self.is_ever_readable(issue)

    def is_ever_readable(self, issue: Issue) -> bool:
        """Whether no switch hides the issue."""
        return not Chance(self.seed, _UNREADABLE, int(issue.id)).hit(self.site.faults.unreadable_issues)

    def find(self, id_or_key: str) -> Issue | None:
        """An issue the collector may see."""
        issue = self.work.find(id_or_key)
        return issue if issue is not None and self.may_see(issue) else None

    def indexed_at_ms(self, issue: Issue, number: int) -> int:
        """When the search index learns of a touch."""
        mark = issue.marks[number]
        if mark.lag_ms is not None:
            return mark.at_ms + mark.lag_ms
        faults = self.site.faults
        chance = Chance(self.seed, _LAG, int(issue.id), number)
        if not chance.hit(faults.late_changes):
            return mark.at_ms
        spread_ms = max(faults.late_changes_s * SECOND_MS - _LEAST_LAG_MS, 0)
        return mark.at_ms + _LEAST_LAG_MS + chance.below(spread_ms + 1)

    def shown(self, issue: Issue, now_ms: int) -> Mark | None:
        """The last touch the index knows of; None while it does not know the issue."""
        for number in range(len(issue.marks) - 1, -1, -1):
            if self.indexed_at_ms(issue, number) <= now_ms:
                return issue.marks[number]
        return None

    def found_at_ms(self, issue: Issue, number: int) -> int | None:
        """From when on a search by ``updated`` leads to what happened at this touch; None while none does."""
        times = [self.indexed_at_ms(issue, later) for later in range(number, len(issue.marks))]
        open_times = [at_ms for at_ms in times if issue.restriction_at(at_ms) is None]
        return min(open_times, default=None)
