"""What an event of the organisation names beside its actor, each in its own place. Pure.

Ids may be written as Atlassian resource identifiers (``ari:cloud:identity::user/557058:…``); of users and
groups the last part is kept, which is the id that every other API gives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.normalise.items import type_of
from atlaslens_forwarder.normalise.rows import child, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject

USER: Final = "user"
GROUP: Final = "group"
INVITED: Final = "invited_user"
_SAME: Final = {
    "users": USER,
    "groups": GROUP,
    "sites": "site",
    "orgs": "organisation",
    "org": "organisation",
    "organization": "organisation",
    "organizations": "organisation",
    "apps": "app",
    "spaces": "space",
    "projects": "project",
    "policies": "policy",
}
_HOLDERS: Final = frozenset({"site", "organisation", "unit"})
_ARI: Final = "ari:"


@dataclass(slots=True)
class Things:
    """The parts of an event that name something.

    ``object`` is what it was done to, ``user`` and ``group`` are the affected ones, ``invited`` is the
    (blinded) address of somebody without an account, ``context`` and ``container`` hold ids and types only.
    """

    object: JsonObject = field(default_factory=dict)
    user: JsonObject = field(default_factory=dict)
    group: JsonObject = field(default_factory=dict)
    invited: str = ""
    user_ids: list[str] = field(default_factory=list)
    associated: list[JsonObject] = field(default_factory=list)
    changes: list[JsonObject] = field(default_factory=list)
    context: list[JsonObject] = field(default_factory=list)
    container: list[JsonObject] = field(default_factory=list)


def read_things(context: Sequence[JsonObject], container: Sequence[JsonObject]) -> Things:
    """Put each thing where it belongs.

    Raises:
        WrongTypeError: a documented field has another type.
    """
    found = Things()
    named = [_thing(one, "context") for one in context]
    holders = [_thing(one, "container") for one in container]
    found.context = [_bare(one) for one in named]
    found.container = [_bare(one) for one in holders]
    for raw, one in zip(context, named, strict=True):
        _note_person(found, raw, one)
    for raw in (*context, *container):
        found.changes += _changes(raw)
    _choose_object(found, named, holders)
    return found


def _thing(raw: JsonObject, path: str) -> JsonObject:
    """``type``, ``id`` and ``name`` of one thing, as far as it has them."""
    kind = type_of(text(raw, "type", f"{path}.") or "unknown")
    kind = _SAME.get(kind, kind)
    thing: JsonObject = {"type": kind}
    id_ = text(raw, "id", f"{path}.")
    if id_:
        thing["id"] = id_.rpartition("/")[2] if kind in {USER, GROUP} and id_.startswith(_ARI) else id_
    attributes = child(raw, "attributes") or {}
    name = attributes.get("name") or attributes.get("siteName")
    if isinstance(name, str) and name and "[email:" not in name:
        thing["name"] = name
    return thing


def _bare(thing: JsonObject) -> JsonObject:
    return {name: thing[name] for name in ("type", "id") if name in thing}


def _note_person(found: Things, raw: JsonObject, thing: JsonObject) -> None:
    """Of several users or groups the first is the affected one."""
    id_ = thing.get("id")
    if thing["type"] == USER and isinstance(id_, str):
        found.user_ids.append(id_)
        if not found.user:
            found.user["id"] = id_
            if "name" in thing:
                found.user["full_name"] = thing["name"]
    elif thing["type"] == GROUP and not found.group:
        found.group = {name: thing[name] for name in ("id", "name") if name in thing}
    elif thing["type"] == INVITED and not found.invited:
        found.invited = str((child(raw, "attributes") or {}).get("email", ""))


def _changes(raw: JsonObject) -> list[JsonObject]:
    """What was set, where a thing's attributes tell."""
    attributes = child(raw, "attributes") or {}
    setting, values = attributes.get("settingName"), attributes.get("settingValues")
    permission = attributes.get("permissionName")
    found: list[JsonObject] = []
    if isinstance(setting, str) and setting:
        change: JsonObject = {"field": setting}
        if isinstance(values, str) and values:
            change["to"] = values
        found.append(change)
    if isinstance(permission, str) and permission:
        found.append({"field": "permission", "to": permission})
    return found


def _choose_object(found: Things, named: list[JsonObject], holders: list[JsonObject]) -> None:
    """What is neither person nor holder, else a group, a user, a holder; the rest is associated."""
    order = (
        lambda one: one["type"] not in {USER, GROUP, INVITED} | _HOLDERS,
        lambda one: one["type"] == GROUP,
        lambda one: one["type"] in {USER, INVITED},
        lambda _one: True,
    )
    candidates = named or holders
    chosen = next((one for fits in order for one in candidates if fits(one)), None)
    if chosen is None:
        return
    kind = USER if chosen["type"] == INVITED else chosen["type"]
    found.object = {**chosen, "type": kind}
    if chosen["type"] in {USER, INVITED}:
        found.object.pop("name", None)
    if holders and chosen is not holders[0]:
        holder = holders[0]
        for name, ours in (("name", "container"), ("id", "container_id")):
            if name in holder:
                found.object[ours] = holder[name]
    found.associated = [_bare(one) for one in named if one is not chosen]
