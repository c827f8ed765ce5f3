"""Jira Service Management, as it writes into Jira's audit log.

Words: recorded rows of elastic/integrations (request type, customer permissions, invitation, e-mail channels,
all in category ``projects`` with an empty ``eventSource``); the rest after the settings of a service project.
"""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.phrases import family
from atlaslens_forwarder.normalise.actions.vocabulary import HIGH, LOW, MEDIUM, Wording, grant, setting

TELLING_WORDS = (
    "request type",
    "customer",
    "portal",
    "service project",
    "service desk",
    "service management",
    "help center",
    "help centre",
    "email channel",
    "sla ",
    "approval",
    "on-call",
)
"""A summary that no table knows, yet with one of these (folded) words in it, is of Jira Service
Management."""

_CHANNEL = "created updated deleted enabled disabled"

WORDINGS: tuple[Wording, ...] = (
    Wording(
        grant("customer_permissions_changed", "change", "project"),
        ("Customer permissions changed", "Customer permissions updated", "Customer access changed"),
    ),
    Wording(
        grant("customer_sharing_changed", "change", "project"),
        ("Customer sharing changed", "Customer sharing updated", "Request sharing changed"),
    ),
    Wording(grant("customer_added", "change", "project"), ("Customer added", "Customer added to project")),
    Wording(
        grant("customer_removed", "change", "project"), ("Customer removed", "Customer removed from project")
    ),
    Wording(
        setting("customer_invited", "change", "project", MEDIUM), ("Customer invited", "Customers invited")
    ),
    Wording(grant("agent_added", "change", "project"), ("Agent added", "Agent added to project")),
    Wording(grant("agent_removed", "change", "project"), ("Agent removed", "Agent removed from project")),
    *family(
        "organization", "created updated deleted", "Organization", "Customer organization", sensitivity=MEDIUM
    ),
    Wording(
        grant("customer_added_to_organization", "change", "organization"),
        ("Customer added to organization", "User added to organization"),
    ),
    Wording(
        grant("customer_removed_from_organization", "change", "organization"),
        ("Customer removed from organization", "User removed from organization"),
    ),
    Wording(
        grant("organization_added_to_project", "change", "project"),
        ("Organization added to project", "Organization added to service project"),
    ),
    Wording(
        grant("organization_removed_from_project", "change", "project"),
        ("Organization removed from project", "Organization removed from service project"),
    ),
    *family("request_type", "created updated deleted copied restored", object_type="project"),
    *family(
        "request_type_group",
        "created updated deleted",
        "Request type group",
        "Portal group",
        object_type="project",
    ),
    *family("request_type_field", "created updated deleted", object_type="project"),
    *family(
        "email_channel",
        _CHANNEL,
        "Email channel",
        "Custom email channel",
        "Cloud email channel",
        object_type="project",
        sensitivity=MEDIUM,
    ),
    *family(
        "email_settings",
        "created updated deleted",
        "Email settings",
        "Cloud Email settings",
        "Custom Email settings",
        object_type="project",
        sensitivity=MEDIUM,
    ),
    *family(
        "customer_notification",
        "created updated deleted enabled disabled",
        "Customer notification",
        "Customer invited notification",
        "Customer notification rule",
        "Customer notification template",
        "Organization added notification",
        "Request created notification",
        "Request resolved notification",
        "Request reopened notification",
        "Public comment added notification",
        "Public comment edited notification",
        "Participant added notification",
        "Approval required notification",
        object_type="project",
    ),
    *family(
        "portal",
        "updated enabled disabled",
        "Portal",
        "Portal settings",
        "Customer portal",
        "Portal announcement",
        object_type="project",
    ),
    *family(
        "help_center",
        "created updated deleted",
        "Help center",
        "Help center settings",
        "Help center announcement",
        sensitivity=LOW,
    ),
    *family("sla", "created updated deleted", "SLA", "SLA goal", "SLA metric", object_type="sla"),
    *family("sla_calendar", "created updated deleted", "SLA calendar", "Calendar", object_type="sla"),
    *family("queue", "created updated deleted", "Queue"),
    *family("service_report", "created updated deleted", "Report", "Service report", object_type="report"),
    *family(
        "approval_configuration",
        "created updated deleted",
        "Approval configuration",
        "Approval",
        object_type="workflow",
        sensitivity=MEDIUM,
    ),
    *family(
        "knowledge_base",
        "created updated deleted",
        "Knowledge base",
        "Knowledge base link",
        "Linked knowledge base",
        object_type="project",
        sensitivity=MEDIUM,
    ),
    *family(
        "widget",
        "created updated deleted enabled disabled",
        "Widget",
        "Embeddable widget",
        "Widget settings",
        object_type="project",
        sensitivity=MEDIUM,
    ),
    *family(
        "satisfaction_settings",
        "updated enabled disabled",
        "Satisfaction settings",
        "Customer satisfaction",
        object_type="project",
    ),
    *family("language_support", "updated", "Language support", "Language settings", object_type="project"),
    *family("form", "created updated deleted copied", "Form", "Request form"),
    Wording(
        setting("service_project_security_updated", "change", "project", HIGH),
        ("Public signup settings changed", "Customer account settings changed", "Customer signup changed"),
    ),
    *family(
        "object_schema",
        "created updated deleted exported imported",
        "Object schema",
        "Assets object schema",
        sensitivity=HIGH,
    ),
)
