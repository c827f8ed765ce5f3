"""Kinds of Confluence audit records.

Summaries and categories: "View the audit log" (support.atlassian.com, Confluence Cloud) and recorded
answers of Confluence Cloud.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Group, Space
    from atlaslens_forwarder.simulator.world.world import Scene

SPACE_PERMISSIONS: Final = (
    "VIEWSPACE",
    "EDITSPACE",
    "REMOVEPAGE",
    "EXPORTSPACE",
    "SETSPACEPERMISSIONS",
    "COMMENT",
)
GLOBAL_PERMISSIONS: Final = ("USECONFLUENCE", "CREATESPACE", "PERSONALSPACE", "ADMINISTRATECONFLUENCE")
PAGES: Final = (
    "Incident 説明書",
    "Quarterly close",
    "On-call handbook",
    "Zarządzanie kluczami",
    "Salary bands",
)


@dataclass(slots=True)
class Draft:
    """What one kind of record says; without ``actor`` the author is "System"."""

    name: str
    object_type: str
    actor: Person | None = None
    changes: list[JsonValue] = field(default_factory=list)
    associated: list[JsonValue] = field(default_factory=list)
    description: str = ""
    administers: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: how often it happens, what it is called, what it says."""

    weight: int
    summary: str
    category: str
    write: Callable[[Scene], Draft]


def _changed(name: str, before: str, after: str) -> JsonObject:
    return {"name": name, "oldValue": before, "newValue": after, "hiddenOldValue": "", "hiddenNewValue": ""}


def _object(name: str, object_type: str) -> JsonObject:
    return {"name": name, "objectType": object_type}


def _group_name(group: Group) -> str:
    return f"{group.name}:{group.id}"


def _space(scene: Scene) -> Space:
    return scene.chance.pick(scene.world.places.spaces)


def _group(scene: Scene) -> Group:
    return scene.chance.pick(scene.world.places.groups)


def _holder(scene: Scene) -> JsonObject:
    """Whom a permission is given to: groups and people, now and then everybody."""
    form = scene.chance.below(10)
    if form == 0:
        return _object("Anonymous", "User")
    if form % 2:
        return _object(_group_name(_group(scene)), "Group")
    return _object(scene.colleague().display_name, "User")


def _space_permission(*, added: bool) -> Callable[[Scene], Draft]:
    def write(scene: Scene) -> Draft:
        kind = scene.chance.pick(SPACE_PERMISSIONS)
        change = _changed("Type", "", kind) if added else _changed("Type", kind, "")
        description = f"Asked for by {scene.colleague().email}" if scene.chance.hit(0.1) else ""
        return Draft(
            _space(scene).name,
            "Space",
            actor=scene.admin(),
            changes=[change],
            associated=[_holder(scene)],
            description=description,
        )

    return write


def _global_permission(*, added: bool) -> Callable[[Scene], Draft]:
    def write(scene: Scene) -> Draft:
        kind = scene.chance.pick(GLOBAL_PERMISSIONS)
        change = _changed("Type", "", kind) if added else _changed("Type", kind, "")
        holder = _holder(scene)
        return Draft(
            str(holder["name"]),
            str(holder["objectType"]),
            actor=scene.admin(),
            changes=[change],
            administers=True,
        )

    return write


def _restriction(scene: Scene) -> Draft:
    changes = [_changed("Type", "", scene.chance.pick(("View", "Edit")))]
    associated = [_object(_space(scene).name, "Space"), _holder(scene)]
    return Draft(
        scene.chance.pick(PAGES), "Page", actor=scene.lead(), changes=[*changes], associated=[*associated]
    )


def _membership(scene: Scene) -> Draft:
    user = _object(scene.colleague().display_name, "User")
    actor = scene.admin() if scene.chance.hit(0.25) else None
    return Draft(_group_name(_group(scene)), "Group", actor=actor, associated=[user])


def _group_change(scene: Scene) -> Draft:
    return Draft(_group_name(_group(scene)), "Group", actor=scene.admin() if scene.chance.hit(0.4) else None)


def _user_created(scene: Scene) -> Draft:
    person = scene.colleague()
    email = person.email if scene.chance.hit(0.5) else ""
    changes = [
        _changed("Display name", "", person.display_name),
        _changed("Email", "", email),
        _changed("Active", "", "Yes"),
    ]
    return Draft(person.display_name, "User", changes=[*changes])


