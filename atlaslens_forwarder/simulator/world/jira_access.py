"""Jira audit records about people, groups and permissions.

Summaries and categories: "Audit activities in Jira" (support.atlassian.com) and recorded answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.world.jira_items import (
    DIRECTORY,
    Draft,
    Kind,
    changed,
    group_item,
    item,
    project_item,
    user_item,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.simulator.world.world import Scene

GLOBAL_PERMISSIONS: Final = (
    "Administer Jira",
    "Browse users and groups",
    "Share dashboards and filters",
    "Make bulk changes",
    "Manage group filter subscriptions",
)
PROJECT_PERMISSIONS: Final = (
    "Browse Projects",
    "Administer Projects",
    "Delete Issues",
    "Edit Issues",
    "Manage Watchers",
    "Set Issue Security",
)
SCHEMES: Final = (
    "Default Permission Scheme",
    "Confidential Projects",
    "Partner Access",
    "Łogistyka – zamknięte",
)
ROLES: Final = ("Administrators", "Developers", "Service Desk Team", "Viewers")


def _membership(scene: Scene) -> Draft:
    chance = scene.chance
    return Draft(
        group_item(chance.pick(scene.world.places.groups), with_id=chance.hit(0.2)),
        # Most memberships are provisioned by the identity provider: no author and no address.
        actor=scene.admin() if chance.hit(0.4) else None,
        associated=[user_item(scene.colleague(), DIRECTORY)],
    )


def _group(scene: Scene) -> Draft:
    group = scene.chance.pick(scene.world.places.groups)
    return Draft(group_item(group), actor=scene.admin() if scene.chance.hit(0.5) else None)


def _user_created(scene: Scene) -> Draft:
    person = scene.customer() if scene.chance.hit(0.4) else scene.colleague()
    user = user_item(person)
    changes = [changed("Active / Inactive", None, "Active")]
    if scene.chance.hit(0.5):
        changes += [changed("Full name", None, person.display_name), changed("Email", None, person.email)]
    actor = scene.agent() if scene.chance.hit(0.4) else None
    return Draft(user, actor=actor, changes=[*changes], associated=[user])


def _user_updated(scene: Scene) -> Draft:
    person = scene.colleague()
    if scene.chance.hit(0.3):
        before, after = ("Active", "Inactive") if scene.chance.hit(0.6) else ("Inactive", "Active")
        change = changed("Active / Inactive", before, after)
    else:
        change = changed("Email", person.email, f"new.{person.email}")
    return Draft(user_item(person), actor=scene.admin(), changes=[change], associated=[user_item(person)])


def _user_deleted(scene: Scene) -> Draft:
    user = user_item(scene.customer())
    return Draft(user, actor=scene.admin(), associated=[user])


def _password(scene: Scene) -> Draft:
    user = user_item(scene.customer(), DIRECTORY)
    return Draft(user, associated=[user])


def _global_permission(*, added: bool) -> Callable[[Scene], Draft]:
    def write(scene: Scene) -> Draft:
        group = scene.chance.pick(scene.world.places.groups).name
        permission = scene.chance.pick(GLOBAL_PERMISSIONS)
        before, after = ("", None) if added else (None, "")
        changes = [
            changed(
                "Permission", permission if before is None else before, permission if after is None else after
            ),
            changed("Group", group if before is None else before, group if after is None else after),
        ]
        return Draft(
            {"name": "Global Permissions", "typeName": "PERMISSIONS"}, actor=scene.admin(), changes=[*changes]
        )

    return write


def _scheme_name(scene: Scene) -> tuple[str, str]:
    position = scene.chance.below(len(SCHEMES))
    return str(10000 + position), SCHEMES[position]


def _scheme_updated(scene: Scene) -> Draft:
    scheme = item("SCHEME", *_scheme_name(scene))
    grantee = f"Group ({scene.chance.pick(scene.world.places.groups).name})"
    if scene.chance.hit(0.25):
        grantee = "Group (Anyone on the web)"
    permission = changed("Permission", "", scene.chance.pick(PROJECT_PERMISSIONS))
    holder = changed("Type", "", grantee)
    if scene.chance.hit(0.4):
        permission = changed("Permission", scene.chance.pick(PROJECT_PERMISSIONS), "")
        holder = changed("Type", grantee, "")
    description = ""
    if scene.chance.hit(0.2):
        description = f"Agreed with {scene.colleague().email}"
    return Draft(scheme, actor=scene.admin(), changes=[permission, holder], description=description)


def _scheme(scene: Scene) -> Draft:
    scheme_id, name = _scheme_name(scene)
    changes = [changed("Name", None, name), changed("Description", None, "")] if scene.chance.hit(0.5) else []
    return Draft(item("SCHEME", scheme_id, name), actor=scene.admin(), changes=[*changes])


def _scheme_on_project(scene: Scene) -> Draft:
    project = scene.chance.pick(scene.world.places.projects)
    return Draft(
        project_item(project), actor=scene.admin(), associated=[item("SCHEME", *_scheme_name(scene))]
    )


def _roles_changed(scene: Scene) -> Draft:
    position = scene.chance.below(len(ROLES))
    project = scene.chance.pick(scene.world.places.projects)
    before, joiner = scene.colleague(), scene.colleague()
    change = changed("Users", before.user_key, f"{before.user_key}, {joiner.user_key}")
    if scene.chance.hit(0.4):
        change = changed("Groups", "", scene.chance.pick(scene.world.places.groups).name)
    role = item("PROJECT_ROLE", str(10002 + position), ROLES[position])
    return Draft(role, actor=scene.admin(), changes=[change], associated=[project_item(project)])


def _role(scene: Scene) -> Draft:
    position = scene.chance.below(len(ROLES))
    return Draft(item("PROJECT_ROLE", str(10002 + position), ROLES[position]), actor=scene.admin())


KINDS: Final = (
    Kind(90, "User added to group", "group management", _membership),
    Kind(40, "User removed from group", "group management", _membership),
    Kind(6, "Group created", "group management", _group),
    Kind(3, "Group deleted", "group management", _group),
    Kind(28, "User created", "user management", _user_created),
    Kind(14, "User updated", "user management", _user_updated),
    Kind(4, "User deleted", "user management", _user_deleted),
    Kind(18, "User's password changed", "user management", _password),
    Kind(10, "Global permission added", "permissions", _global_permission(added=True)),
    Kind(6, "Global permission removed", "permissions", _global_permission(added=False)),
    Kind(26, "Permission scheme updated", "permissions", _scheme_updated),
    Kind(5, "Permission scheme created", "permissions", _scheme),
    Kind(2, "Permission scheme copied", "permissions", _scheme),
    Kind(3, "Permission scheme deleted", "permissions", _scheme),
    Kind(8, "Permission scheme added to project", "permissions", _scheme_on_project),
    Kind(5, "Permission scheme removed from project", "permissions", _scheme_on_project),
    Kind(3, "Issue Security scheme created", "permissions", _scheme),
    Kind(2, "Issue Security scheme deleted", "permissions", _scheme),
    Kind(24, "Project roles changed", "projects", _roles_changed),
    Kind(3, "Project role created", "projects", _role),
    Kind(3, "Project role deleted", "projects", _role),
)
