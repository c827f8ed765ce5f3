"""All code of a site: workspaces, repositories, branches and commits, and who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.code.graph import reachable
from atlaslens_forwarder.simulator.world.code.records import (
    Commit,
    Deed,
    Entry,
    Grant,
    Pull,
    PullState,
    Repository,
    Rule,
    Signature,
    Workspace,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.simulator.world.people import Person

MAIN: Final = "main"
_RULE: Final = "branch-restriction"
_TICKS: Final = 1000


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, and when (epoch milliseconds)."""

    person: Person
    at_ms: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit before it is pushed: who wrote it, when by their clock, and what it says."""

    author: Signature
    date_ms: int
    message: str
    committer: Signature | None = None


def signature(person: Person) -> Signature:
    """How a person signs commits from an account that Bitbucket knows."""
    return Signature(f"{person.display_name} <{person.email}>", person)


class Forge:
    """Every workspace of a site; acts happen in the order in which they are told."""

    def __init__(self, seed: int) -> None:
        self.workspaces: list[Workspace] = []
        self.grants: list[Grant] = []
        self._seed = seed
        self._ticks = 0
        self._hashes = 0

    def at_us(self, act: Act) -> int:
        """The time of an act in epoch microseconds; acts of one millisecond differ."""
        self._ticks += 1
        return act.at_ms * _TICKS + self._ticks % _TICKS

    def uuid(self, *parts: str) -> str:
        """A uuid in braces that depends on these names."""
        return "{" + Chance(self._seed, *map(label, parts)).uuid() + "}"

    # Places.

    def add_workspace(self, act: Act, slug: str, name: str) -> Workspace:
        """A new workspace without members."""
        workspace = Workspace(self.uuid("workspace", slug), slug, name, self.at_us(act))
        self.workspaces.append(workspace)
        return workspace

    def add_repository(self, act: Act, workspace: Workspace, slug: str, name: str) -> Repository:
        """A new, empty repository; its creator administers it. A slug can be used again, the uuid is new.

        Raises:
            ConfigError: a living repository of the workspace has this slug.
        """
        if any(repository.slug == slug for repository in workspace.living()):
            raise ConfigError(f"{workspace.slug} has a repository {slug} already", hint="choose another slug")
        at_us = self.at_us(act)
        uuid = self.uuid("repository", workspace.slug, str(len(workspace.repositories)))
        repository = Repository(uuid, slug, name, workspace, act.person, at_us, at_us)
        workspace.repositories.append(repository)
        self.permit(act, repository, act.person, "admin")
        return repository

    def repository(self, full_name: str) -> Repository:
        """The living repository ``workspace/slug``.

        Raises:
            ConfigError: there is none.
        """
        for workspace in self.workspaces:
            for repository in workspace.living():
                if full_name in {repository.full_name, repository.uuid}:
                    return repository
        raise ConfigError(f"no repository is called {full_name!r}", hint="give workspace/slug")

    # Commits.

    def push(self, act: Act, repository: Repository, branch: str, drafts: Sequence[Draft]) -> list[Commit]:
        """New commits on a branch, which begins at main's head where it is new."""
        head = repository.branches.get(branch) or repository.branches.get(MAIN)
        made: list[Commit] = []
        for draft in drafts:
            parents = () if head is None else (head,)
            commit = self.add_commit(act, repository, draft, parents)
            made.append(commit)
            head = commit.hash
        if head is None:
            raise ConfigError("an empty repository needs a commit first", hint="push to main")
        repository.branches[branch] = head
        self._pushed(act, repository, branch)
        return made

    def force_push(
        self, act: Act, repository: Repository, branch: str, drop: int, *, rebased: bool, forget: bool
    ) -> list[Commit]:
        """Take the last commits off a branch; ``rebased`` puts them back rewritten, author and date kept.

        With ``forget`` the commits that no branch reaches any more are unknown at once, as after a clean-up.

        Raises:
            ConfigError: there is no such branch, or it is not that long.
        """
        dropped = self._drop(repository, branch, drop)
        head = repository.branches[branch]
        made = []
        for old in reversed(dropped) if rebased else ():
            draft = Draft(old.author, old.date_ms, old.message, signature(act.person))
            commit = self.add_commit(act, repository, draft, (head,))
            made.append(commit)
            head = commit.hash
        repository.branches[branch] = head
        self._pushed(act, repository, branch)
        if forget:
            repository.forgotten |= set(repository.gone)
        return made

    def delete_branch(self, act: Act, repository: Repository, branch: str) -> None:
        """Remove a branch; commits that only it reached are out of reach.

        Raises:
            ConfigError: there is no such branch.
        """
        if repository.branches.pop(branch, None) is None:
            raise ConfigError(f"no branch is called {branch!r}", hint="GET …/refs/branches lists them")
        self._reach(repository, act.at_ms)

    def add_commit(self, act: Act, repository: Repository, draft: Draft, parents: tuple[str, ...]) -> Commit:
        """A commit that no branch points at yet."""
        self._hashes += 1
        name = Chance(self._seed, label("commit"), self._hashes).hex(40)
        date_ms = draft.date_ms // _TICKS * _TICKS
        committer = draft.committer or draft.author
        commit = Commit(name, parents, draft.author, committer, date_ms, draft.message, act.at_ms, act.person)
        repository.commits[name] = commit
        return commit

    def _drop(self, repository: Repository, branch: str, count: int) -> list[Commit]:
        """Move a branch back along first parents; the commits it left, newest first."""
        dropped: list[Commit] = []
        head = repository.branches.get(branch)
        for _ in range(count):
            commit = None if head is None else repository.commits[head]
            if commit is None or not commit.parents:
                raise ConfigError(f"{branch!r} is no branch of that length", hint="drop fewer commits")
            dropped.append(commit)
            head = commit.parents[0]
        if head is None:
            raise ConfigError(f"no branch is called {branch!r}", hint="GET …/refs/branches lists them")
        repository.branches[branch] = head
        return dropped

    def _pushed(self, act: Act, repository: Repository, branch: str) -> None:
        """A branch has a new head: open pull requests follow."""
        repository.updated_us = self.at_us(act)
        self._reach(repository, act.at_ms)
        head = repository.branches[branch]
        for pull in repository.pulls:
            if pull.state is PullState.OPEN and pull.source == branch and pull.source_hash != head:
                pull.source_hash = head
                self.note(act, pull, Deed.UPDATE)

    def _reach(self, repository: Repository, at_ms: int) -> None:
        """Note which commits fell out of reach of all branches, and which came back."""
        living = reachable(repository, repository.branches.values())
        for name in repository.commits:
            if name in living:
                repository.gone.pop(name, None)
            else:
                repository.gone.setdefault(name, at_ms)

    # Pull requests' activity; the acts themselves are in reviews.

    def note(
        self, act: Act, pull: Pull, deed: Deed, changes: dict[str, tuple[str, str]] | None = None
    ) -> Entry:
        """One more entry of a pull request's activity."""
        at_us = self.at_us(act)
        entry = Entry(
            len(pull.entries) + 1,
            deed,
            at_us,
            act.person,
            pull.state,
            pull.title,
            pull.source_hash,
            pull.target_hash,
            changes or {},
        )
        pull.entries.append(entry)
        pull.updated_us = at_us
        return entry

    # Permissions.

    def permit(self, act: Act, place: Workspace | Repository, person: Person, permission: str) -> None:
        """Give somebody a permission, or with an empty one take it; leaving a workspace loses all in it."""
        before = place.permissions.pop(person.account_id, "")
        if permission:
            place.permissions[person.account_id] = permission
        if before != permission:
            scope = "workspace" if isinstance(place, Workspace) else "repository"
            self._grant(act, scope, place, person.account_id, (before, permission))
        if isinstance(place, Workspace) and not permission:
            for repository in place.living():
                self.permit(act, repository, person, "")

    def protect(self, act: Act, repository: Repository, rule: Rule) -> None:
        """Add a branch restriction, or replace that of the same id."""
        before = next((_rule_text(old) for old in repository.rules if old.id == rule.id), "")
        repository.rules = [old for old in repository.rules if old.id != rule.id] + [rule]
        self._grant(act, _RULE, repository, str(rule.id), (before, _rule_text(rule)))

    def unprotect(self, act: Act, repository: Repository, rule_id: int) -> None:
        """Remove a branch restriction.

        Raises:
            ConfigError: there is none of this id.
        """
        for rule in repository.rules:
            if rule.id == rule_id:
                repository.rules.remove(rule)
                self._grant(act, _RULE, repository, str(rule_id), (_rule_text(rule), ""))
                return
        raise ConfigError(f"no branch restriction has the id {rule_id}", hint="GET …/branch-restrictions")

    def _grant(
        self, act: Act, scope: str, place: Workspace | Repository, subject: str, change: tuple[str, str]
    ) -> None:
        number = len(self.grants) + 1
        self.grants.append(Grant(number, act.at_ms, scope, place, subject, *change, act.person))


def _rule_text(rule: Rule) -> str:
    users = ",".join(person.account_id for person in rule.users)
    value = "" if rule.value is None else str(rule.value)
    return f"{rule.kind}|{rule.pattern}|{users}|{value}"
