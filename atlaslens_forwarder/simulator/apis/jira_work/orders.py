"""What ``POST /_sim/jira``, ``/_sim/directory`` and ``/_sim/servicedesk`` do, at the world's present moment.

What an order leaves open (who, where, which words) is drawn from the seed and the number of the order, so
equal orders on equal worlds have equal results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import SECOND_MS
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.directory import Standing
from atlaslens_forwarder.simulator.world.spec import JIRA_AUDIT
from atlaslens_forwarder.simulator.world.work import vocabulary
from atlaslens_forwarder.simulator.world.work.work import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Project
    from atlaslens_forwarder.simulator.world.work.records import Change, Issue, Note

T = TypeVar("T")
N = TypeVar("N", vocabulary.Named, "Project")

_HINT: Final = "docs/simulator.md lists the orders"
_MOST_ACTS: Final = 100_000
_AUDIT_FIELDS: Final = ("description", "changedValues", "associatedItems")


class _Order:
    """An order as it was given, with what it leaves open drawn by chance."""

    def __init__(self, part: JiraPart, body: JsonObject) -> None:
        self.part = part
        self.body = body
        part.orders_given += 1
        self.chance = Chance(part.seed, label("order"), part.orders_given)
        lag_s = body.get("lag_s")
        self.lag_ms = int(self.number("lag_s") * SECOND_MS) if lag_s is not None else None
        self.now_ms = part.site.now_ms()

    def text(self, name: str, default: str | None = None) -> str:
        value = self.body.get(name, default)
        if not isinstance(value, str):
            raise ConfigError(f"{name} is no text", hint=_HINT)
        return value

    def number(self, name: str, default: float | None = None) -> float:
        value = self.body.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ConfigError(f"{name} is no number", hint=_HINT)
        return value

    def person(self, name: str) -> Person:
        return _needed(self.part.site.world.people.of(self.text(name)), "account", self.text(name))

    def issue(self) -> Issue:
        return _needed(self.part.work.find(self.text("issue")), "issue", self.text("issue"))

    def note(self, name: str) -> Note:
        notes = self.part.work.comments if name == "comment" else self.part.work.worklogs
        note = _needed(notes.get(self.text(name)), name, self.text(name))
        return _needed(note if note.deleted_at_ms is None else None, name, note.id)

    def project(self) -> Project:
        return _named(self.part.site.world.places.projects, self.text("project"))

    def act(self, project: Project) -> Act:
        drawn = self.part.drive.actor(self.chance, project, self.now_ms)
        actor = self.person("actor") if "actor" in self.body else drawn
        return Act(actor, self.now_ms, self.lag_ms)


def _needed(thing: T | None, kind: str, name: str) -> T:
    if thing is None:
        raise ConfigError(f"no {kind} is called {name!r}", hint=_HINT)
    return thing


def _named(things: Iterable[N], name: str) -> N:
    found = next((one for one in things if name in {one.id, one.name, getattr(one, "key", "")}), None)
    return _needed(found, "value", name)


def change_work(part: JiraPart, body: JsonObject) -> JsonValue:
    """Something happens to issues.

    Raises:
        ConfigError: the order makes no sense.
    """
    return _obey(_WORK, _Order(part, body))


def change_directory(part: JiraPart, body: JsonObject) -> JsonValue:
    """Something happens to accounts and groups.

    Raises:
        ConfigError: the order makes no sense.
    """
    return _obey(_DIRECTORY, _Order(part, body))


def change_desk(part: JiraPart, body: JsonObject) -> JsonValue:
    """Something happens to organisations.

    Raises:
        ConfigError: the order makes no sense.
    """
    return _obey(_DESK, _Order(part, body))


def _obey(known: dict[str, Callable[[_Order], JsonValue]], order: _Order) -> JsonValue:
    wanted = order.text("do", "")
    if wanted not in known:
        raise ConfigError(f"no order is called {wanted!r}", hint=f"use one of {', '.join(known)}")
    return known[wanted](order)


def _create(order: _Order) -> JsonValue:
    project = order.project() if "project" in order.body else None
    issue = order.part.drive.create(order.chance, order.now_ms, order.lag_ms, project)
    if "actor" in order.body:
        issue.creator = order.person("actor")
    issue.summary = order.text("summary", issue.summary)
    return {"issue_id": issue.id, "issue_key": issue.key}


def _change(order: _Order) -> JsonValue:
    issue, work = order.issue(), order.part.work
    act, name, value = order.act(issue.place.project), order.text("field"), order.body.get("value")
    change: Change
    if name == "status":
        statuses = vocabulary.statuses_of(issue.place.project.kind)
        change = work.set_status(act, issue, _named(statuses, order.text("value")))
    elif name == "assignee":
        change = work.set_assignee(act, issue, order.person("value") if value else None)
    elif name == "priority":
        change = work.set_priority(act, issue, _named(vocabulary.PRIORITIES, order.text("value")))
    elif name == "labels":
        labels = value if isinstance(value, list) else []
        change = work.set_labels(act, issue, [str(one) for one in labels])
    else:
        change = work.set_text(act, issue, name, order.text("value"))
    return {"issue_id": issue.id, "history_id": change.id}


def _comment(order: _Order) -> JsonValue:
    issue = order.issue()
    text = order.text("text", order.chance.pick(vocabulary.COMMENTS))
    public = not order.body.get("internal", False)
    note = order.part.work.comment(order.act(issue.place.project), issue, text, is_public=public)
    return {"issue_id": issue.id, "comment_id": note.id}


def _edit_comment(order: _Order) -> JsonValue:
    note = order.note("comment")
    version = order.part.work.edit(order.act(note.issue.place.project), note, order.text("text"))
    return {"comment_id": note.id, "updated_ms": version.at_ms}


def _log_work(order: _Order) -> JsonValue:
    issue, seconds = order.issue(), int(order.number("seconds", 1800))
    text = order.text("text", order.chance.pick(vocabulary.COMMENTS))
    note = order.part.work.log_work(order.act(issue.place.project), issue, seconds, text)
    return {"issue_id": issue.id, "worklog_id": note.id}


def _edit_worklog(order: _Order) -> JsonValue:
    note = order.note("worklog")
    text, seconds = order.text("text", note.last.text), int(order.number("seconds", note.last.seconds))
    version = order.part.work.edit(order.act(note.issue.place.project), note, text, seconds)
    return {"worklog_id": note.id, "updated_ms": version.at_ms}


def _erase(kind: str) -> Callable[[_Order], JsonValue]:
    def erase(order: _Order) -> JsonValue:
        note = order.note(kind)
        order.part.work.erase(order.act(note.issue.place.project), note)
        return {f"{kind}_id": note.id, "deleted_ms": note.deleted_at_ms}

    return erase


def _move(order: _Order) -> JsonValue:
    issue = order.issue()
    change = order.part.work.move(order.act(issue.place.project), issue, order.project())
    return {"issue_id": issue.id, "issue_key": issue.key, "history_id": change.id}


def _delete(order: _Order) -> JsonValue:
    """The issue goes; Jira's audit log gains the record of it."""
    issue, site = order.issue(), order.part.site
    act = order.act(issue.place.project)
    order.part.work.delete(act, issue)
    record: JsonObject = {
        "summary": "Issue deleted",
        "category": "issue management",
        "authorAccountId": act.actor.account_id,
        "authorKey": act.actor.user_key,
        "remoteAddress": act.actor.address,
        "objectItem": {"id": issue.id, "name": issue.key, "typeName": "ISSUE_DELETE"},
        **dict.fromkeys(_AUDIT_FIELDS),
    }
    slot = site.feed(JIRA_AUDIT).add(act.at_ms, act.at_ms, override=record)
    return {"issue_id": issue.id, "audit_id": site.key(JIRA_AUDIT, slot)}


