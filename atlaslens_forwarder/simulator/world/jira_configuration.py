"""Jira audit records about projects, workflows, fields, screens and service desks.

Summaries and categories: "Audit activities in Jira" (support.atlassian.com) and recorded answers. Service
desk configuration has the category ``projects`` and an empty ``eventSource`` like the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.world.jira_items import Draft, Kind, changed, item, project_item, user_item
from atlaslens_forwarder.simulator.world.places import SERVICE_DESK

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Project
    from atlaslens_forwarder.simulator.world.world import Scene

COMPONENTS: Final = ("Checkout", "Ledger", "Barcode scanner", "Übersetzung", "Single sign-on", "Batch jobs")
WORKFLOWS: Final = (
    "Software delivery",
    "Approval with two people",
    "Purchase request",
    "Störungsbearbeitung",
)
FIELDS: Final = ("Risk class", "Cost centre", "顧客番号", "Data owner", "Rollback plan")
SCREENS: Final = ("Default Screen", "Resolve Issue Screen", "Incident Create Screen")
REQUEST_TYPES: Final = (
    "Laptop for a new colleague",
    "Door badge lost",
    "Report a broken lamp",
    "Доступ к VPN",
)
ISSUE_TYPES: Final = ("Bug", "Story", "Epic", "Task", "Sub-task")


def _project(scene: Scene) -> Project:
    return scene.chance.pick(scene.world.places.projects)


def _project_created(scene: Scene) -> Draft:
    project, lead = _project(scene), scene.lead()
    changes = [
        changed("Default Assignee", None, "Unassigned"),
        changed("Project lead", None, lead.user_key),
        changed("Description", None, ""),
        changed("Key", None, project.key),
        changed("Name", None, project.name),
    ]
    return Draft(project_item(project), actor=lead, changes=[*changes], associated=[user_item(lead)])


def _project_updated(scene: Scene) -> Draft:
    project, before, after = _project(scene), scene.colleague(), scene.colleague()
    change = changed("Project lead", before.user_key, after.user_key)
    description = ""
    if scene.chance.hit(0.4):
        change = changed("Description", "", f"Questions to {after.display_name} <{after.email}>")
    elif scene.chance.hit(0.2):
        description = f"Hand-over agreed by mail with {before.email}"
    return Draft(project_item(project), actor=scene.lead(), changes=[change], description=description)


def _on_project(scene: Scene) -> Draft:
    return Draft(project_item(_project(scene)), actor=scene.lead())


def _category(scene: Scene) -> Draft:
    change = changed("Project category", "", scene.chance.pick(("Core", "Partner", "Internal")))
    return Draft(project_item(_project(scene)), actor=scene.lead(), changes=[change])


def _component(scene: Scene) -> Draft:
    project, lead, position = _project(scene), scene.lead(), scene.chance.below(len(COMPONENTS))
    changes = [
        changed("Default Assignee", None, "Project Default"),
        changed("Component Lead", None, lead.user_key),
        changed("Name", None, COMPONENTS[position]),
    ]
    component = item("PROJECT_COMPONENT", str(10080 + position), COMPONENTS[position])
    return Draft(
        component, actor=lead, changes=[*changes], associated=[user_item(lead), project_item(project)]
    )


def _version(scene: Scene) -> Draft:
    release = f"{1 + scene.chance.below(4)}.{scene.chance.below(20)}"
    version = item("VERSION", str(10200 + scene.chance.below(90)), release)
    return Draft(version, actor=scene.lead(), associated=[project_item(_project(scene))])


def _issue_deleted(scene: Scene) -> Draft:
    project = _project(scene)
    key = f"{project.key}-{1 + scene.chance.below(4000)}"
    issue = item("ISSUE_DELETE", str(20000 + scene.chance.below(60000)), key)
    return Draft(issue, actor=scene.lead(), associated=[project_item(project)])


def _workflow(scene: Scene) -> Draft:
    name = scene.chance.pick(WORKFLOWS)
    changes = [changed("Description", "", f"Reviewed {name.lower()}")] if scene.chance.hit(0.3) else []
    # A workflow has no number: its id is its name.
    return Draft(item("WORKFLOW", name, name), actor=scene.admin(), changes=[*changes])


def _workflow_scheme_on_project(scene: Scene) -> Draft:
    project = _project(scene)
    scheme = item("SCHEME", str(10020 + scene.chance.below(9)), f"{project.key}: Workflow Scheme")
    return Draft(project_item(project), actor=scene.admin(), associated=[scheme])


def _scheme(of_what: str) -> Callable[[Scene], Draft]:
    def write(scene: Scene) -> Draft:
        project = _project(scene)
        actor: Person | None = scene.admin() if scene.chance.hit(0.7) else None
        return Draft(item("SCHEME", project.id, f"{project.key}: {of_what}"), actor=actor)

    return write


def _field_scheme_updated(scene: Scene) -> Draft:
    project = _project(scene)
    changes = [
        changed("Field Configuration", "Default Field Configuration", ""),
        changed("Issue Type", scene.chance.pick(ISSUE_TYPES), ""),
    ]
    scheme = item("SCHEME", project.id, f"Field Configuration Scheme for Project {project.key}")
    return Draft(scheme, actor=scene.admin() if scene.chance.hit(0.7) else None, changes=[*changes])


def _custom_field(scene: Scene) -> Draft:
    position = scene.chance.below(len(FIELDS))
    changes = [changed("Name", None, FIELDS[position]), changed("Type", None, "Text Field (single line)")]
    owned = item("CUSTOM_FIELD", f"customfield_{10040 + position}", FIELDS[position])
    return Draft(owned, actor=scene.admin(), changes=[*changes])


def _screen(scene: Scene) -> Draft:
    position = scene.chance.below(len(SCREENS))
    return Draft(item("SCREEN", str(1 + position), SCREENS[position]), actor=scene.admin())


def _desk(scene: Scene) -> Project:
    return scene.chance.pick(scene.world.places.projects_of(SERVICE_DESK))


def _desk_draft(scene: Scene, *changes: tuple[str, str, str], description: str = "") -> Draft:
    desk = project_item(_desk(scene))
    values = [changed(*change) for change in changes]
    return Draft(desk, actor=scene.agent(), changes=[*values], associated=[desk], description=description)


def _request_type(*, created: bool) -> Callable[[Scene], Draft]:
    def write(scene: Scene) -> Draft:
        pairs = (
            ("id", str(60 + scene.chance.below(60))),
            ("name", scene.chance.pick(REQUEST_TYPES)),
            ("issueTypeId", str(10020 + scene.chance.below(8))),
        )
        changes = [(name, "", value) if created else (name, value, "") for name, value in pairs]
        return _desk_draft(scene, *changes)

    return write


def _customer_permissions(scene: Scene) -> Draft:
    ways = ("Anyone with an account", "Customers my team adds to the project", "Anyone on the web")
    before = scene.chance.below(len(ways))
    change = ("Customer access", ways[before], ways[(before + 1) % len(ways)])
    return _desk_draft(scene, change, description="Changed who may reach the portal")


def _notification(scene: Scene) -> Draft:
    return _desk_draft(scene, ("isEnabled", "false", "true"))


def _email_channel(scene: Scene) -> Draft:
    mailbox = f"helpdesk@{scene.world.spec.site}.example"
    return _desk_draft(scene, ("userName", "", mailbox), ("port", "", "993"), ("emailAddress", "", mailbox))


KINDS: Final = (
    Kind(6, "Project created", "projects", _project_created),
    Kind(30, "Project updated", "projects", _project_updated),
    Kind(2, "Project deleted", "projects", _on_project),
    Kind(4, "Project avatar changed", "projects", _on_project),
    Kind(5, "Project category changed", "projects", _category),
    Kind(40, "Project component created", "projects", _component),
    Kind(12, "Project component updated", "projects", _component),
    Kind(5, "Project component deleted", "projects", _component),
    Kind(30, "Project version created", "projects", _version),
    Kind(22, "Project version released", "projects", _version),
    Kind(34, "Issue deleted", "projects", _issue_deleted),
    Kind(60, "Workflow updated", "workflows", _workflow),
    Kind(14, "Workflow created", "workflows", _workflow),
    Kind(5, "Workflow renamed", "workflows", _workflow),
    Kind(5, "Workflow deleted", "workflows", _workflow),
    Kind(8, "Workflow scheme added to project", "workflows", _workflow_scheme_on_project),
    Kind(5, "Workflow scheme removed from project", "workflows", _workflow_scheme_on_project),
    Kind(4, "Workflow scheme deleted", "workflows", _scheme("Software Simplified Workflow Scheme")),
    Kind(5, "Notification scheme created", "notifications", _scheme("Simplified Notification Scheme")),
    Kind(5, "Notification scheme updated", "notifications", _scheme("Simplified Notification Scheme")),
    Kind(3, "Notification scheme deleted", "notifications", _scheme("Simplified Notification Scheme")),
    Kind(16, "Field Configuration scheme updated", "fields", _field_scheme_updated),
    Kind(3, "Field Configuration scheme deleted", "fields", _scheme("Field Configuration Scheme")),
    Kind(16, "Custom field created", "fields", _custom_field),
    Kind(20, "Custom field updated", "fields", _custom_field),
    Kind(5, "Custom field trashed", "fields", _custom_field),
    Kind(2, "Custom field deleted", "fields", _custom_field),
    Kind(10, "Screen updated", "screens", _screen),
    Kind(4, "Screen created", "screens", _screen),
    Kind(12, "Request type created", "projects", _request_type(created=True)),
    Kind(8, "Request type deleted", "projects", _request_type(created=False)),
    Kind(6, "Customer permissions changed", "projects", _customer_permissions),
    Kind(6, "Customer invited notification changed", "projects", _notification),
    Kind(4, "Custom email channel turned on", "projects", _email_channel),
    Kind(4, "Cloud email channel turned on", "projects", _email_channel),
    Kind(4, "Cloud Email settings created", "projects", _email_channel),
)
