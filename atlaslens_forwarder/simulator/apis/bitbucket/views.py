"""How people, repositories, commits and pull requests are written by the Bitbucket Cloud REST API 2.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from atlaslens_forwarder.model.time import SECOND_MS, from_ms
from atlaslens_forwarder.simulator.apis.bitbucket.paging import time_us
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.code.past import CODE
from atlaslens_forwarder.simulator.world.code.records import Deed

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.code.records import (
        Commit,
        Entry,
        Pull,
        Repository,
        Rule,
        Signature,
        Workspace,
    )
    from atlaslens_forwarder.simulator.world.people import Person

_WEB: Final = "https://bitbucket.org"
_SHORT: Final = 12


def link(site: Site, path: str) -> JsonObject:
    """A link to a path of the API."""
    return {"href": f"{site.url}/2.0{path}"}


def user_uuid(site: Site, person: Person) -> str:
    """Bitbucket's own id of a person, in braces."""
    return "{" + Chance(site.world.seed_of(CODE), label("user"), label(person.account_id)).uuid() + "}"


def write_user(site: Site, person: Person) -> JsonObject:
    """An account; no e-mail is ever shown, names are those of the present."""
    uuid, name = user_uuid(site, person), site.world.names.of(person).display_name
    return {
        "type": "user",
        "uuid": uuid,
        "account_id": person.account_id,
        "display_name": name,
        "nickname": name.split()[0],
        "links": {
            "self": link(site, f"/users/{quote(uuid)}"),
            "avatar": {"href": f"{site.url}/avatar.png"},
            "html": {"href": f"{_WEB}/{quote(uuid)}/"},
        },
    }


def write_workspace(site: Site, workspace: Workspace) -> JsonObject:
    """A workspace."""
    return {
        "type": "workspace",
        "uuid": workspace.uuid,
        "slug": workspace.slug,
        "name": workspace.name,
        "is_private": True,
        "created_on": time_us(workspace.created_us),
        "links": {"self": link(site, f"/workspaces/{workspace.slug}")},
    }


def write_repository_name(site: Site, repository: Repository) -> JsonObject:
    """A repository inside other things."""
    return {
        "type": "repository",
        "uuid": repository.uuid,
        "full_name": repository.full_name,
        "name": repository.name,
        "links": {
            "self": link(site, f"/repositories/{repository.full_name}"),
            "html": {"href": f"{_WEB}/{repository.full_name}"},
        },
    }


def write_repository(site: Site, repository: Repository) -> JsonObject:
    """A repository of a list; its time of change moves with commits only."""
    return {
        **write_repository_name(site, repository),
        "slug": repository.slug,
        "workspace": write_workspace(site, repository.workspace),
        "owner": write_user(site, repository.owner),
        "scm": "git",
        "is_private": True,
        "description": "",
        "language": "python",
        "has_issues": False,
        "has_wiki": False,
        "fork_policy": "no_public_forks",
        "size": 1024 * len(repository.commits),
        "created_on": time_us(repository.created_us),
        "updated_on": time_us(repository.updated_us),
        "mainbranch": {"type": "branch", "name": "main"},
    }


def _write_signature(site: Site, signature: Signature) -> JsonObject:
    written: JsonObject = {"type": "author", "raw": signature.raw}
    if signature.person is not None:
        written["user"] = write_user(site, signature.person)
    return written