def _restrict(*, hidden: bool) -> Callable[[_Order], JsonValue]:
    def restrict(order: _Order) -> JsonValue:
        issue = order.issue()
        change = order.part.work.restrict(order.act(issue.place.project), issue, hidden=hidden)
        return {"issue_id": issue.id, "history_id": change.id}

    return restrict


def _random(order: _Order) -> JsonValue:
    """So many acts of any kind; with ``seed`` they do not depend on the orders before."""
    seed = int(order.number("seed", order.part.orders_given))
    touched: list[JsonValue] = []
    for number in range(min(int(order.number("count", 1)), _MOST_ACTS)):
        chance = Chance(order.part.seed, label("random"), seed, number)
        touched.append(order.part.drive.step(chance, order.now_ms, order.lag_ms))
    return {"issue_ids": touched}


def _turn(standing: Standing) -> Callable[[_Order], JsonValue]:
    def turn(order: _Order) -> JsonValue:
        person = order.person("account_id")
        if standing is Standing.CLOSED:
            order.part.close(person)
        else:
            order.part.directory.turn(person, standing, order.now_ms)
        return {"account_id": person.account_id, "standing": standing.value}

    return turn


def _membership(*, joins: bool) -> Callable[[_Order], JsonValue]:
    def membership(order: _Order) -> JsonValue:
        directory = order.part.directory
        team = _needed(directory.team(order.text("group")), "group", order.text("group"))
        person = order.person("account_id")
        (directory.join if joins else directory.leave)(team, person, order.now_ms)
        return {"group_id": team.id, "account_id": person.account_id}

    return membership


