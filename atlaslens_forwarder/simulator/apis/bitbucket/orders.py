"""What tests and the demo make happen in Bitbucket over ``/_sim``, always at the present moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.simulator.orders import amount, flag, listed, number, person_of, text
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.code.churn import Churn
from atlaslens_forwarder.simulator.world.code.forge import MAIN, Act, Draft, signature
from atlaslens_forwarder.simulator.world.code.past import CODE
from atlaslens_forwarder.simulator.world.code.records import Deed, PullState, Rule, Signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.code.forge import Forge
    from atlaslens_forwarder.simulator.world.code.records import Entry, Pull, Repository, Workspace
    from atlaslens_forwarder.simulator.world.code.reviews import Reviews

_ENDS: Final = {
    "merge": PullState.MERGED,
    "decline": PullState.DECLINED,
    "supersede": PullState.SUPERSEDED,
}
_JUDGEMENTS: Final = {"approve": Deed.APPROVAL, "request-changes": Deed.CHANGES_REQUESTED}


class Orders:
    """Reads orders and carries them out on one forge."""

    def __init__(self, site: Site, forge: Forge, reviews: Reviews) -> None:
        self._site = site
        self._forge = forge
        self._reviews = reviews
        self._actions: dict[str, Callable[[Act, JsonObject], JsonValue]] = {
            "random": self._random,
            "push": self._push,
            "force-push": self._force_push,
            "delete-branch": self._delete_branch,
            "open": self._open,
            "retitle": self._retitle,
            "withdraw": self._withdraw,
            "comment": self._comment,
            "edit-comment": self._edit_comment,
            "delete-comment": self._edit_comment,
            "create-repository": self._create_repository,
            "delete-repository": self._delete_repository,
            "rename-repository": self._rename_repository,
            "permit": self._permit,
            "protect": self._protect,
            "unprotect": self._unprotect,
            **dict.fromkeys(_ENDS, self._close),
            **dict.fromkeys(_JUDGEMENTS, self._judge),
        }

    def act(self, body: JsonObject) -> JsonValue:
        """One act: ``do`` says which, ``actor`` who does it.

        Raises:
            ConfigError: there is no such action, or what it acts on does not allow it.
        """
        action = text(body, "do")
        if action not in self._actions:
            raise ConfigError(f"no action is called {action!r}", hint="docs/simulator.md lists the actions")
        return self._actions[action](Act(person_of(self._site, body), self._site.now_ms()), body)

    def _random(self, act: Act, body: JsonObject) -> JsonValue:
        """So many acts drawn from chance, told with the repositories they fell on."""
        churn, done = Churn(self._site.world, self._forge, self._reviews), []
        for position in range(amount(body, "count", 1)):
            parts = (label("churn"), number(body, "seed", 0), position)
            made = churn.once(act.at_ms, Chance(self._site.world.seed_of(CODE), *parts))
            if made is not None:
                done.append(made)
        return listed({"did": action, "repository": home.full_name} for action, home in done)

    # Commits.

    def _repository(self, body: JsonObject) -> Repository:
        return self._forge.repository(text(body, "repository"))

    def _push(self, act: Act, body: JsonObject) -> JsonValue:
        """``count`` commits; ``date_ms`` and ``raw`` say when and by whom they claim to be."""
        date_ms, message = number(body, "date_ms", act.at_ms), text(body, "message", "Pushed on order\n")
        author = Signature(text(body, "raw"), None) if "raw" in body else signature(act.person)
        draft = Draft(author, date_ms, message, signature(act.person))
        drafts = [draft] * amount(body, "count", 1)
        made = self._forge.push(act, self._repository(body), text(body, "branch", MAIN), drafts)
        return {"hashes": [commit.hash for commit in made]}

    def _force_push(self, act: Act, body: JsonObject) -> JsonValue:
        made = self._forge.force_push(
            act,
            self._repository(body),
            text(body, "branch", MAIN),
            amount(body, "drop", 1),
            rebased=flag(body, "rebased"),
            forget=flag(body, "forget"),
        )
        return {"hashes": [commit.hash for commit in made]}

    def _delete_branch(self, act: Act, body: JsonObject) -> JsonValue:
        self._forge.delete_branch(act, self._repository(body), text(body, "branch"))
        return {}

    # Pull requests.

    def _pull(self, body: JsonObject) -> Pull:
        repository, pull_id = self._repository(body), number(body, "id")
        for pull in repository.pulls:
            if pull.id == pull_id:
                return pull
        raise ConfigError(f"{repository.full_name} has no pull request {pull_id}", hint="see its list")

    def _open(self, act: Act, body: JsonObject) -> JsonValue:
        """From a branch; one with a commit is made where none is given."""
        repository = self._repository(body)
        branch = text(body, "branch", f"order/{len(repository.pulls) + 1}")
        if branch not in repository.branches:
            draft = Draft(signature(act.person), act.at_ms, "Pushed on order\n")
            self._forge.push(act, repository, branch, [draft])
        pull = self._reviews.open(act, repository, branch, text(body, "title", "Opened on order"))
        return {"id": pull.id, "branch": branch}

    def _retitle(self, act: Act, body: JsonObject) -> JsonValue:
        pull = self._pull(body)
        self._reviews.retitle(act, pull, text(body, "title"))
        return {"id": pull.id}

    def _judge(self, act: Act, body: JsonObject) -> JsonValue:
        entry = self._reviews.judge(act, self._pull(body), _JUDGEMENTS[text(body, "do")])
        return {"entry": entry.serial}

    def _withdraw(self, act: Act, body: JsonObject) -> JsonValue:
        self._reviews.withdraw(act, self._pull(body))
        return {}

    def _comment(self, act: Act, body: JsonObject) -> JsonValue:
        entry = self._reviews.comment(act, self._pull(body), text(body, "text", "Said on order."))
        return {"entry": entry.serial}

    def _edit_comment(self, act: Act, body: JsonObject) -> JsonValue:
        """Of the ``entry`` that the order to comment told."""
        pull, is_deleted = self._pull(body), text(body, "do") == "delete-comment"
        entry: Entry | None = next((one for one in pull.entries if one.serial == number(body, "entry")), None)
        if entry is None:
            raise ConfigError("the pull request has no such entry", hint="give the entry of a comment")
        self._reviews.rewrite(act, pull, entry, text(body, "text", "Edited on order."), is_deleted=is_deleted)
        return {"entry": entry.serial}

    def _close(self, act: Act, body: JsonObject) -> JsonValue:
        pull = self._pull(body)
        self._reviews.close(act, pull, _ENDS[text(body, "do")])
        return {"id": pull.id, "merge_commit": pull.merge_hash}

    # Places and rights.

    def _workspace(self, body: JsonObject) -> Workspace:
        name = text(body, "workspace", self._forge.workspaces[0].slug)
        for workspace in self._forge.workspaces:
            if workspace.slug == name:
                return workspace
        raise ConfigError(f"no workspace is called {name!r}", hint="GET /2.0/user/workspaces lists them")

    def _create_repository(self, act: Act, body: JsonObject) -> JsonValue:
        slug = text(body, "slug")
        repository = self._forge.add_repository(act, self._workspace(body), slug, text(body, "name", slug))
        draft = Draft(signature(act.person), act.at_ms, "Initial commit\n")
        self._forge.push(act, repository, MAIN, [draft])
        return {"repository": repository.full_name, "uuid": repository.uuid}

    def _delete_repository(self, act: Act, body: JsonObject) -> JsonValue:
        repository = self._repository(body)
        repository.deleted_at_ms = act.at_ms
        return {"uuid": repository.uuid}

    def _rename_repository(self, act: Act, body: JsonObject) -> JsonValue:
        repository = self._repository(body)
        repository.slug = text(body, "slug")
        repository.name = text(body, "name", repository.slug)
        repository.updated_us = self._forge.at_us(act)
        return {"repository": repository.full_name, "uuid": repository.uuid}

    def _permit(self, act: Act, body: JsonObject) -> JsonValue:
        """In a repository where one is given, else in a workspace; an empty permission takes it away."""
        is_repository = "repository" in body
        place = self._repository(body) if is_repository else self._workspace(body)
        person, permission = person_of(self._site, body, "account_id"), text(body, "permission")
        allowed = ("read", "write", "admin") if is_repository else ("member", "collaborator", "owner")
        if permission not in {"", *allowed}:
            raise ConfigError(
                f"no permission is called {permission!r}", hint=f"use one of {', '.join(allowed)}, or none"
            )
        self._forge.permit(act, place, person, permission)
        return {}

    def _protect(self, act: Act, body: JsonObject) -> JsonValue:
        repository = self._repository(body)
        rule_id = number(body, "id", 27_000_000 + len(self._forge.grants))
        users = (person_of(self._site, body, "account_id"),) if "account_id" in body else ()
        value = number(body, "value") if "value" in body else None
        rule = Rule(rule_id, text(body, "kind", "push"), text(body, "pattern", MAIN), users, value)
        self._forge.protect(act, repository, rule)
        return {"id": rule_id}

    def _unprotect(self, act: Act, body: JsonObject) -> JsonValue:
        self._forge.unprotect(act, self._repository(body), number(body, "id"))
        return {}
