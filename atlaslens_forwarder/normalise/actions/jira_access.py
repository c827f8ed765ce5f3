"""Jira: permissions, roles and security levels.

Words: recorded rows in elastic/integrations (atlassian_jira) and Azure-Sentinel (AtlassianJiraAudit), the
list in "Audit activities in Jira" (support.atlassian.com), Jira's web tests of permission events,
Azure-Sentinel's rules.
"""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.phrases import SCHEME, family
from atlaslens_forwarder.normalise.actions.vocabulary import Wording, grant

WORDINGS: tuple[Wording, ...] = (
    *family("permission_scheme", SCHEME, grants=True),
    Wording(
        grant("permission_scheme_permission_added", "change", "permission_scheme"),
        ("Permission added to scheme", "Permission added to permission scheme"),
    ),
    Wording(
        grant("permission_scheme_permission_removed", "change", "permission_scheme"),
        ("Permission removed from scheme", "Permission removed from permission scheme"),
    ),
    Wording(
        grant("global_permission_added", "creation", "permissions"),
        ("Global permission added", "Global permission added to a group", "Global permission granted"),
    ),
    Wording(
        grant("global_permission_removed", "deletion", "permissions"),
        (
            "Global permission deleted",
            "Global permission removed",
            "Global permission removed from a group",
            "Global permission revoked",
        ),
    ),
    *family("issue_security_scheme", SCHEME, grants=True),
    *family(
        "issue_security_level",
        "created updated deleted",
        "Issue security level",
        "Security level",
        grants=True,
    ),
    Wording(
        grant("issue_security_level_member_added", "change", "issue_security_level"),
        (
            "Issue security level member added",
            "Member added to issue security level",
            "Entity added to issue security level",
        ),
    ),
    Wording(
        grant("issue_security_level_member_removed", "change", "issue_security_level"),
        (
            "Issue security level member removed",
            "Member removed from issue security level",
            "Entity removed from issue security level",
        ),
    ),
    *family("project_role", "created updated deleted renamed", grants=True),
    Wording(
        grant("project_role_members_changed", "change", "project_role"),
        (
            "Project roles changed",
            "Project roles updated",
            "Project role members changed",
            "Project role actors changed",
            "Default members changed",
            "Project role default members changed",
        ),
    ),
    Wording(
        grant("user_added_to_project", "change", "project"),
        ("User added to project", "User added to project role"),
    ),
    Wording(
        grant("user_removed_from_project", "change", "project"),
        ("User removed from project", "User removed from project role"),
    ),
    Wording(
        grant("project_access_changed", "change", "project"),
        (
            "Project access changed",
            "Project access updated",
            "Project access level changed",
            "Project privacy changed",
        ),
    ),
    Wording(
        grant("application_access_changed", "change", "application_role"),
        (
            "Application access changed",
            "Application access updated",
            "Application access added",
            "Application access removed",
            "Application role changed",
            "Application role updated",
            "Default access changed",
            "Product access changed",
            "Product access updated",
        ),
    ),
    Wording(
        grant("public_signup_changed", "change", "site"),
        (
            "Public sign up enabled",
            "Public sign up disabled",
            "Public signup enabled",
            "Public signup disabled",
        ),
    ),
    Wording(
        grant("filter_shared", "change", "filter"),
        (
            "Filter shared",
            "Filter sharing changed",
            "Filter permissions updated",
            "Filter permissions changed",
        ),
    ),
    Wording(
        grant("dashboard_shared", "change", "dashboard"),
        (
            "Dashboard shared",
            "Dashboard sharing changed",
            "Dashboard permissions updated",
            "Dashboard permissions changed",
        ),
    ),
    Wording(
        grant("board_administrators_changed", "change", "board"),
        ("Board administrators changed", "Board admins changed", "Board permissions updated"),
    ),
    Wording(
        grant("plan_permissions_changed", "change", "plan"),
        (
            "Plan permissions updated",
            "Plan permissions changed",
            "Plan permission changed",
            "Plan access changed",
        ),
    ),
)
