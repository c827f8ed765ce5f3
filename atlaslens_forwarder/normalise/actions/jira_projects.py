"""Jira: projects and what people plan in them.

Words: recorded rows in elastic/integrations and Azure-Sentinel (project, component), Azure-Sentinel's hunting
queries (project versions), action caches of Data Center databases (version, board, filter), "Audit activities
in Jira" (plans, sprints).
"""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.phrases import family
from atlaslens_forwarder.normalise.actions.vocabulary import HIGH, MEDIUM, Wording, setting

WORDINGS: tuple[Wording, ...] = (
    *family("project", "created updated archived unarchived restored trashed", "Project", "Project details"),
    *family("project", "deleted", sensitivity=HIGH),
    Wording(setting("project_created", "creation", "project"), ("Project initialized",)),
    Wording(
        setting("project_lead_updated", "change", "project", MEDIUM),
        ("Project lead updated", "Project lead changed"),
    ),
    Wording(
        setting("project_default_assignee_updated", "change", "project"),
        ("Project default assignee updated", "Project default assignee changed", "Default assignee changed"),
    ),
    Wording(
        setting("project_key_updated", "change", "project", MEDIUM),
        ("Project key updated", "Project key changed"),
    ),
    Wording(
        setting("project_avatar_updated", "change", "project"),
        ("Project avatar updated", "Project avatar changed"),
    ),
    Wording(
        setting("project_type_updated", "change", "project", MEDIUM),
        ("Project type updated", "Project type changed"),
    ),
    Wording(
        setting("project_category_assigned", "change", "project"),
        (
            "Project category assigned",
            "Project category added to project",
            "Project category removed from project",
        ),
    ),
    *family("project_category", "created updated deleted"),
    *family("project_feature", "enabled disabled"),
    *family(
        "project_component",
        "created updated deleted merged archived unarchived restored",
        "Project component",
        "Component",
    ),
    *family(
        "project_version",
        "created updated deleted merged moved archived unarchived released unreleased",
        "Project version",
        "Version",
    ),
    *family("board", "created updated deleted copied moved", "Board", "Board configuration"),
    *family("sprint", "created updated deleted started completed reopened"),
    *family("plan", "created updated deleted copied archived unarchived restored trashed"),
    *family("filter", "created updated deleted copied", "Filter", "Shared filter"),
    *family("filter_owner", "updated", "Filter owner", object_type="filter", sensitivity=MEDIUM),
    *family("dashboard", "created updated deleted copied"),
    *family("dashboard_owner", "updated", "Dashboard owner", object_type="dashboard", sensitivity=MEDIUM),
    Wording(
        setting("issue_deleted", "deletion", "issue", HIGH),
        ("Issue deleted", "Issues deleted", "Issue bulk deleted"),
    ),
    *family("issue", "archived restored moved exported", "Issue", "Issues", sensitivity=MEDIUM),
    Wording(
        setting("issue_bulk_changed", "change", "issue", MEDIUM),
        ("Bulk change performed", "Issues bulk changed"),
    ),
    *family("comment", "deleted", "Comment", "Issue comment", sensitivity=MEDIUM),
    *family("attachment", "deleted", "Attachment", "Issue attachment", sensitivity=MEDIUM),
    *family("worklog", "deleted", "Worklog", "Issue worklog", sensitivity=MEDIUM),
)
