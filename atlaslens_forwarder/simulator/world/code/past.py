"""The history of a site's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.code.forge import MAIN, Act, Draft, Forge, signature
from atlaslens_forwarder.simulator.world.code.records import Deed, PullState, Rule, Signature
from atlaslens_forwarder.simulator.world.code.reviews import Reviews
from atlaslens_forwarder.simulator.world.history import History, Shape
from atlaslens_forwarder.simulator.world.people import ADMIN, CONTRACTOR, LEAD, SERVICE

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.code.records import Pull, Repository, Workspace
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.world import World

CODE: Final = "bitbucket"
NAMES: Final = (
    "payments-api",
    "mobile-app",
    "platform",
    "logistyka",
    "web-front",
    "terraform",
    "event-store",
)
SUBJECTS: Final = (
    "Fix rounding of refunds",
    "Bump client library",
    "Größenprüfung ergänzt",
    "決済画面を修正",
    "Remove dead feature flag",
    "Retry on 503",
    "Add index to the ledger",
)
REMARKS: Final = (
    "Looks good.",
    "Please ask security@acme.example first.",
    "なぜこれが必要ですか?",
    "Нужен тест.",
    "Nit: naming.",
)
_LABS_EVERY: Final = 4
_FUTURE_MS: Final = 400 * DAY_MS
_STRANGERS: Final = (
    "root <root@build-7.acme.example>",
    "Lone Wolf",
    "Ewa Nowicka <ewa.nowicka@freelance.example>",
    "<>",
)


def developer(world: World, at_ms: int, chance: Chance) -> Person:
    """Somebody of the staff who works there at that time."""
    collector = world.people.collector
    people = [person for person in world.people.staff if person is not collector and is_there(person, at_ms)]
    return chance.pick(people)


def is_there(person: Person, at_ms: int) -> bool:
    """Whether the person has not left by then."""
    return person.left_at_ms is None or at_ms < person.left_at_ms


def draft_of(person: Person, at_ms: int, chance: Chance) -> Draft:
    """A commit by somebody, at times signed with what Bitbucket knows no account for, or by a stranger."""
    author = signature(person)
    if chance.hit(0.06):
        # The person's address, but the account does not claim it: known by e-mail only.
        author = Signature(author.raw, None)
    elif chance.hit(0.05):
        author = Signature(chance.pick(_STRANGERS), None)
    message = f"{chance.pick(SUBJECTS)}\n"
    if chance.hit(0.1):
        message += f"\nCo-authored-by: {person.display_name} <{person.email}>\n"
    return Draft(author, at_ms, message)


def forge_of(world: World) -> Forge:
    """The code at the end of the history, with everything that led to it."""
    spec, forge = world.spec, Forge(world.seed_of(CODE))
    founder = Act(world.people.staff[0], spec.start_ms)
    main = forge.add_workspace(founder, spec.site, spec.site.title())
    labs = forge.add_workspace(founder, f"{spec.site}-labs", f"{spec.site.title()} Labs")
    for workspace in (main, labs):
        for person in world.people.staff:
            if is_there(person, spec.start_ms):
                forge.permit(founder, workspace, person, _rank(person))
    for number in range(spec.repositories):
        home = labs if number % _LABS_EVERY == _LABS_EVERY - 1 else main
        _Story(world, forge, home, number).tell()
    for person in world.people.staff:
        if person.left_at_ms is not None:
            for workspace in (main, labs):
                forge.permit(Act(founder.person, person.left_at_ms), workspace, person, "")
    return forge


def _rank(person: Person) -> str:
    return {ADMIN: "owner", CONTRACTOR: "collaborator"}.get(person.role, "member")


class _Story:
    """The past of one repository."""

    def __init__(self, world: World, forge: Forge, workspace: Workspace, number: int) -> None:
        self._world = world
        self._forge = forge
        self._reviews = Reviews(forge)
        self._workspace = workspace
        self._number = number
        self._chance = Chance(world.seed_of(CODE), label("story"), number)
        self._end_ms = world.spec.now_ms - 1

    def tell(self) -> None:
        """Everything from the first commit to the last, in order of time."""
        spec, chance, number = self._world.spec, self._chance, self._number
        born_ms = spec.start_ms + chance.below(spec.span_days * DAY_MS // 2)
        lead = chance.pick(self._world.people.with_role(LEAD))
        slug = NAMES[number % len(NAMES)] + (f"-{number}" if number >= len(NAMES) else "")
        repository = self._forge.add_repository(Act(lead, born_ms), self._workspace, slug, slug.title())
        self._open_doors(repository, Act(lead, born_ms))
        drafts = [Draft(signature(lead), born_ms, "Initial commit\n"), draft_of(lead, born_ms, chance)]
        self._forge.push(Act(lead, born_ms), repository, MAIN, drafts)
        count = 4 + chance.below(6)
        seed = self._world.seed_of(CODE)
        history = History(seed + number, count, born_ms + HOUR_MS, self._end_ms, Shape())
        at_ms = born_ms
        for cycle in range(count):
            at_ms = self._cycle(repository, cycle, max(at_ms, history.at_ms(cycle)))
        self._oddities(repository, at_ms)

    def _open_doors(self, repository: Repository, act: Act) -> None:
        forge = self._forge
        for person in self._world.people.staff:
            if is_there(person, act.at_ms) and person is not act.person:
                permission = {ADMIN: "admin", CONTRACTOR: "read", SERVICE: "read"}.get(person.role, "write")
                forge.permit(act, repository, person, permission)
        forge.protect(act, repository, Rule(self._rule_id(1), "force", MAIN))
        forge.protect(act, repository, Rule(self._rule_id(2), "push", MAIN, (act.person,)))
        approvals = Rule(self._rule_id(3), "require_approvals_to_merge", MAIN, value=1)
        forge.protect(act, repository, approvals)

    def _rule_id(self, number: int) -> int:
        return 26_000_000 + self._number * 10 + number

    def _cycle(self, repository: Repository, cycle: int, at_ms: int) -> int:
        """A branch from its first commit to the end of its pull request; returns when that was."""
        chance = self._chance
        author = developer(self._world, at_ms, chance)
        branch = f"feature/{cycle + 1}-{chance.hex(4)}"
        drafts = [draft_of(author, at_ms, chance) for _ in range(1 + chance.below(3))]
        self._forge.push(Act(author, at_ms), repository, branch, drafts)
        at_ms = self._later(at_ms, HOUR_MS)
        asked = dict.fromkeys(developer(self._world, at_ms, chance) for _ in range(2))
        others = tuple(person for person in asked if person is not author)
        pull = self._reviews.open(Act(author, at_ms), repository, branch, chance.pick(SUBJECTS), others)
        for _ in range(chance.below(4)):
            at_ms = self._later(at_ms, 3 * HOUR_MS)
            self._review(pull, at_ms)
        if chance.hit(0.85):
            at_ms = self._later(at_ms, DAY_MS)
            closer = developer(self._world, at_ms, chance)
            lot = chance.below(10)
            state = (PullState.DECLINED, PullState.SUPERSEDED)[lot] if lot < 2 else PullState.MERGED  # noqa: PLR2004
            self._reviews.close(Act(closer, at_ms), pull, state)
        return at_ms

    def _later(self, at_ms: int, most_ms: int) -> int:
        return min(at_ms + MINUTE_MS + self._chance.below(most_ms), self._end_ms)

    def _review(self, pull: Pull, at_ms: int) -> None:
        chance, person = self._chance, developer(self._world, at_ms, self._chance)
        act, lot = Act(person, at_ms), chance.below(5)
        if lot == 0:
            self._reviews.judge(act, pull, Deed.CHANGES_REQUESTED)
        elif lot == 1:
            entry = self._reviews.comment(act, pull, chance.pick(REMARKS))
            self._reviews.rewrite(act, pull, entry, chance.pick(REMARKS), is_deleted=chance.hit(0.3))
        elif lot == 2:  # noqa: PLR2004 - the lot is drawn, its numbers mean nothing
            self._reviews.comment(act, pull, chance.pick(REMARKS))
        else:
            self._reviews.judge(act, pull, Deed.APPROVAL)

    def _oddities(self, repository: Repository, at_ms: int) -> None:
        """What real repositories have: clocks that are wrong, late pushes, rewritten branches, new rights."""
        forge, chance, kind = self._forge, self._chance, self._number % 4
        at_ms = self._later(at_ms, HOUR_MS)
        person = developer(self._world, at_ms, chance)
        act = Act(person, at_ms)
        if kind == 0:
            contractor = self._world.people.with_role(CONTRACTOR)[0]
            admin = chance.pick(self._world.people.with_role(ADMIN))
            forge.permit(Act(admin, at_ms), repository, contractor, "admin")
        elif kind == 1:
            future = Draft(signature(person), at_ms + _FUTURE_MS, "Clock is ahead\n")
            forge.push(act, repository, "wrong-clock", [future])
            forge.push(act, repository, "wrong-clock", [draft_of(person, at_ms, chance)])
        elif kind == 2:  # noqa: PLR2004
            old = [Draft(signature(person), at_ms - n * 30 * DAY_MS, "Found on my laptop\n") for n in (4, 3)]
            forge.push(act, repository, "late", old)
        else:
            forge.push(act, repository, "wip", [draft_of(person, at_ms, chance) for _ in range(3)])
            forge.force_push(act, repository, "wip", 2, rebased=True, forget=False)
