"""What Bitbucket has shown at some time, with who did it, when and what.

``gone_at_ms`` tells since when the API does not show a record any more: taken back, overwritten, out of
reach of every branch, or in a repository that was deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import from_ms
from atlaslens_forwarder.simulator.apis.bitbucket.paging import time_us
from atlaslens_forwarder.simulator.apis.bitbucket.views import (
    comment_id,
    user_uuid,
    write_commit,
    write_entry,
    write_pull,
)
from atlaslens_forwarder.simulator.site import TruthRow
from atlaslens_forwarder.simulator.world.code.records import Deed, PullState, Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.code.forge import Forge
    from atlaslens_forwarder.simulator.world.code.records import (
        Commit,
        Entry,
        Grant,
        Pull,
        Remark,
        Signature,
    )
    from atlaslens_forwarder.simulator.world.people import Person

_US: Final = 1000
_ENDS: Final = {
    PullState.OPEN: "opened",
    PullState.MERGED: "merged",
    PullState.DECLINED: "declined",
    PullState.SUPERSEDED: "superseded",
}


def _repositories(forge: Forge) -> Iterator[Repository]:
    for workspace in forge.workspaces:
        yield from workspace.repositories


def _home(repository: Repository) -> JsonObject:
    return {
        "workspace": repository.workspace.slug,
        "repository": repository.slug,
        "repository_uuid": repository.uuid,
    }


def _gone(repository: Repository, gone_at_ms: int | None) -> int | None:
    ends = [end for end in (gone_at_ms, repository.deleted_at_ms) if end is not None]
    return min(ends, default=None)


def _known(action: str, person: Person, found_at_ms: int, *, is_shown: bool = True) -> JsonObject:
    return {
        "action": action,
        "actor": person.account_id,
        "actor_shown": is_shown,
        "seen_by": "record",
        "found_at_ms": found_at_ms,
    }


def _signed(role: str, signature: Signature) -> JsonObject:
    person = signature.person
    return {f"{role}_id": None if person is None else person.account_id, f"{role}_raw": signature.raw}


def _commit_row(site: Site, repository: Repository, commit: Commit) -> JsonObject:
    return {
        **_home(repository),
        **_known("pushed", commit.pusher, commit.pushed_at_ms, is_shown=False),
        "gone_at_ms": _gone(repository, repository.gone.get(commit.hash)),
        "served": write_commit(site, repository, commit),
        "hash": commit.hash,
        "parents": [*commit.parents],
        **_signed("author", commit.author),
        **_signed("committer", commit.committer),
        "date": from_ms(commit.date_ms).isoformat(timespec="seconds"),
        "message": commit.message,
    }


def commits(site: Site, forge: Forge) -> Iterator[TruthRow]:
    """Every commit; its time is the author's, it was shown since it was pushed."""
    for repository in _repositories(forge):
        for commit in repository.commits.values():
            row = _commit_row(site, repository, commit)
            yield TruthRow(f"{repository.uuid}:{commit.hash}", commit.date_ms, commit.pushed_at_ms, row)


def pulls(site: Site, forge: Forge) -> Iterator[TruthRow]:
    """Every opening and every end of a pull request; the end is credited to who did it."""
    for repository in _repositories(forge):
        for pull in repository.pulls:
            states = [(PullState.OPEN, pull.created_us, pull.author)]
            if pull.closer is not None and pull.closed_us is not None:
                states.append((pull.state, pull.closed_us, pull.closer))
            for state, at_us, person in states:
                row: JsonObject = {
                    **_home(repository),
                    **_known(_ENDS[state], person, at_us // _US),
                    "gone_at_ms": repository.deleted_at_ms,
                    "served": write_pull(site, pull),
                    "pull_request_id": pull.id,
                    "title": pull.title,
                    "state": state.value,
                    "at": time_us(at_us),
                    "author_id": pull.author.account_id,
                    "merge_commit": pull.merge_hash if state is PullState.MERGED else "",
                }
                key = f"{repository.uuid}:{pull.id}:{state}"
                yield TruthRow(key, at_us // _US, at_us // _US, row)


def activity(site: Site, forge: Forge) -> Iterator[TruthRow]:
    """Every entry of pull requests' activity; a comment has one record for each of its states."""
    for repository in _repositories(forge):
        for pull in repository.pulls:
            for entry in pull.entries:
                yield from _entry_rows(site, pull, entry)


def _entry_rows(site: Site, pull: Pull, entry: Entry) -> Iterator[TruthRow]:
    repository = pull.repository
    row: JsonObject = {
        **_home(repository),
        **_known(entry.deed.value, entry.person, entry.at_us // _US),
        "gone_at_ms": _gone(repository, entry.gone_at_ms),
        "served": write_entry(site, pull, entry),
        "pull_request_id": pull.id,
        "author_id": pull.author.account_id,
        "at": time_us(entry.at_us),
    }
    key, at_ms = f"{repository.uuid}:{pull.id}:{entry.serial}", entry.at_us // _US
    if entry.deed is not Deed.COMMENT:
        if entry.deed is Deed.UPDATE:
            row |= {"state": entry.state.value, "title": entry.title}
            row["changes"] = {name: [old, new] for name, (old, new) in entry.changes.items()}
        yield TruthRow(key, at_ms, at_ms, row)
        return
    for number, remark in enumerate(entry.remarks, start=1):
        state: JsonObject = {
            "comment_id": comment_id(pull, entry),
            "action": _remark_action(remark, number),
            "found_at_ms": remark.at_us // _US,
            "at": time_us(remark.at_us),
            "created_at": time_us(entry.at_us),
            "text": remark.text,
            "gone_at_ms": _gone(repository, remark.gone_at_ms),
        }
        shown_at_ms = remark.at_us // _US
        yield TruthRow(f"{key}:{number}", shown_at_ms, shown_at_ms, row | state)


def _remark_action(remark: Remark, number: int) -> str:
    if remark.is_deleted:
        return "comment-deleted"
    return "comment" if number == 1 else "comment-edited"


def permissions(site: Site, forge: Forge) -> Iterator[TruthRow]:
    """Every change of permissions and branch restrictions; the API shows results only, never who or when."""
    for grant in forge.grants:
        yield TruthRow(f"grant:{grant.number:06d}", grant.at_ms, grant.at_ms, _grant_row(site, grant))


def _grant_row(site: Site, grant: Grant) -> JsonObject:
    place, person = grant.place, site.world.people.of(grant.subject)
    action = "removed" if not grant.after else "changed" if grant.before else "granted"
    home: JsonObject = {"workspace": place.slug, "repository": None, "repository_uuid": None}
    return {
        **(_home(place) if isinstance(place, Repository) else home),
        **_known(action, grant.person, grant.at_ms, is_shown=False),
        "seen_by": "record" if grant.after else "absence",
        "scope": grant.scope,
        "subject": grant.subject,
        "subject_uuid": None if person is None else user_uuid(site, person),
        "before": grant.before,
        "after": grant.after,
        "at": from_ms(grant.at_ms).isoformat(timespec="milliseconds"),
    }


WRITERS: Final[Mapping[str, Callable[[Site, Forge], Iterator[TruthRow]]]] = {
    "bitbucket-commits": commits,
    "bitbucket-pullrequests": pulls,
    "bitbucket-activity": activity,
    "bitbucket-permissions": permissions,
}