def write_commit(site: Site, repository: Repository, commit: Commit) -> JsonObject:
    """A commit; its date is the author's and in whole seconds, when it was pushed is not told."""
    path = f"/repositories/{repository.full_name}/commit"
    parents: list[JsonValue] = [
        {"type": "commit", "hash": name, "links": {"self": link(site, f"{path}/{name}")}}
        for name in commit.parents
    ]
    return {
        "type": "commit",
        "hash": commit.hash,
        "date": from_ms(commit.date_ms // SECOND_MS * SECOND_MS).isoformat(timespec="seconds"),
        "author": _write_signature(site, commit.author),
        "committer": _write_signature(site, commit.committer),
        "message": commit.message,
        "summary": {"type": "rendered", "raw": commit.message, "markup": "markdown", "html": ""},
        "parents": parents,
        "repository": write_repository_name(site, repository),
        "links": {"self": link(site, f"{path}/{commit.hash}")},
    }


def _end(site: Site, repository: Repository, branch: str, commit: str) -> JsonObject:
    return {
        "branch": {"name": branch},
        "commit": {"type": "commit", "hash": commit[:_SHORT]},
        "repository": write_repository_name(site, repository),
    }


def pull_path(pull: Pull) -> str:
    """The path of a pull request in the API."""
    return f"/repositories/{pull.repository.full_name}/pullrequests/{pull.id}"


def write_pull(site: Site, pull: Pull) -> JsonObject:
    """A pull request of a list, without participants."""
    path, repository = pull_path(pull), pull.repository
    comments = sum(1 for entry in pull.entries if entry.remarks and not entry.remarks[-1].is_deleted)
    return {
        "type": "pullrequest",
        "id": pull.id,
        "title": pull.title,
        "description": "",
        "summary": {"type": "rendered", "raw": "", "markup": "markdown", "html": ""},
        "state": pull.state.value,
        "draft": False,
        "author": write_user(site, pull.author),
        "source": _end(site, repository, pull.source, pull.source_hash),
        "destination": _end(site, repository, pull.target, pull.target_hash),
        "merge_commit": {"type": "commit", "hash": pull.merge_hash[:_SHORT]} if pull.merge_hash else None,
        "closed_by": None if pull.closer is None else write_user(site, pull.closer),
        "close_source_branch": True,
        "reason": "",
        "comment_count": comments,
        "task_count": 0,
        "created_on": time_us(pull.created_us),
        "updated_on": time_us(pull.updated_us),
        "links": {
            "self": link(site, path),
            "html": {"href": f"{_WEB}/{repository.full_name}/pull-requests/{pull.id}"},
            "activity": link(site, f"{path}/activity"),
        },
    }


def write_entry(site: Site, pull: Pull, entry: Entry) -> JsonObject:
    """An entry of the activity; where its time stands depends on what it is."""
    path, person = pull_path(pull), write_user(site, entry.person)
    about: JsonObject = {
        "type": "pullrequest",
        "id": pull.id,
        "title": pull.title,
        "links": {"self": link(site, path)},
    }
    inner: JsonObject
    if entry.deed is Deed.COMMENT:
        inner = _write_comment(site, pull, entry, about)
    elif entry.deed is Deed.UPDATE:
        inner = {
            "date": time_us(entry.at_us),
            "author": person,
            "state": entry.state.value,
            "title": entry.title,
            "description": "",
            "reason": "",
            "draft": False,
            "source": _end(site, pull.repository, pull.source, entry.source_hash),
            "destination": _end(site, pull.repository, pull.target, entry.target_hash),
            "reviewers": [write_user(site, reviewer) for reviewer in pull.reviewers],
            "changes": {name: {"old": old, "new": new} for name, (old, new) in entry.changes.items()},
        }
    else:
        inner = {"date": time_us(entry.at_us), "user": person, "pullrequest": about}
    return {"pull_request": about, entry.deed.value: inner}


def comment_id(pull: Pull, entry: Entry) -> int:
    """The id of a comment, unlike those of all other repositories."""
    return 600_000_000 + label(pull.repository.uuid) % 100_000_000 + pull.id * 1000 + entry.serial


def _write_comment(site: Site, pull: Pull, entry: Entry, about: JsonObject) -> JsonObject:
    number, last = comment_id(pull, entry), entry.remarks[-1]
    return {
        "type": "pullrequest_comment",
        "id": number,
        "created_on": time_us(entry.at_us),
        "updated_on": time_us(last.at_us),
        "content": {"type": "rendered", "raw": last.text, "markup": "markdown", "html": ""},
        "user": write_user(site, entry.person),
        "deleted": last.is_deleted,
        "pending": False,
        "pullrequest": about,
        "links": {"self": link(site, f"{pull_path(pull)}/comments/{number}")},
    }


def write_rule(site: Site, repository: Repository, rule: Rule) -> JsonObject:
    """A branch restriction."""
    return {
        "type": "branchrestriction",
        "id": rule.id,
        "kind": rule.kind,
        "branch_match_kind": "glob",
        "pattern": rule.pattern,
        "value": rule.value,
        "users": [write_user(site, person) for person in rule.users],
        "groups": [],
        "links": {"self": link(site, f"/repositories/{repository.full_name}/branch-restrictions/{rule.id}")},
    }
