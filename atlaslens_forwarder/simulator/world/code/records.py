"""Repositories and everything in them, with what was overwritten or taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.people import Person


class PullState(StrEnum):
    """Where a pull request stands; the names of the API."""

    OPEN = "OPEN"
    MERGED = "MERGED"
    DECLINED = "DECLINED"
    SUPERSEDED = "SUPERSEDED"


class Deed(StrEnum):
    """What an entry of a pull request's activity is; the names of the API."""

    UPDATE = "update"
    APPROVAL = "approval"
    CHANGES_REQUESTED = "changes_requested"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who a commit names: raw text, and the account it belongs to where Bitbucket knows it."""

    raw: str
    person: Person | None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; ``date_ms`` is what its author's clock said, ``pushed_at_ms`` when it came."""

    hash: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    date_ms: int
    message: str
    pushed_at_ms: int
    pusher: Person


@dataclass(slots=True)
class Remark:
    """One state of a comment; ``gone_at_ms`` since when another state took its place."""

    at_us: int
    text: str
    is_deleted: bool = False
    gone_at_ms: int | None = None


@dataclass(slots=True)
class Entry:
    """One entry of a pull request's activity, in the order of ``serial``; times in epoch microseconds."""

    serial: int
    deed: Deed
    at_us: int
    person: Person
    state: PullState
    title: str
    source_hash: str
    target_hash: str
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    gone_at_ms: int | None = None


@dataclass(slots=True)
class Pull:
    """A pull request of a repository from one branch into another."""

    id: int
    repository: Repository
    author: Person
    title: str
    source: str
    target: str
    source_hash: str
    target_hash: str
    created_us: int
    updated_us: int
    state: PullState = PullState.OPEN
    closer: Person | None = None
    closed_us: int | None = None
    merge_hash: str = ""
    reviewers: tuple[Person, ...] = ()
    entries: list[Entry] = field(default_factory=list)

    def standing(self) -> list[Entry]:
        """The entries that the API shows now, oldest first."""
        return [entry for entry in self.entries if entry.gone_at_ms is None]


@dataclass(slots=True)
class Rule:
    """A branch restriction."""

    id: int
    kind: str
    pattern: str
    users: tuple[Person, ...] = ()
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A change of who may do what, as it would stand in an audit log that the API does not have.

    ``scope`` is ``workspace``, ``repository`` or ``branch-restriction``; ``subject`` whom or which rule it
    is about; ``before`` and ``after`` are empty where there was or is nothing.
    """

    number: int
    at_ms: int
    scope: str
    place: Workspace | Repository
    subject: str
    before: str
    after: str
    person: Person


@dataclass(slots=True)
class Repository:
    """A repository; the uuid lasts, slug and name may change.

    ``gone`` tells since when commits are out of reach of all branches, ``forgotten`` which are unknown.
    """

    uuid: str
    slug: str
    name: str
    workspace: Workspace
    owner: Person
    created_us: int
    updated_us: int
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    pulls: list[Pull] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    permissions: dict[str, str] = field(default_factory=dict)
    deleted_at_ms: int | None = None

    @property
    def full_name(self) -> str:
        """``workspace/slug``."""
        return f"{self.workspace.slug}/{self.slug}"


@dataclass(slots=True)
class Workspace:
    """A workspace with its members' permissions, by account id."""

    uuid: str
    slug: str
    name: str
    created_us: int
    repositories: list[Repository] = field(default_factory=list)
    permissions: dict[str, str] = field(default_factory=dict)

    def living(self) -> list[Repository]:
        """The repositories that are there now, in the order of creation."""
        return [repository for repository in self.repositories if repository.deleted_at_ms is None]
