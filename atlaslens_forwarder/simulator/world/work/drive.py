"""What happens on its own: acts drawn from chance, for the past of a world and for tests that shake it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, SECOND_MS
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.history import History, Shape
from atlaslens_forwarder.simulator.world.people import ADMIN, AGENT
from atlaslens_forwarder.simulator.world.places import SERVICE_DESK
from atlaslens_forwarder.simulator.world.work import vocabulary
from atlaslens_forwarder.simulator.world.work.work import Act, Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.simulator.world.directory import Directory
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Project
    from atlaslens_forwarder.simulator.world.work.records import Issue, Note
    from atlaslens_forwarder.simulator.world.world import World

_MOST_STEPS: Final = 9
_SAME_SECOND: Final = 0.12
_SAME_MOMENT: Final = 0.04


class Drive:
    """Lets people act on the issues of a site; equal chances give equal acts."""

    def __init__(self, world: World, directory: Directory, work: Work) -> None:
        self._world = world
        self._directory = directory
        self._work = work
        self._acts: tuple[tuple[int, Callable[[Act, Issue, Chance], None]], ...] = (
            (5, self._transit),
            (2, self._assign),
            (1, self._rank),
            (1, self._label),
            (1, self._reword),
            (5, self._comment),
            (1, self._edit_comment),
            (1, self._erase_comment),
            (3, self._log_work),
            (1, self._edit_worklog),
            (1, self._erase_worklog),
            (1, self._move),
        )

    def past(self) -> None:
        """The history: ``issues`` issues over the span, each with up to eight acts, in order of time."""
        spec = self._world.spec
        seed = self._world.seed_of("jira-issues")
        births = History(seed, spec.issues, spec.start_ms, spec.now_ms, Shape())
        plan: list[tuple[int, int, int]] = []
        for number in range(spec.issues):
            chance, at_ms = Chance(seed, label("plan"), number), births.at_ms(number)
            for step in range(1 + chance.below(_MOST_STEPS)):
                plan.append((at_ms, number, step))
                at_ms = _next_time(chance, at_ms)
        issues: dict[int, Issue] = {}
        for at_ms, number, step in sorted(plan):
            chance = Chance(seed, number, step)
            if at_ms > spec.now_ms:
                break
            if number not in issues:
                issues[number] = self.create(chance, at_ms)
            else:
                self.touch(chance, issues[number], at_ms)

    def step(self, chance: Chance, at_ms: int, lag_ms: int | None = None) -> str:
        """One act somewhere on the site; returns the issue's id."""
        living = [issue for issue in self._work.living() if not issue.is_restricted]
        if not living or chance.hit(0.15):
            return self.create(chance, at_ms, lag_ms).id
        issue = chance.pick(living[-40:]) if chance.hit(0.6) else chance.pick(living)
        self.touch(chance, issue, at_ms, lag_ms)
        return issue.id

    def create(
        self, chance: Chance, at_ms: int, lag_ms: int | None = None, project: Project | None = None
    ) -> Issue:
        """A new issue by whoever would write it: customers at the desk, staff elsewhere."""
        place = project or chance.pick(self._world.places.projects)
        customer = place.kind == SERVICE_DESK and chance.hit(0.7)
        actor = chance.pick(self._world.people.customers) if customer else self.actor(chance, place, at_ms)
        summary = f"{chance.pick(vocabulary.SUMMARIES)} ({chance.below(900) + 100})"
        kind = chance.pick(vocabulary.types_of(place.kind))
        return self._work.create(Act(actor, at_ms, lag_ms), place, kind, summary)

    def touch(self, chance: Chance, issue: Issue, at_ms: int, lag_ms: int | None = None) -> None:
        """Something happens to this issue."""
        lot = chance.below(sum(weight for weight, _ in self._acts))
        act = Act(self.actor(chance, issue.place.project, at_ms), at_ms, lag_ms)
        for weight, perform in self._acts:
            if lot < weight:
                perform(act, issue, chance)
                return
            lot -= weight

    def actor(self, chance: Chance, project: Project, at_ms: int) -> Person:
        """Somebody of the staff who may act in this project."""
        roles = (AGENT, ADMIN) if project.kind == SERVICE_DESK else ()
        return chance.pick(self._directory.working(at_ms, *roles) or [self._world.people.collector])

    def _transit(self, act: Act, issue: Issue, chance: Chance) -> None:
        others = [s for s in vocabulary.statuses_of(issue.place.project.kind) if s != issue.status]
        self._work.set_status(act, issue, chance.pick(others))

    def _assign(self, act: Act, issue: Issue, chance: Chance) -> None:
        person = None if issue.assignee and chance.hit(0.3) else self._other(act, issue, chance)
        self._work.set_assignee(act, issue, person)

    def _other(self, act: Act, issue: Issue, chance: Chance) -> Person:
        people = [p for p in self._directory.working(act.at_ms) if p != issue.assignee]
        return chance.pick(people or [self._world.people.collector])

    def _rank(self, act: Act, issue: Issue, chance: Chance) -> None:
        others = [priority for priority in vocabulary.PRIORITIES if priority != issue.priority]
        self._work.set_priority(act, issue, chance.pick(others))

    def _label(self, act: Act, issue: Issue, chance: Chance) -> None:
        name = chance.pick(vocabulary.LABELS)
        kept = tuple(one for one in issue.labels if one != name)
        self._work.set_labels(act, issue, kept if name in issue.labels else (*kept, name))

    def _reword(self, act: Act, issue: Issue, chance: Chance) -> None:
        name = "summary" if chance.hit(0.4) else "description"
        text = f"{chance.pick(vocabulary.SUMMARIES)} ({chance.below(900) + 100})"
        self._work.set_text(act, issue, name, text)

    def _comment(self, act: Act, issue: Issue, chance: Chance) -> None:
        desk = issue.place.project.kind == SERVICE_DESK
        if desk and chance.hit(0.4):
            act = Act(chance.pick(self._world.people.customers), act.at_ms, act.lag_ms)
        text = f"{chance.pick(vocabulary.COMMENTS)} #{chance.below(900) + 100}"
        self._work.comment(act, issue, text, is_public=not (desk and chance.hit(0.2)))

    def _edit_comment(self, act: Act, issue: Issue, chance: Chance) -> None:
        notes = _living(issue.comments)
        if not notes:
            self._comment(act, issue, chance)
            return
        note = chance.pick(notes)
        self._work.edit(act, note, f"{note.last.text} (edited {chance.below(900) + 100})")

    def _erase_comment(self, act: Act, issue: Issue, chance: Chance) -> None:
        notes = _living(issue.comments)
        if notes:
            self._work.erase(act, chance.pick(notes))
        else:
            self._comment(act, issue, chance)

    def _log_work(self, act: Act, issue: Issue, chance: Chance) -> None:
        seconds = 900 * (1 + chance.below(24))
        self._work.log_work(act, issue, seconds, chance.pick(vocabulary.COMMENTS))

    def _edit_worklog(self, act: Act, issue: Issue, chance: Chance) -> None:
        notes = _living(issue.worklogs)
        if not notes:
            self._log_work(act, issue, chance)
            return
        note = chance.pick(notes)
        self._work.edit(act, note, note.last.text, note.last.seconds + 900)

    def _erase_worklog(self, act: Act, issue: Issue, chance: Chance) -> None:
        notes = _living(issue.worklogs)
        if notes:
            self._work.erase(act, chance.pick(notes))
        else:
            self._log_work(act, issue, chance)

    def _move(self, act: Act, issue: Issue, chance: Chance) -> None:
        here = issue.place.project
        others = [p for p in self._world.places.projects if p != here and p.kind == here.kind]
        if others and chance.hit(0.5):
            self._work.move(act, issue, chance.pick(others))
        else:
            self._transit(act, issue, chance)


def _living(notes: list[Note]) -> list[Note]:
    return [note for note in notes if note.deleted_at_ms is None]


def _next_time(chance: Chance, at_ms: int) -> int:
    """Hours or days later; at times within the same second, or the same millisecond."""
    if chance.hit(_SAME_MOMENT):
        return at_ms
    if chance.hit(_SAME_SECOND):
        return at_ms + chance.below(SECOND_MS - at_ms % SECOND_MS)
    return at_ms + chance.below(HOUR_MS if chance.hit(0.4) else 9 * DAY_MS)
