"""All issues of a site and the acts that change them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.simulator.world.work.records import Change, Issue, Item, Mark, Note, Place, Version
from atlaslens_forwarder.simulator.world.work.vocabulary import (
    DONE,
    PRIORITIES,
    RESOLUTION,
    SECURITY_LEVEL,
    Named,
    statuses_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Project

_HINT = "docs/simulator.md lists the orders"


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, when (epoch milliseconds), and how late the search index learns of it."""

    actor: Person
    at_ms: int
    lag_ms: int | None = None


class Work:
    """Issues by id and by every key they ever had; nothing is ever forgotten."""

    def __init__(self) -> None:
        self.issues: dict[str, Issue] = {}
        self.comments: dict[str, Note] = {}
        self.worklogs: dict[str, Note] = {}
        self._ids_by_key: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._issue_ids = count(10100, 3)
        self._change_ids = count(20011, 7)
        self._note_ids = count(30005, 2)

    def find(self, id_or_key: str) -> Issue | None:
        """An issue that is there; a key from before a move still leads to it."""
        issue = self.issues.get(self._ids_by_key.get(id_or_key.upper(), id_or_key))
        return issue if issue is not None and issue.deleted_at_ms is None else None

    def living(self) -> list[Issue]:
        """All issues that are not deleted, oldest first."""
        return [issue for issue in self.issues.values() if issue.deleted_at_ms is None]

    def create(self, act: Act, project: Project, kind: Named, summary: str) -> Issue:
        """A new issue in the first status."""
        issue = Issue(
            id=str(next(self._issue_ids)),
            type=kind,
            creator=act.actor,
            created_at_ms=act.at_ms,
            places=[self._place(project, act.at_ms)],
            summary=summary,
            status=statuses_of(project.kind)[0],
            priority=PRIORITIES[2],
        )
        issue.marks.append(Mark(act.at_ms, act.lag_ms))
        issue.statuses.append((act.at_ms, issue.status))
        self.issues[issue.id] = issue
        self._ids_by_key[issue.key] = issue.id
        return issue

    def set_status(self, act: Act, issue: Issue, status: Named) -> Change:
        """A transition; reaching or leaving the last status sets or clears the resolution with it."""
        items = [Item("status", "status", issue.status.id, issue.status.name, status.id, status.name)]
        was_done, is_done = issue.status.group == DONE, status.group == DONE
        if is_done and not was_done:
            items.append(Item("resolution", "resolution", None, None, RESOLUTION.id, RESOLUTION.name))
            issue.resolved_at_ms = act.at_ms
        if was_done and not is_done:
            items.append(Item("resolution", "resolution", RESOLUTION.id, RESOLUTION.name, None, None))
            issue.resolved_at_ms = None
        issue.status = status
        issue.statuses.append((act.at_ms, status))
        return self._change(act, issue, items)

    def set_assignee(self, act: Act, issue: Issue, person: Person | None) -> Change:
        """Somebody, or nobody, is to do it."""
        old, issue.assignee = issue.assignee, person
        before = (old.account_id, old.display_name) if old else (None, None)
        after = (person.account_id, person.display_name) if person else (None, None)
        return self._change(act, issue, [Item("assignee", "assignee", *before, *after)])

    def set_priority(self, act: Act, issue: Issue, priority: Named) -> Change:
        """Another priority."""
        old, issue.priority = issue.priority, priority
        return self._change(
            act, issue, [Item("priority", "priority", old.id, old.name, priority.id, priority.name)]
        )

    def set_labels(self, act: Act, issue: Issue, labels: Sequence[str]) -> Change:
        """Other labels; they have no ids."""
        old, issue.labels = issue.labels, tuple(labels)
        return self._change(
            act, issue, [Item("labels", "labels", None, " ".join(old), None, " ".join(labels))]
        )

    def set_text(self, act: Act, issue: Issue, name: str, text: str) -> Change:
        """Another summary or description.

        Raises:
            ConfigError: the issue has no such text.
        """
        if name not in {"summary", "description"}:
            raise ConfigError(f"{name!r} is no field that can be changed", hint=_HINT)
        old = str(getattr(issue, name))
        setattr(issue, name, text)
        return self._change(act, issue, [Item(name, name, None, old or None, None, text)])

    def move(self, act: Act, issue: Issue, project: Project) -> Change:
        """Into another project: another key and status, the same id.

        Raises:
            ConfigError: it stands there already.
        """
        old = issue.place
        if project == old.project:
            raise ConfigError(f"{issue.key} is in {project.key} already", hint="choose another project")
        new = self._place(project, act.at_ms)
        issue.places.append(new)
        self._ids_by_key[new.key] = issue.id
        items = [
            Item("project", "project", old.project.id, old.project.name, project.id, project.name),
            Item("Key", "", None, old.key, None, new.key),
        ]
        if project.kind != old.project.kind:
            status = statuses_of(project.kind)[0]
            items.append(Item("status", "status", issue.status.id, issue.status.name, status.id, status.name))
            issue.status = status
            issue.statuses.append((act.at_ms, status))
            issue.resolved_at_ms = None
        return self._change(act, issue, items)

    def restrict(self, act: Act, issue: Issue, *, hidden: bool) -> Change:
        """Set or clear the security level that keeps the collector out.

        Raises:
            ConfigError: it is so already.
        """
        if hidden == issue.is_restricted:
            raise ConfigError(f"{issue.key} is restricted already, or never was", hint=_HINT)
        level = (SECURITY_LEVEL.id, SECURITY_LEVEL.name)
        nothing = (None, None)
        if hidden:
            issue.restrictions.append((act.at_ms, None))
            return self._change(act, issue, [Item("security", "security", *nothing, *level)])
        issue.restrictions[-1] = (issue.restrictions[-1][0], act.at_ms)
        return self._change(act, issue, [Item("security", "security", *level, *nothing)])

    def delete(self, act: Act, issue: Issue) -> None:
        """It vanishes with everything on it; only the audit log knows."""
        issue.deleted_at_ms, issue.deleted_by = act.at_ms, act.actor
        for note in (*issue.comments, *issue.worklogs):
            if note.deleted_at_ms is None:
                note.deleted_at_ms, note.deleted_by = act.at_ms, act.actor

    def comment(self, act: Act, issue: Issue, text: str, *, is_public: bool = True) -> Note:
        """A new comment."""
        note = Note(str(next(self._note_ids)), issue, [], is_public)
        note.versions.append(Version(act.at_ms, act.actor, text, self._touch(act, issue)))
        issue.comments.append(note)
        self.comments[note.id] = note
        return note

    def log_work(self, act: Act, issue: Issue, seconds: int, text: str) -> Note:
        """A new worklog."""
        note = Note(str(next(self._note_ids)), issue, [])
        note.versions.append(Version(act.at_ms, act.actor, text, self._touch(act, issue), seconds))
        issue.worklogs.append(note)
        self.worklogs[note.id] = note
        return note

    def edit(self, act: Act, note: Note, text: str, seconds: int = 0) -> Version:
        """Another version, at least a millisecond after the one before; that one is served no more."""
        at_ms = max(act.at_ms, note.last.at_ms + 1)
        mark = self._touch(Act(act.actor, at_ms, act.lag_ms), note.issue)
        note.versions.append(Version(at_ms, act.actor, text, mark, seconds))
        return note.last

    def erase(self, act: Act, note: Note) -> None:
        """A comment or worklog is deleted; its issue is touched."""
        note.deleted_at_ms, note.deleted_by = max(act.at_ms, note.last.at_ms + 1), act.actor
        note.deleted_mark = self._touch(Act(act.actor, note.deleted_at_ms, act.lag_ms), note.issue)

    def _place(self, project: Project, at_ms: int) -> Place:
        self._numbers[project.key] = self._numbers.get(project.key, 0) + 1
        return Place(at_ms, project, self._numbers[project.key])

    def _touch(self, act: Act, issue: Issue) -> int:
        at_ms = max(act.at_ms, issue.updated_at_ms)
        issue.marks.append(Mark(at_ms, act.lag_ms))
        return len(issue.marks) - 1

    def _change(self, act: Act, issue: Issue, items: Sequence[Item]) -> Change:
        mark = self._touch(act, issue)
        change = Change(str(next(self._change_ids)), act.at_ms, act.actor, tuple(items), mark)
        issue.changes.append(change)
        return change
