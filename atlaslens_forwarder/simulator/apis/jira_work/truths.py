"""What a client could have come to know, with who did it: every record ever shown, overwritten ones too.

A row is served to who asks for it by id from ``visible_at_ms`` on. It tells

- ``action``, ``actor`` (an account id, or None) and ``actor_shown`` (whether the API tells it);
- ``found_at_ms``: since when a search by ``updated``, or a feed, leads to it; None: nothing does yet;
- ``gone_at_ms``: when it was served for the last time; None: it still is;
- ``seen_by``: ``record``, or ``absence`` where something is served no more;
- ``served``: the record as the API writes it now, or wrote it last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.simulator.apis.jira_work import bodies
from atlaslens_forwarder.simulator.site import TruthRow
from atlaslens_forwarder.simulator.world.places import SERVICE_DESK
from atlaslens_forwarder.simulator.world.service_desk import PROMISES, cycles_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.work.records import Issue, Note

WITHHELD_MS: Final = MINUTE_MS
"""The worklog feeds keep the last minute back."""


def _row(
    action: str,
    actor: Person | None,
    served: JsonObject | None,
    *,
    gone_at_ms: int | None = None,
    actor_shown: bool = True,
    seen_by: str = "record",
) -> JsonObject:
    return {
        "action": action,
        "actor": actor.account_id if actor else None,
        "actor_shown": actor_shown and actor is not None,
        "seen_by": seen_by,
        "gone_at_ms": gone_at_ms,
        "served": served,
    }


def _shown_ms(issue: Issue, from_ms: int) -> int | None:
    """When what could be seen from then on really can be: restrictions put it off, for ever at worst."""
    restriction = issue.restriction_at(from_ms)
    return from_ms if restriction is None else restriction[1]


def _end_ms(issue: Issue, own_end_ms: int | None) -> int | None:
    """When something on the issue is served for the last time."""
    ends = [own_end_ms, issue.deleted_at_ms, issue.restrictions[-1][0] if issue.is_restricted else None]
    return min((end for end in ends if end is not None), default=None)


def _on(
    part: JiraPart, issue: Issue, key: str, times: tuple[int, int | None], row: JsonObject
) -> Iterator[TruthRow]:
    """A row about something on an issue, if it was ever shown; ``times``: when it was, when it is found."""
    at_ms, found_ms = times
    visible_ms = _shown_ms(issue, at_ms)
    gone_ms = row["gone_at_ms"]
    never = visible_ms is None or (isinstance(gone_ms, int) and gone_ms <= visible_ms)
    if visible_ms is None or never or not part.is_ever_readable(issue):
        return
    place = issue.place_at(at_ms)
    about: JsonObject = {
        "found_at_ms": None if found_ms is None else max(found_ms, visible_ms),
        "issue_id": issue.id,
        "issue_key": place.key,
        "project_key": place.project.key,
        "project_type": place.project.kind,
    }
    yield TruthRow(key, at_ms, visible_ms, row | about)


def _issues(part: JiraPart) -> Iterator[TruthRow]:
    for issue in part.work.issues.values():
        served: JsonObject = bodies.issue(part, issue, bodies.ALL_FIELDS)
        created = _row("created", issue.creator, served, gone_at_ms=_end_ms(issue, None))
        known = list(_on(part, issue, issue.id, (issue.created_at_ms, part.found_at_ms(issue, 0)), created))
        yield from known
        if known and issue.deleted_at_ms is not None:
            deleted = _row("deleted", issue.deleted_by, None, actor_shown=False, seen_by="absence")
            at_ms = issue.deleted_at_ms
            yield from _on(part, issue, f"{issue.id}:deleted", (at_ms, at_ms), deleted)


def _changes(part: JiraPart) -> Iterator[TruthRow]:
    for issue in part.work.issues.values():
        for change in issue.changes:
            served = bodies.change(part, change, "iso")
            row = _row("changed", change.author, served, gone_at_ms=_end_ms(issue, None))
            found_ms = part.found_at_ms(issue, change.mark)
            yield from _on(part, issue, f"{issue.id}:{change.id}", (change.at_ms, found_ms), row)


def _versions(
    part: JiraPart, note: Note, write: Callable[[int], JsonObject], found_ms: Callable[[int], int | None]
) -> Iterator[TruthRow]:
    """Every version of a comment or worklog; ``found_ms`` tells since when one could be asked for."""
    for number, version in enumerate(note.versions):
        later = note.versions[number + 1].at_ms if number + 1 < len(note.versions) else note.deleted_at_ms
        row = _row(
            "added" if number == 0 else "edited",
            version.author,
            write(number),
            gone_at_ms=_end_ms(note.issue, later),
        )
        yield from _on(part, note.issue, f"{note.id}:{version.at_ms}", (version.at_ms, found_ms(number)), row)


def _comments(part: JiraPart) -> Iterator[TruthRow]:
    for note in part.work.comments.values():
        issue, versions = note.issue, note.versions
        known = list(
            _versions(
                part,
                note,
                lambda number, note=note: bodies.comment(part, note, number),  # type: ignore[misc]
                lambda number, issue=issue, versions=versions: part.found_at_ms(  # type: ignore[misc]
                    issue, versions[number].mark
                ),
            )
        )
        yield from known
        if known and note.deleted_at_ms is not None and note.deleted_mark:
            row = _row("deleted", note.deleted_by, None, actor_shown=False, seen_by="absence")
            row["gone_at_ms"] = _end_ms(issue, None)
            found_ms = part.found_at_ms(issue, note.deleted_mark)
            yield from _on(part, issue, f"{note.id}:deleted", (note.deleted_at_ms, found_ms), row)


def _worklogs(part: JiraPart) -> Iterator[TruthRow]:
    for note in part.work.worklogs.values():
        versions = note.versions
        yield from _versions(
            part,
            note,
            lambda number, note=note: bodies.worklog(part, note, number),  # type: ignore[misc]
            lambda number, versions=versions: versions[number].at_ms + WITHHELD_MS,  # type: ignore[misc]
        )
        if note.deleted_at_ms is not None:
            row = _row("deleted", note.deleted_by, None, actor_shown=False)
            at_ms = note.deleted_at_ms
            about: JsonObject = {
                "worklog_id": note.id,
                "issue_id": note.issue.id,
                "found_at_ms": at_ms + WITHHELD_MS,
            }
            # The feed of deletions asks for no right on the issue.
            yield TruthRow(f"{note.id}:deleted", at_ms, at_ms, row | about)


def _breaches(part: JiraPart) -> Iterator[TruthRow]:
    now_ms = part.site.now_ms()
    for issue in part.work.issues.values():
        if issue.place.project.kind != SERVICE_DESK:
            continue
        for promise in PROMISES:
            for number, cycle in enumerate(cycles_of(issue, promise)):
                if not cycle.is_breached(min(now_ms, issue.deleted_at_ms or now_ms)):
                    continue
                row = _row("breached", None, None, gone_at_ms=_end_ms(issue, None))
                row |= {"sla": promise.name, "goal_ms": cycle.goal_ms, "cycle": number}
                found_ms = part.found_at_ms(issue, 0)
                key = f"{issue.id}:{promise.id}:{number}"
                yield from _on(part, issue, key, (cycle.breach_ms, found_ms), row)


def _plain(key: str, at_ms: int, row: JsonObject) -> TruthRow:
    """A row that shows at once."""
    return TruthRow(key, at_ms, at_ms, row | {"found_at_ms": at_ms})


def _users(part: JiraPart) -> Iterator[TruthRow]:
    start_ms = part.site.world.spec.start_ms
    for person in part.site.world.people.everyone():
        row = _row("known", None, bodies.user(part, person))
        yield _plain(person.account_id, start_ms, row | {"account_id": person.account_id})
    for turn in part.directory.turns:
        key = f"{turn.person.account_id}:{turn.at_ms}:{turn.standing}"
        row = _row(turn.standing, None, bodies.user(part, turn.person))
        yield _plain(key, turn.at_ms, row | {"account_id": turn.person.account_id})


def _memberships(part: JiraPart) -> Iterator[TruthRow]:
    for one in part.directory.memberships:
        row = _row("joined", None, None, gone_at_ms=one.until_ms)
        about: JsonObject = {
            "group_id": one.team.id,
            "group_name": one.team.name,
            "account_id": one.person.account_id,
        }
        key = f"{one.team.id}:{one.person.account_id}:{one.since_ms}"
        yield _plain(key, one.since_ms, row | about)


def _belongings(part: JiraPart) -> Iterator[TruthRow]:
    for one in part.organizations.belongings:
        row = _row("joined", None, None, gone_at_ms=one.until_ms)
        about: JsonObject = {
            "organization_id": one.organization.id,
            "organization_name": one.organization.name,
            "account_id": one.person.account_id,
        }
        key = f"{one.organization.id}:{one.person.account_id}:{one.since_ms}"
        yield _plain(key, one.since_ms, row | about)


TRUTHS: Final[dict[str, Callable[[JiraPart], Iterator[TruthRow]]]] = {
    "jira-issues": _issues,
    "jira-changes": _changes,
    "jira-comments": _comments,
    "jira-worklogs": _worklogs,
    "jira-users": _users,
    "jira-memberships": _memberships,
    "jsm-breaches": _breaches,
    "jsm-organizations": _belongings,
}
