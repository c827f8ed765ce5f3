"""Jira: how issues look and flow.

Words: recorded rows in elastic/integrations (workflow, scheme, field, issue type), Azure-Sentinel's rules
(workflow scheme copied), "Audit activities in Jira" (screens, tabs, trash of custom fields, notification
schemes), action caches of Data Center databases ("New resolution created").
"""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.phrases import SCHEME, family
from atlaslens_forwarder.normalise.actions.vocabulary import MEDIUM, Wording, setting


def _pair(
    name: str, object_type: str, added: tuple[str, ...], removed: tuple[str, ...]
) -> tuple[Wording, ...]:
    return (
        Wording(setting(f"{name}_added", "change", object_type), added),
        Wording(setting(f"{name}_removed", "change", object_type), removed),
    )


WORDINGS: tuple[Wording, ...] = (
    *family("workflow", "created updated deleted copied renamed published imported"),
    Wording(setting("workflow_created", "creation", "workflow"), ("Workflow generated",)),
    *family(
        "workflow_draft",
        "created updated deleted",
        "Draft workflow",
        "Workflow draft",
        object_type="workflow",
    ),
    Wording(
        setting("workflow_published", "change", "workflow"),
        ("Draft workflow published", "Workflow activated"),
    ),
    *family("workflow_scheme", SCHEME + " published"),
    Wording(
        setting("workflow_scheme_published", "change", "workflow_scheme"),
        ("Draft workflow scheme published", "Workflow scheme migrated"),
    ),
    *family("status", "created updated deleted", "Status", "New status", "Issue status"),
    *family("notification_scheme", SCHEME),
    *_pair(
        "notification",
        "notification_scheme",
        ("Notification added to scheme", "Notification added to notification scheme"),
        ("Notification removed from scheme", "Notification removed from notification scheme"),
    ),
    *family("custom_field", "created updated deleted trashed restored added_to_project removed_from_project"),
    *family("custom_field_context", "created updated deleted", "Custom field context", "Field context"),
    *family(
        "custom_field_option",
        "created updated deleted enabled disabled",
        "Custom field option",
        "Field option",
    ),
    *family("field_configuration", "created updated deleted copied"),
    *family("field_configuration_scheme", SCHEME, "Field configuration scheme", "Field scheme"),
    *family("screen", "created updated deleted copied"),
    *_pair("screen_field", "screen", ("Field added to screen",), ("Field removed from screen",)),
    *family("screen_tab", "created updated deleted", "Screen tab", "Tab", object_type="screen"),
    Wording(
        setting("screen_tab_created", "creation", "screen"),
        ("Tab added to screen", "Screen tab added to screen"),
    ),
    Wording(
        setting("screen_tab_updated", "change", "screen"), ("Tab updated in screen", "Tab renamed in screen")
    ),
    Wording(setting("screen_tab_deleted", "deletion", "screen", MEDIUM), ("Tab removed from screen",)),
    *family("screen_scheme", SCHEME),
    *family("issue_type_screen_scheme", SCHEME),
    *family("issue_type", "created updated deleted renamed"),
    Wording(setting("issue_type_created", "creation", "issue_type"), ("Issue type defined",)),
    *family("issue_type_scheme", SCHEME),
    *_pair(
        "issue_type_scheme_type",
        "issue_type_scheme",
        ("Issue type added to scheme", "Issue type added to issue type scheme"),
        ("Issue type removed from scheme", "Issue type removed from issue type scheme"),
    ),
    *family("issue_link_type", "created updated deleted", "Issue link type", "Link type"),
    *family("issue_hierarchy", "updated", "Issue hierarchy", "Issue type hierarchy", "Hierarchy level"),
    *family("priority", "created updated deleted", "Priority", "New priority"),
    *family("priority_scheme", SCHEME),
    *family("resolution", "created updated deleted", "Resolution", "New resolution"),
    *family("event_type", "created updated deleted", "Event", "Event type", "Issue event"),
    *family("time_tracking", "enabled disabled updated", "Time tracking", "Time tracking configuration"),
    *family(
        "attachments", "enabled disabled updated", "Attachments", "Attachment settings", sensitivity=MEDIUM
    ),
    *family("issue_linking", "enabled disabled"),
    *family("sub_tasks", "enabled disabled", "Sub-tasks", "Subtasks"),
    *family("voting", "enabled disabled", "Voting"),
    *family("watching", "enabled disabled", "Watching"),
    *family("default_language", "updated", "Default language", "Default locale", object_type="site"),
    *family(
        "user_default_settings",
        "updated",
        "User default settings",
        "Default user preferences",
        object_type="site",
    ),
    *family("issue_collector", "created updated deleted enabled disabled", sensitivity=MEDIUM),
    *family(
        "mail_handler", "created updated deleted", "Mail handler", "Incoming mail handler", sensitivity=MEDIUM
    ),
    *family(
        "scheduled_service", "created updated deleted", "Service", "Scheduled service", sensitivity=MEDIUM
    ),
)
