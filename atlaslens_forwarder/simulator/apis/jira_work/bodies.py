"""Jira's form of issues, changes, comments, worklogs, people and projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import SECOND_MS
from atlaslens_forwarder.simulator.world.chance import label
from atlaslens_forwarder.simulator.world.directory import Standing
from atlaslens_forwarder.simulator.world.jira_rows import jira_time
from atlaslens_forwarder.simulator.world.people import CUSTOMER
from atlaslens_forwarder.simulator.world.places import SERVICE_DESK
from atlaslens_forwarder.simulator.world.work.vocabulary import RESOLUTION

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Project
    from atlaslens_forwarder.simulator.world.work.records import Change, Issue, Note
    from atlaslens_forwarder.simulator.world.work.vocabulary import Named

ALL_FIELDS: Final = frozenset({"*all"})
_EVERY: Final = frozenset({"*all", "*navigable"})
NEWEST_CHANGES: Final = 40
"""Histories that ``expand=changelog`` shows (faros-ai/airbyte-connectors#2003)."""


def document(text: str) -> JsonObject:
    """A text as an Atlassian document."""
    paragraph: JsonObject = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def user(part: JiraPart, person: Person) -> JsonObject:
    """A person as named now; most e-mails are hidden, those of closed accounts all."""
    site = part.site
    naming = site.world.names.of(person)
    standing = part.directory.standing(person, site.now_ms())
    picture = f"{site.url}/avatar.png"
    body: JsonObject = {
        "self": f"{site.url}/rest/api/3/user?accountId={person.account_id}",
        "accountId": person.account_id,
        "accountType": naming.account_type,
        "displayName": naming.display_name,
        "active": standing is Standing.ACTIVE,
        "avatarUrls": {"48x48": picture, "24x24": picture, "16x16": picture, "32x32": picture},
    }
    if standing is not Standing.CLOSED:
        body["timeZone"] = "Etc/UTC"
        if person.role != CUSTOMER and label(person.account_id) % 3 == 0:
            body["emailAddress"] = person.email
    return body


def project(part: JiraPart, place: Project) -> JsonObject:
    """A project in short."""
    return {
        "self": f"{part.site.url}/rest/api/3/project/{place.id}",
        "id": place.id,
        "key": place.key,
        "name": place.name,
        "projectTypeKey": place.kind,
        "simplified": False,
    }


def _named(part: JiraPart, kind: str, thing: Named) -> JsonObject:
    return {"self": f"{part.site.url}/rest/api/3/{kind}/{thing.id}", "id": thing.id, "name": thing.name}


def _fields(part: JiraPart, issue: Issue) -> JsonObject:
    status = _named(part, "status", issue.status)
    status["statusCategory"] = {"key": issue.status.group, "name": issue.status.group.title()}
    done = issue.resolved_at_ms
    comments = [note for note in issue.comments if note.deleted_at_ms is None]
    body: JsonObject = {
        "summary": issue.summary,
        "issuetype": _named(part, "issuetype", issue.type) | {"subtask": False},
        "project": project(part, issue.place.project),
        "status": status,
        "priority": _named(part, "priority", issue.priority),
        "creator": user(part, issue.creator),
        "reporter": user(part, issue.creator),
        "assignee": user(part, issue.assignee) if issue.assignee else None,
        "labels": [*issue.labels],
        "created": jira_time(issue.created_at_ms),
        "updated": jira_time(issue.updated_at_ms),
        "resolution": _named(part, "resolution", RESOLUTION) if done is not None else None,
        "resolutiondate": jira_time(done) if done is not None else None,
        "description": document(issue.description) if issue.description else None,
        "comment": {
            "comments": [comment(part, note) for note in comments],
            "self": f"{part.site.url}/rest/api/3/issue/{issue.id}/comment",
            "maxResults": len(comments),
            "total": len(comments),
            "startAt": 0,
        },
    }
    if issue.place.project.kind == SERVICE_DESK:
        body["customfield_10010"] = {"requestType": {"id": "11", "name": issue.type.name}}
    return body


def issue(part: JiraPart, one: Issue, fields: frozenset[str], *, changelog: bool = False) -> JsonObject:
    """An issue with the fields asked for; ``id`` alone is what a search answers by default."""
    body: JsonObject = {"id": one.id}
    if fields - {"id"}:
        body |= {"self": f"{part.site.url}/rest/api/3/issue/{one.id}", "key": one.key, "expand": ""}
    if fields - {"id", "key"}:
        everything = _fields(part, one)
        body["fields"] = {
            name: value
            for name, value in everything.items()
            if (fields & _EVERY or name in fields) and f"-{name}" not in fields
        }
    if changelog:
        newest = one.changes[::-1][:NEWEST_CHANGES]
        body["changelog"] = {
            "startAt": 0,
            "maxResults": NEWEST_CHANGES,
            "total": len(one.changes),
            "histories": [change(part, each, "iso") for each in newest],
        }
    return body


def change(part: JiraPart, one: Change, times: str) -> JsonObject:
    """One history; ``times`` is ``iso``, ``seconds`` or ``millis``."""
    created: dict[str, JsonValue] = {
        "iso": jira_time(one.at_ms),
        "seconds": one.at_ms // SECOND_MS,
        "millis": one.at_ms,
    }
    items: list[JsonValue] = []
    for item in one.items:
        written: JsonObject = {"field": item.field, "fieldtype": item.kind}
        if item.field_id:
            written["fieldId"] = item.field_id
        written |= {
            "from": item.before,
            "fromString": item.before_text,
            "to": item.after,
            "toString": item.after_text,
        }
        items.append(written)
    return {"id": one.id, "author": user(part, one.author), "created": created[times], "items": items}


def comment(part: JiraPart, note: Note, number: int = -1) -> JsonObject:
    """A comment, in its last version or an older one."""
    first, version = note.versions[0], note.versions[number]
    return {
        "self": f"{part.site.url}/rest/api/3/issue/{note.issue.id}/comment/{note.id}",
        "id": note.id,
        "author": user(part, first.author),
        "body": document(version.text),
        "updateAuthor": user(part, version.author),
        "created": jira_time(first.at_ms),
        "updated": jira_time(version.at_ms),
        "jsdPublic": note.is_public,
    }


def worklog(part: JiraPart, note: Note, number: int = -1) -> JsonObject:
    """A worklog, in its last version or an older one."""
    first, version = note.versions[0], note.versions[number]
    return {
        "self": f"{part.site.url}/rest/api/3/issue/{note.issue.id}/worklog/{note.id}",
        "id": note.id,
        "issueId": note.issue.id,
        "author": user(part, first.author),
        "updateAuthor": user(part, version.author),
        "comment": document(version.text),
        "created": jira_time(first.at_ms),
        "updated": jira_time(version.at_ms),
        "started": jira_time(first.at_ms - version.seconds * SECOND_MS),
        "timeSpent": f"{version.seconds // 60}m",
        "timeSpentSeconds": version.seconds,
    }
