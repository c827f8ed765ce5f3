"""Accounts, groups and tokens: the same deeds in Jira and Confluence.

Words: recorded rows in elastic/integrations (atlassian_jira, atlassian_confluence) and Azure-Sentinel
(AtlassianJiraAudit, AtlassianConfluenceAudit); "View the audit log" (support.atlassian.com); the names of the
Data Center events in the pipelines of elastic/integrations.
"""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.phrases import family
from atlaslens_forwarder.normalise.actions.vocabulary import HIGH, Outcome, Wording, account, group, session

WORDINGS: tuple[Wording, ...] = (
    Wording(account("user_created", "creation"), ("User created", "User added")),
    Wording(account("user_updated", "change"), ("User updated", "User details updated", "User edited")),
    Wording(account("user_deleted", "deletion"), ("User deleted", "User removed")),
    Wording(account("user_renamed", "change"), ("User renamed", "Username changed")),
    Wording(account("user_anonymized", "deletion"), ("User anonymized", "User anonymised")),
    Wording(account("user_activated", "change"), ("User reactivated", "User activated", "User enabled")),
    Wording(account("user_deactivated", "change"), ("User deactivated", "User disabled")),
    Wording(account("user_invited", "creation"), ("User invited", "Users invited", "User invitation sent")),
    Wording(
        account("user_password_changed", "change", HIGH),
        ("User's password changed", "User password changed", "Password changed", "User password reset"),
    ),
    Wording(
        account("user_avatar_updated", "change"),
        ("User avatar updated", "User avatar changed", "Profile picture changed"),
    ),
    Wording(
        session("user_logged_in", "start", Outcome.SUCCESS),
        ("User logged in", "User login successful", "Login successful", "User log in successful"),
    ),
    Wording(session("user_logged_out", "end"), ("User logged out", "Logout successful")),
    Wording(
        session("user_login_failed", "info", Outcome.FAILURE),
        ("User login failed", "Login failed", "User failed to log in", "User log in failed"),
    ),
    Wording(
        session("admin_session_started", "start"),
        ("WebSudo session started", "Secure admin login successful", "Secure administrator session started"),
    ),
    Wording(
        session("admin_session_ended", "end"),
        ("WebSudo session invalidated", "Secure admin logout", "Secure administrator session ended"),
    ),
    Wording(group("group_created", "creation"), ("Group created", "Group added")),
    Wording(group("group_updated", "change"), ("Group updated", "Group details updated", "Group renamed")),
    Wording(group("group_deleted", "deletion", permission_change=True), ("Group deleted", "Group removed")),
    Wording(
        group("user_added_to_group", "change", permission_change=True),
        ("User added to group", "User added to a group", "User assigned to group", "Group membership added"),
    ),
    Wording(
        group("user_removed_from_group", "change", permission_change=True),
        ("User removed from group", "User removed from a group", "Group membership removed"),
    ),
    Wording(
        group("group_membership_updated", "change", permission_change=True), ("Group membership changed",)
    ),
    *family(
        "user_directory",
        "created updated deleted enabled disabled",
        "User directory",
        "Directory",
        sensitivity=HIGH,
    ),
    *family("api_token", "created updated deleted", "Personal access token", "API token", sensitivity=HIGH),
    *family(
        "oauth_client", "created updated deleted", "Client configuration", "OAuth client", sensitivity=HIGH
    ),
    Wording(
        account("oauth_access_granted", "change", HIGH),
        ("Client authorized", "Client authorised", "OAuth access granted"),
    ),
    Wording(
        account("oauth_access_revoked", "change", HIGH),
        ("Client authorization revoked", "OAuth access revoked"),
    ),
)
