"""The parts a Jira audit record is put together from.

Field names and forms follow ``GET /rest/api/3/auditing/record`` of the Jira Cloud REST API v3 and
recorded answers (type names in capitals, legacy user keys inside items, two names for the directory).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Group, Project
    from atlaslens_forwarder.simulator.world.world import Scene

_DIRECTORY_ID = "10000"
DIRECTORY = "com.atlassian.crowd.directory.IdentityPlatformRemoteDirectory"
IDP = "IDP Directory"


@dataclass(slots=True)
class Draft:
    """What one kind of record says; without ``actor`` the system did it."""

    object_item: JsonObject
    actor: Person | None = None
    changes: list[JsonValue] = field(default_factory=list)
    associated: list[JsonValue] = field(default_factory=list)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: how often it happens, what it is called, what it says."""

    weight: int
    summary: str
    category: str
    write: Callable[[Scene], Draft]


def item(type_name: str, item_id: str, name: str) -> JsonObject:
    """An item of a record."""
    return {"id": item_id, "name": name, "typeName": type_name}


def user_item(person: Person, directory: str = IDP) -> JsonObject:
    """A user: both id and name are the legacy key, never the account id."""
    return {
        "id": person.user_key,
        "name": person.user_key,
        "typeName": "USER",
        "parentId": _DIRECTORY_ID,
        "parentName": directory,
    }


def group_item(group: Group, *, with_id: bool = False) -> JsonObject:
    """A group: recorded ones have a name only, the schema knows an id as well."""
    named: JsonObject = {
        "name": group.name,
        "typeName": "GROUP",
        "parentId": _DIRECTORY_ID,
        "parentName": DIRECTORY,
    }
    return {"id": group.id, **named} if with_id else named


def project_item(project: Project) -> JsonObject:
    """A project."""
    return item("PROJECT", project.id, project.name)


def changed(name: str, before: str | None, after: str | None) -> JsonObject:
    """A changed value; the side that did not exist is absent or empty."""
    value: JsonObject = {"fieldName": name}
    if before is not None:
        value["changedFrom"] = before
    if after is not None:
        value["changedTo"] = after
    return value
