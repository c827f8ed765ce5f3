"""What an API resolves anew at each read, and so may differ between two reads of one record.

Confluence's audit log keeps the author's id and looks up the rest when it is asked: name, account type,
collaborator flags. A record of activity names its issue, page or repository as it is called now. Nothing of
this may enter an identity, a hash or ``event.original``, else a rename makes every record new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject

DOCUMENT_PATHS: frozenset[str] = frozenset(
    {"user.full_name", "user.group.name", "atlassian.actor_kind", "atlassian.external_collaborator"}
)
"""The only paths of an audit event that may differ between two reads; ``event.hash`` leaves them out."""

ACTIVITY_PATHS: frozenset[str] = DOCUMENT_PATHS | {
    "message",
    "event.url",
    "atlassian.product",
    "atlassian.internal",
    "user.target.full_name",
    "atlassian.object.key",
    "atlassian.object.name",
    "atlassian.object.container",
    "atlassian.work_item.key",
    "atlassian.work_item.name",
    "atlassian.work_item.kind",
}
"""The same for an event of the activity pipeline: whatever was renamed or moved since reads otherwise, and an
issue moved between a service project and another changes its product. Ids, people, times, changes and
``event.original`` do not differ."""

ORGANISATION_PATHS: frozenset[str] = ACTIVITY_PATHS | {"group.name"}
"""The same for an event of the organisation: whether its names are those of then is not documented."""

AUTHOR_IDS = ("accountId", "userKey", "username")
"""Ids of a Confluence author, the most durable first. Atlassian withdraws the later two, so only the first
present one is part of the identity: a row read with and without them stays one row."""


def identity_view(row: JsonObject) -> JsonObject:
    """A Confluence audit row as it reads at any time.

    Of the author stays the id, or the name where no id exists: then nothing else identifies the author. The
    answer shares its parts with ``row``. A row whose author is no object is its own view: it becomes no
    event, yet needs an identity in quarantine.
    """
    author = row.get("author")
    if not isinstance(author, dict):
        return row
    for key in (*AUTHOR_IDS, "displayName"):
        if value := author.get(key):
            return {**row, "author": {key: value}}
    return {**row, "author": {}}
