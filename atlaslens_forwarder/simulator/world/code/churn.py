"""Acts drawn from chance on the code there is: what tests shake a site with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.simulator.world.code.forge import MAIN, Act, Draft, Forge, signature
from atlaslens_forwarder.simulator.world.code.past import REMARKS, SUBJECTS, developer, draft_of
from atlaslens_forwarder.simulator.world.code.records import Deed, Pull, PullState, Repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.simulator.world.chance import Chance
    from atlaslens_forwarder.simulator.world.code.reviews import Reviews
    from atlaslens_forwarder.simulator.world.world import World

_GENTLE: Final = 3


class Churn:
    """Acts drawn from chance; equal chances on equal forges act alike."""

    def __init__(self, world: World, forge: Forge, reviews: Reviews) -> None:
        self._world = world
        self._forge = forge
        self._reviews = reviews
        self._acts: tuple[tuple[int, str, Callable[[Act, Repository, Chance], bool]], ...] = (
            (6, "push", self._push),
            (5, "open", self._open),
            (6, "comment", self._comment),
            (6, "judge", self._judge),
            (4, "close", self._close),
            (2, "withdraw", self._withdraw),
            (2, "rewrite", self._rewrite),
            (2, "push-late", self._push_late),
            (2, "force-push", self._force_push),
            (1, "retitle", self._retitle),
            (3, "permit", self._permit),
        )

    def once(self, at_ms: int, chance: Chance, *, gentle: bool = False) -> tuple[str, Repository] | None:
        """One act; ``gentle`` keeps to those that take nothing back. None where nothing can be done."""
        repositories = [one for workspace in self._forge.workspaces for one in workspace.living()]
        if not repositories:
            return None
        acts = self._acts[:_GENTLE] if gentle else self._acts
        act, repository = Act(developer(self._world, at_ms, chance), at_ms), chance.pick(repositories)
        lot = chance.below(sum(weight for weight, _, _ in acts))
        for weight, name, do in acts:
            if lot < weight:
                return (name, repository) if do(act, repository, chance) else None
            lot -= weight
        return None

    @staticmethod
    def _pull(repository: Repository, chance: Chance) -> Pull | None:
        pulls = [pull for pull in repository.pulls if pull.state is PullState.OPEN]
        return chance.pick(pulls) if pulls else None

    def _push(self, act: Act, repository: Repository, chance: Chance) -> bool:
        branch = chance.pick([*repository.branches, f"topic/{chance.hex(6)}"])
        drafts = [draft_of(act.person, act.at_ms, chance) for _ in range(1 + chance.below(3))]
        self._forge.push(act, repository, branch, drafts)
        return True

    def _push_late(self, act: Act, repository: Repository, chance: Chance) -> bool:
        days = chance.below(200) - 100
        draft = Draft(signature(act.person), act.at_ms - days * DAY_MS, "Written on another day\n")
        self._forge.push(act, repository, f"late/{chance.hex(6)}", [draft])
        return True

    def _force_push(self, act: Act, repository: Repository, chance: Chance) -> bool:
        branches = [name for name in repository.branches if name != MAIN]
        if not branches:
            return False
        branch, rebased = chance.pick(branches), chance.hit(0.6)
        if not repository.commits[repository.branches[branch]].parents:
            return False
        forget = chance.hit(0.4)
        self._forge.force_push(act, repository, branch, 1, rebased=rebased, forget=forget)
        return True

    def _open(self, act: Act, repository: Repository, chance: Chance) -> bool:
        branch = f"topic/{chance.hex(6)}"
        self._forge.push(act, repository, branch, [draft_of(act.person, act.at_ms, chance)])
        self._reviews.open(act, repository, branch, chance.pick(SUBJECTS))
        return True

    def _comment(self, act: Act, repository: Repository, chance: Chance) -> bool:
        if not repository.pulls:
            return False
        self._reviews.comment(act, chance.pick(repository.pulls), chance.pick(REMARKS))
        return True

    def _judge(self, act: Act, repository: Repository, chance: Chance) -> bool:
        pull = self._pull(repository, chance)
        if pull is None:
            return False
        self._reviews.judge(act, pull, Deed.APPROVAL if chance.hit(0.7) else Deed.CHANGES_REQUESTED)
        return True

    def _close(self, act: Act, repository: Repository, chance: Chance) -> bool:
        pull = self._pull(repository, chance)
        if pull is None:
            return False
        states = (PullState.MERGED, PullState.MERGED, PullState.DECLINED, PullState.SUPERSEDED)
        self._reviews.close(act, pull, chance.pick(states))
        return True

    def _withdraw(self, act: Act, repository: Repository, chance: Chance) -> bool:
        judged = [
            (pull, entry)
            for pull in repository.pulls
            for entry in pull.standing()
            if entry.deed in {Deed.APPROVAL, Deed.CHANGES_REQUESTED} and pull.state is PullState.OPEN
        ]
        if not judged:
            return False
        pull, entry = chance.pick(judged)
        self._reviews.withdraw(Act(entry.person, act.at_ms), pull)
        return True

    def _rewrite(self, act: Act, repository: Repository, chance: Chance) -> bool:
        remarks = [
            (pull, entry)
            for pull in repository.pulls
            for entry in pull.entries
            if entry.remarks and not entry.remarks[-1].is_deleted
        ]
        if not remarks:
            return False
        pull, entry = chance.pick(remarks)
        text, is_deleted = chance.pick(REMARKS), chance.hit(0.3)
        self._reviews.rewrite(Act(entry.person, act.at_ms), pull, entry, text, is_deleted=is_deleted)
        return True

    def _retitle(self, act: Act, repository: Repository, chance: Chance) -> bool:
        pull = self._pull(repository, chance)
        if pull is None:
            return False
        self._reviews.retitle(act, pull, f"{pull.title} (again)")
        return True

    def _permit(self, act: Act, repository: Repository, chance: Chance) -> bool:
        workspace = repository.workspace
        people = [one for one in self._world.people.staff if one is not self._world.people.collector]
        person = chance.pick(people)
        if chance.hit(0.3):
            permission = chance.pick(("", "member", "collaborator"))
            self._forge.permit(act, workspace, person, permission)
        elif person.account_id in workspace.permissions:
            permission = chance.pick(("", "read", "write", "admin"))
            self._forge.permit(act, repository, person, permission)
        return True
