"""What auditors ask: conditions with a name, and a saved search for each question."""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.views.conditions import AllOf, AnyOf, Condition, Exists, Like, has
from atlaslens_forwarder.views.definitions import parts
from atlaslens_forwarder.views.model import SavedSearch

AUDIT: Final = has("atlassian.pipeline", "audit")
HIGH: Final = has("atlassian.sensitivity", "high")
PERMISSION_CHANGE: Final = has("atlassian.permission_change", "true")
GROUP_CHANGE: Final = has("event.type", "group")
ADMIN_GROUP: Final = AllOf((GROUP_CHANGE, Like("group.name.folded", "*admin*")))
"""Groups are recognised by their name: what a group may do is in no record."""
ADMIN_CHANGE: Final = AnyOf(
    (
        has(
            "event.action",
            "global_permission_added",
            "global_permission_removed",
            "application_access_changed",
            "organisation_role_granted",
            "organisation_role_revoked",
            "workspace_permission_changed",
            "admin_key_enabled",
            "space_admin_recovered",
        ),
        ADMIN_GROUP,
    )
)
NEW_USERS: Final = has("event.action", "user_created", "user_invited")
DEACTIVATED: Final = has("event.action", "user_deactivated", "user_deleted", "user_anonymized")
_ACCOUNTS: Final = has(
    "event.action",
    "user_created",
    "user_invited",
    "user_activated",
    "user_deactivated",
    "user_deleted",
    "user_anonymized",
    "user_renamed",
)
_APPS: Final = has(
    "event.action",
    "app_installed",
    "app_uninstalled",
    "app_enabled",
    "app_disabled",
    "app_updated",
    "app_upgraded",
    "api_token_created",
    "api_token_updated",
    "api_token_deleted",
    "oauth_client_created",
    "oauth_client_updated",
    "oauth_access_granted",
    "application_link_created",
    "webhook_created",
)
_PUBLIC: Final = AnyOf(
    (
        has(
            "event.action",
            "public_link_created",
            "public_link_enabled",
            "public_link_updated",
            "public_signup_changed",
            "guest_access_created",
            "guest_access_updated",
        ),
        AllOf((PERMISSION_CHANGE, Like("atlassian.change_summary", "*nonymous*"))),
    )
)
_EXPORTS: Final = has(
    "event.action",
    "site_data_exported",
    "backup_created",
    "backup_exported",
    "space_exported",
    "page_exported",
    "blog_post_exported",
    "issue_exported",
    "audit_log_exported",
    "object_schema_exported",
    "automation_rule_exported",
)
_AUDITING: Final = has(
    "event.action",
    "auditing_enabled",
    "auditing_disabled",
    "audit_log_settings_updated",
    "audit_log_cleared",
    "audit_log_exported",
    "retention_rule_created",
    "retention_rule_updated",
    "retention_rule_deleted",
)


def _ask(name: str, title: str, question: str, *where: Condition) -> SavedSearch:
    return SavedSearch(
        id=f"search-{name}", title=title, question=question, where=where, columns=parts.CHANGE_COLUMNS
    )


SEARCHES: Final = (
    _ask("permission-changes", "Permission changes", "Who changed who may do what?", PERMISSION_CHANGE),
    _ask("admin-group-changes", "Admin group changes", "Who came into or left an admin group?", ADMIN_GROUP),
    _ask(
        "admin-changes", "Admin changes", "Who was given or lost the rights of an admin?", AUDIT, ADMIN_CHANGE
    ),
    _ask(
        "sensitive-operations",
        "One person's sensitive operations",
        "What did this person do that moves access, data or trust? Choose the person in the filter.",
        HIGH,
    ),
    _ask("accounts", "Accounts created and closed", "Which accounts came, went or were renamed?", _ACCOUNTS),
    _ask("apps-and-tokens", "Apps, tokens and webhooks", "What was let in from outside?", _APPS),
    _ask("public-access", "Public and guest access", "What was opened to guests or to everybody?", _PUBLIC),
    _ask("exports", "Exports and backups", "Who took data out, as far as it is recorded?", _EXPORTS),
    _ask(
        "auditing", "Changes to auditing and retention", "Did anybody touch the logs themselves?", _AUDITING
    ),
    _ask(
        "configuration",
        "Configuration changes",
        "Which settings, schemes and workflows were changed?",
        AUDIT,
        has("event.category", "configuration"),
    ),
    _ask(
        "deletions",
        "Deletions",
        "What was deleted, by whom?",
        has("event.type", "deletion"),
    ),
    _ask(
        "derived",
        "Changes found by comparing",
        "What changed without any record, so that nobody can be named?",
        has("atlassian.derived", "true"),
    ),
    _ask(
        "not-a-person",
        "Changes by nobody in particular",
        "What was done by the system, anonymously, or by a name without account?",
        AUDIT,
        has("atlassian.actor_kind", "system", "anonymous", "unidentified"),
    ),
    _ask(
        "unclassified",
        "Unclassified",
        "Which words of the audit logs does this version not know?",
        has("event.action", "unclassified"),
    ),
    _ask("late", "Late events", "What was found only by reading again?", has("atlassian.late", "true")),
    _ask(
        "with-address",
        "Changes with an address",
        "From which addresses were changes made?",
        AUDIT,
        Exists("source.ip"),
    ),
)
"""In the order in which they are offered."""
