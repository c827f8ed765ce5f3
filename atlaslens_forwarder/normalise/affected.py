"""Who is concerned by a row: the actor, the affected user, the affected group, each in its own place.

A user or group can be affected in three ways: as the object, as an associated item, or only in the changed
values (Jira names the members of a role and the holders of a permission there).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject

_GROUP_HOLDERS = frozenset({"group", "groups"})
_USER_HOLDERS = frozenset({"user", "single user"})


@dataclass(slots=True)
class Affected:
    """The affected user and group in the form of the document, and every id named, in order."""

    user: JsonObject = field(default_factory=dict)
    group: JsonObject = field(default_factory=dict)
    ids: dict[str, None] = field(default_factory=dict)


def affected_by(
    items: list[JsonObject], changes: list[JsonObject], person_name: str, *, affects_people: bool
) -> Affected:
    """Read ``items`` (the object first) and ``changes``; ``person_name`` is where a user item's name belongs.

    Of several users or groups the first is the affected one; the ids of all are kept. Where the action does
    not affect people, only the object itself can be an affected user or group.
    """
    affected = Affected()
    for position, item in enumerate(items):
        kind = item.get("type")
        if kind == "user":
            _note_id(affected, item.get("id"))
            if not affected.user and (affects_people or position == 0):
                affected.user = _user(item, person_name)
        elif kind == "group" and not affected.group and (affects_people or position == 0):
            affected.group = {key: item[key] for key in ("id", "name") if key in item}
    if affects_people and changes:
        _read_changes(affected, changes)
    return affected


def is_id(text: str) -> bool:
    """Whether ``text`` can be an id: neither an e-mail address nor a name of several words."""
    return "@" not in text and " " not in text


def _note_id(affected: Affected, value: object) -> None:
    if isinstance(value, str) and is_id(value):
        affected.ids[value] = None


def _user(item: JsonObject, person_name: str) -> JsonObject:
    user: JsonObject = {}
    if "id" in item:
        user["id"] = item["id"]
    name = item.get("name")
    if name and name != item.get("id"):
        user[person_name] = name
    return user


def _read_changes(affected: Affected, changes: list[JsonObject]) -> None:
    """What only the changed values tell.

    "Users" and "Groups" list the members of a role before and after; "Group" names the holder of a global
    permission; "Type" and "Value" name the holder of a permission in a scheme.
    """
    holder_kind = ""
    for change in changes:
        name = str(change.get("field", "")).lower()
        if name == "users":
            for member in _moved(change):
                _note_id(affected, member)
                affected.user = affected.user or ({"id": member} if is_id(member) else {"name": member})
        elif name in _GROUP_HOLDERS:
            moved = _moved(change) if name == "groups" else [_either(change)]
            if moved and moved[0] and not affected.group:
                affected.group = {"name": moved[0]}
        elif name == "type":
            holder_kind = _either(change).lower()
        elif name == "value" and holder_kind:
            _add_holder(affected, holder_kind, _either(change))


def _add_holder(affected: Affected, kind: str, value: str) -> None:
    if not value:
        return
    if kind in _GROUP_HOLDERS and not affected.group:
        affected.group = {"name": value}
    elif kind in _USER_HOLDERS and not affected.user:
        _note_id(affected, value)
        affected.user = {"id": value} if is_id(value) else {"name": value}


def _either(change: JsonObject) -> str:
    return str(change.get("to") or change.get("from") or "")


def _moved(change: JsonObject) -> list[str]:
    """Who is on one side only of a comma-separated list before and after: first who came, then who went."""
    before = [name.strip() for name in str(change.get("from", "")).split(",")]
    after = [name.strip() for name in str(change.get("to", "")).split(",")]
    came = [name for name in after if name and name not in before]
    return came + [name for name in before if name and name not in after]