def _user_updated(scene: Scene) -> Draft:
    name = scene.colleague().display_name
    if scene.chance.hit(0.5):
        return Draft(f"{name} (Deactivated)", "User", changes=[_changed("Active", "Yes", "No")])
    return Draft(name, "User", changes=[_changed("Display name", name.split()[0], name)])


def _user_deactivated(scene: Scene) -> Draft:
    # Recorded so: the affected object of this kind is empty.
    return Draft("", "", actor=scene.admin() if scene.chance.hit(0.1) else None)


def _space_change(scene: Scene) -> Draft:
    space = _space(scene)
    changes = [
        _changed("Space type", "", "global"),
        _changed("Space status", "", "CURRENT"),
        _changed("Name", "", space.name),
        _changed("Space key", "", space.key),
    ]
    return Draft(space.name, "Space", actor=scene.lead(), changes=[*changes])


def _on_space(scene: Scene) -> Draft:
    return Draft(_space(scene).name, "Space", actor=scene.lead())


def _page_archived(scene: Scene) -> Draft:
    page = scene.chance.pick(PAGES)
    associated = [_object(page, "Page"), _object(_space(scene).name, "Space")]
    change = _changed("Content status", "current", "archived")
    return Draft(page, "Page", actor=scene.lead(), changes=[change], associated=[*associated])


def _page_restored(scene: Scene) -> Draft:
    draft = _page_archived(scene)
    draft.changes = [_changed("Content status", "archived", "current")]
    return draft


def _public_link(scene: Scene) -> Draft:
    space = _object(_space(scene).name, "Space")
    return Draft(scene.chance.pick(PAGES), "Page", actor=scene.lead(), associated=[space])


def _settings(scene: Scene) -> Draft:
    change = _changed("Site title", "Wiki", scene.chance.pick(("Acme Wiki", "Acme ウィキ", "Knowledge")))
    return Draft("", "", actor=scene.admin(), changes=[change], administers=True)


def _template(scene: Scene) -> Draft:
    name = scene.chance.pick(("Meeting notes", "Decision", "Rückblick"))
    return Draft(name, "Page template", actor=scene.lead(), associated=[_object(_space(scene).name, "Space")])


KINDS: Final = (
    Kind(44, "Space permission added", "Permissions", _space_permission(added=True)),
    Kind(24, "Space permission removed", "Permissions", _space_permission(added=False)),
    Kind(6, "Global permission added", "Permissions", _global_permission(added=True)),
    Kind(4, "Global permission removed", "Permissions", _global_permission(added=False)),
    Kind(24, "Content restriction added", "Permissions", _restriction),
    Kind(14, "Content restriction removed", "Permissions", _restriction),
    Kind(60, "User added to group", "Users and groups", _membership),
    Kind(30, "User removed from group", "Users and groups", _membership),
    Kind(5, "Group created", "Users and groups", _group_change),
    Kind(3, "Group deleted", "Users and groups", _group_change),
    Kind(24, "User created", "Users and groups", _user_created),
    Kind(16, "User details updated", "Users and groups", _user_updated),
    Kind(6, "User deactivated", "Users and groups", _user_deactivated),
    Kind(2, "User reactivated", "Users and groups", _user_deactivated),
    Kind(14, "Space created", "Spaces", _space_change),
    Kind(40, "Space configuration updated", "Spaces", _space_change),
    Kind(24, "Space logo uploaded", "Spaces", _on_space),
    Kind(6, "Space archived", "Spaces", _on_space),
    Kind(3, "Space deleted", "Spaces", _on_space),
    Kind(6, "Space exported", "Spaces", _on_space),
    Kind(10, "Space trash emptied", "Spaces", _on_space),
    Kind(50, "Page archived", "Page", _page_archived),
    Kind(12, "Page restored", "Page", _page_restored),
    Kind(18, "Public link enabled", "Public links", _public_link),
    Kind(10, "Public link disabled", "Public links", _public_link),
    Kind(6, "Global settings changed", "Global administration", _settings),
    Kind(16, "Page template created", "Page templates", _template),
    Kind(12, "Page template updated", "Page templates", _template),
)
