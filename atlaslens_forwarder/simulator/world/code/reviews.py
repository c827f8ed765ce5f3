"""What people do with pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.simulator.world.code.forge import MAIN, Act, Draft, Forge, signature
from atlaslens_forwarder.simulator.world.code.records import Deed, Entry, Pull, PullState, Remark, Repository

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.people import Person

_JUDGEMENTS = frozenset({Deed.APPROVAL, Deed.CHANGES_REQUESTED})


class Reviews:
    """Acts on the pull requests of a forge.

    With ``is_quiet`` judgements do not move a pull request's time of change.
    """

    def __init__(self, forge: Forge, *, is_quiet: bool = False) -> None:
        self._forge = forge
        self._is_quiet = is_quiet

    def open(
        self, act: Act, repository: Repository, source: str, title: str, reviewers: tuple[Person, ...] = ()
    ) -> Pull:
        """A new pull request into main.

        Raises:
            ConfigError: there is no such branch.
        """
        if source not in repository.branches or MAIN not in repository.branches:
            raise ConfigError(f"no branch is called {source!r}", hint="push to it first")
        at_us = self._forge.at_us(act)
        pull = Pull(
            id=len(repository.pulls) + 1,
            repository=repository,
            author=act.person,
            title=title,
            source=source,
            target=MAIN,
            source_hash=repository.branches[source],
            target_hash=repository.branches[MAIN],
            created_us=at_us,
            updated_us=at_us,
            reviewers=reviewers,
        )
        repository.pulls.append(pull)
        self._forge.note(act, pull, Deed.UPDATE)
        return pull

    def retitle(self, act: Act, pull: Pull, title: str) -> None:
        """Give a pull request another title."""
        _demand_open(pull)
        before, pull.title = pull.title, title
        self._forge.note(act, pull, Deed.UPDATE, {"title": (before, title)})

    def judge(self, act: Act, pull: Pull, deed: Deed) -> Entry:
        """Approve or ask for changes; the same person's earlier judgement is taken back."""
        _demand_open(pull)
        self.withdraw(act, pull)
        updated_us = pull.updated_us
        entry = self._forge.note(act, pull, deed)
        if self._is_quiet:
            pull.updated_us = updated_us
        return entry

    def withdraw(self, act: Act, pull: Pull) -> None:
        """Take a judgement back: its entry disappears."""
        for entry in pull.standing():
            if entry.deed in _JUDGEMENTS and entry.person is act.person:
                entry.gone_at_ms = act.at_ms

    def comment(self, act: Act, pull: Pull, text: str) -> Entry:
        """Write a comment; allowed on closed pull requests too."""
        entry = self._forge.note(act, pull, Deed.COMMENT)
        entry.remarks.append(Remark(entry.at_us, text))
        return entry

    def rewrite(self, act: Act, pull: Pull, entry: Entry, text: str, *, is_deleted: bool = False) -> None:
        """Change a comment, or delete it: then an empty one stays in the activity.

        Raises:
            ConfigError: it is no living comment.
        """
        if not entry.remarks or entry.remarks[-1].is_deleted:
            raise ConfigError("this is no living comment", hint="give the number of a comment's entry")
        at_us = self._forge.at_us(act)
        entry.remarks[-1].gone_at_ms = act.at_ms
        entry.remarks.append(Remark(at_us, "" if is_deleted else text, is_deleted))
        pull.updated_us = at_us

    def close(self, act: Act, pull: Pull, state: PullState) -> None:
        """Merge, decline or supersede; the entry and ``closed_by`` name who did it."""
        _demand_open(pull)
        repository = pull.repository
        if state is PullState.MERGED:
            self._merge(act, pull)
        before, pull.state, pull.closer = pull.state, state, act.person
        status = {PullState.MERGED: "fulfilled", PullState.DECLINED: "rejected"}.get(state, "superseded")
        entry = self._forge.note(act, pull, Deed.UPDATE, {"status": (before.lower(), status)})
        pull.closed_us = entry.at_us
        if state is PullState.MERGED and pull.source in repository.branches:
            self._forge.delete_branch(act, repository, pull.source)

    def _merge(self, act: Act, pull: Pull) -> None:
        repository = pull.repository
        message = f"Merged in {pull.source} (pull request #{pull.id})\n\n{pull.title}"
        draft = Draft(signature(act.person), act.at_ms, message)
        heads = (repository.branches[pull.target], pull.source_hash)
        commit = self._forge.add_commit(act, repository, draft, heads)
        pull.merge_hash = commit.hash
        repository.branches[pull.target] = commit.hash
        self._forge.push(act, repository, pull.target, ())


def _demand_open(pull: Pull) -> None:
    if pull.state is not PullState.OPEN:
        raise ConfigError(f"the pull request {pull.id} is {pull.state}", hint="give an open one")