def _add_group(order: _Order) -> JsonValue:
    return {"group_id": order.part.directory.add_team(order.text("name"), order.now_ms).id}


def _rename_group(order: _Order) -> JsonValue:
    team = _needed(order.part.directory.team(order.text("group")), "group", order.text("group"))
    team.name = order.text("name")
    return {"group_id": team.id}


def _delete_group(order: _Order) -> JsonValue:
    team = _needed(order.part.directory.team(order.text("group")), "group", order.text("group"))
    order.part.directory.delete_team(team, order.now_ms)
    return {"group_id": team.id}


def _belonging(*, joins: bool) -> Callable[[_Order], JsonValue]:
    def belonging(order: _Order) -> JsonValue:
        known, name = order.part.organizations, order.text("organization")
        organization = _needed(known.find(name), "organization", name)
        person = order.person("account_id")
        (known.join if joins else known.leave)(organization, person, order.now_ms)
        return {"organization_id": organization.id, "account_id": person.account_id}

    return belonging


def _add_organization(order: _Order) -> JsonValue:
    return {"organization_id": order.part.organizations.add(order.text("name"), order.now_ms).id}


def _delete_organization(order: _Order) -> JsonValue:
    known, name = order.part.organizations, order.text("organization")
    organization = _needed(known.find(name), "organization", name)
    known.delete(organization, order.now_ms)
    return {"organization_id": organization.id}


_WORK: Final[dict[str, Callable[[_Order], JsonValue]]] = {
    "create": _create,
    "change": _change,
    "comment": _comment,
    "edit-comment": _edit_comment,
    "delete-comment": _erase("comment"),
    "log-work": _log_work,
    "edit-worklog": _edit_worklog,
    "delete-worklog": _erase("worklog"),
    "move": _move,
    "delete": _delete,
    "restrict": _restrict(hidden=True),
    "unrestrict": _restrict(hidden=False),
    "random": _random,
}
_DIRECTORY: Final[dict[str, Callable[[_Order], JsonValue]]] = {
    "deactivate": _turn(Standing.DEACTIVATED),
    "reactivate": _turn(Standing.ACTIVE),
    "close": _turn(Standing.CLOSED),
    "join": _membership(joins=True),
    "leave": _membership(joins=False),
    "add-group": _add_group,
    "rename-group": _rename_group,
    "delete-group": _delete_group,
}
_DESK: Final[dict[str, Callable[[_Order], JsonValue]]] = {
    "add-organization": _add_organization,
    "delete-organization": _delete_organization,
    "join": _belonging(joins=True),
    "leave": _belonging(joins=False),
}
ORDERS: Final = {"jira": tuple(_WORK), "directory": tuple(_DIRECTORY), "servicedesk": tuple(_DESK)}
"""Every order of each control route."""
