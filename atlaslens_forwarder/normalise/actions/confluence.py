"""Confluence: permissions, spaces and pages.

Words: recorded rows in elastic/integrations (atlassian_confluence) and Azure-Sentinel
(AtlassianConfluenceAudit), the lists in "View the audit log" (support.atlassian.com) and its predecessor
"Audit log" (confcloud), twinit's list of Confluence actions, the event names of Confluence Data Center.
"""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.phrases import family
from atlaslens_forwarder.normalise.actions.vocabulary import HIGH, MEDIUM, Wording, grant, setting

_ACCESS: tuple[Wording, ...] = (
    Wording(
        grant("global_permission_added", "creation", "permissions"),
        ("Global permission added", "Anonymous access enabled", "Global anonymous access enabled"),
    ),
    Wording(
        grant("global_permission_removed", "deletion", "permissions"),
        ("Global permission removed", "Global permission deleted", "Anonymous access disabled"),
    ),
    Wording(
        grant("space_permission_added", "creation", "space"),
        ("Space permission added", "Space permissions added"),
    ),
    Wording(
        grant("space_permission_removed", "deletion", "space"),
        ("Space permission removed", "Space permissions removed", "Space permission deleted"),
    ),
    Wording(
        grant("space_permissions_updated", "change", "space"),
        (
            "Space permission updated",
            "Space permissions updated",
            "Space permission changed",
            "Space permissions copied",
        ),
    ),
    Wording(
        grant("default_space_permission_added", "creation", "permissions"),
        ("Default space permission added", "Default space permissions added"),
    ),
    Wording(
        grant("default_space_permission_removed", "deletion", "permissions"),
        ("Default space permission removed", "Default space permissions removed"),
    ),
    *family("space_role", "created updated deleted", grants=True),
    Wording(
        grant("space_role_assigned", "change", "space"),
        (
            "Space role assigned",
            "Space role assignment added",
            "Space role assignment updated",
            "Space access granted",
        ),
    ),
    Wording(
        grant("space_role_unassigned", "change", "space"),
        (
            "Space role unassigned",
            "Space role assignment removed",
            "Space access removed",
            "Space access revoked",
        ),
    ),
    Wording(
        grant("space_owner_updated", "change", "space"),
        ("Space owner updated", "Space owner changed", "Space owner added"),
    ),
    Wording(
        grant("space_admin_recovered", "change", "space"),
        ("Space permissions recovered", "Space permission recovered", "Admin access to space recovered"),
    ),
    Wording(
        grant("content_restriction_added", "creation", "page"),
        (
            "Content restriction added",
            "Page restriction added",
            "Restriction added",
            "Content permission added",
        ),
    ),
    Wording(
        grant("content_restriction_removed", "deletion", "page"),
        (
            "Content restriction removed",
            "Page restriction removed",
            "Restriction removed",
            "Content permission removed",
        ),
    ),
    Wording(
        grant("permission_updated", "change", "permissions"), ("Permission updated", "Permission changed")
    ),
    Wording(
        grant("permission_removed", "deletion", "permissions"), ("Permission revoked", "Permission removed")
    ),
    Wording(grant("permission_added", "creation", "permissions"), ("Permission added", "Permission granted")),
    *family(
        "public_link",
        "created deleted enabled disabled updated",
        "Public link",
        "Public links",
        "Public links for space",
        "Public links for site",
        "Public link sharing",
        object_type="page",
        grants=True,
    ),
    *family(
        "guest_access",
        "created deleted updated",
        "Guest",
        "Guest access",
        "External collaborator",
        object_type="space",
        grants=True,
    ),
    Wording(
        setting("admin_key_enabled", "change", "site", HIGH),
        ("Admin key enabled", "Admin key activated", "Admin key used"),
    ),
    Wording(
        setting("admin_key_disabled", "change", "site", HIGH),
        ("Admin key disabled", "Admin key deactivated", "Admin key expired"),
    ),
    Wording(
        setting("page_viewed_with_admin_key", "access", "page", HIGH),
        (
            "Page viewed with admin key",
            "Viewed with admin key",
            "Content viewed with admin key",
            "Page accessed with admin key",
        ),
    ),
)

_SPACES: tuple[Wording, ...] = (
    *family("space", "created archived unarchived restored copied"),
    *family("space", "trashed deleted", sensitivity=HIGH),
    Wording(
        setting("space_trashed", "deletion", "space", HIGH),
        ("Space marked as deleted", "Space marked for deletion"),
    ),
    Wording(
        setting("space_restored", "change", "space"),
        ("Deleted space restored", "Space restored from archive"),
    ),
    Wording(
        setting("space_exported", "access", "space", HIGH),
        (
            "Space export",
            "Space exported",
            "Space export started",
            "Space XML export",
            "Space HTML export",
            "Space PDF export",
            "Space CSV export",
            "Space exported to PDF",
        ),
    ),
    Wording(setting("space_imported", "creation", "space", MEDIUM), ("Space import", "Space imported")),
    Wording(
        setting("space_updated", "change", "space"),
        (
            "Space configuration updated",
            "Space updated",
            "Space details updated",
            "Space details edited",
            "Space configuration changed",
        ),
    ),
    Wording(setting("space_key_updated", "change", "space"), ("Space key updated", "Space key changed")),
    Wording(
        setting("space_look_and_feel_updated", "change", "space"),
        (
            "Space logo uploaded",
            "Space logo changed",
            "Space logo enabled",
            "Space logo disabled",
            "Space logo deleted",
            "Space theme changed",
            "Space theme updated",
            "Space color scheme changed",
            "Space color scheme modified",
            "Space color scheme updated",
            "Space stylesheet changed",
            "Space stylesheet edited",
            "Space look and feel changed",
        ),
    ),
    Wording(
        setting("space_trash_emptied", "deletion", "space", HIGH),
        ("Trash emptied", "Space trash emptied", "Space trash purged", "Trash purged"),
    ),
    *family(
        "retention_rule",
        "created updated deleted",
        "Retention rule",
        "Retention rules",
        "Global retention rules",
        "Space retention rules",
        object_type="space",
        sensitivity=HIGH,
    ),
    *family("space_default_logo", "updated", "Default space logo", object_type="site"),
)

_CONTENT: tuple[Wording, ...] = (
    *family("page", "created updated moved copied archived unarchived restored published imported renamed"),
    *family("page", "trashed deleted", "Page", sensitivity=MEDIUM),
    Wording(setting("page_deleted", "deletion", "page", MEDIUM), ("Page purged", "Page purged from trash")),
    Wording(
        setting("page_exported", "access", "page", MEDIUM),
        (
            "Page export",
            "Page exported",
            "Page PDF export",
            "Page Word export",
            "Page exported to PDF",
            "Page exported to Word",
        ),
    ),
    Wording(setting("page_viewed", "access", "page"), ("Page viewed",)),
    Wording(setting("page_shared", "access", "page", MEDIUM), ("Page shared", "Content shared")),
    *family(
        "blog_post",
        "created updated moved archived unarchived restored trashed deleted exported",
        "Blog",
        "Blog post",
        "Blogpost",
    ),
    Wording(setting("blog_post_viewed", "access", "blog_post"), ("Blog viewed", "Blog post viewed")),
    Wording(setting("blog_post_shared", "access", "blog_post", MEDIUM), ("Blog shared", "Blog post shared")),
    *family("whiteboard", "created updated moved archived unarchived restored trashed deleted"),
    *family("database", "created updated moved archived unarchived restored trashed deleted"),
    *family(
        "page_template",
        "created updated deleted",
        "Page template",
        "Template",
        "Global template",
        "Space template",
    ),
    *family("comment", "created updated deleted"),
    *family("attachment", "created updated deleted moved", "Attachment", "File"),
    Wording(
        setting("attachment_downloaded", "access", "attachment"), ("Attachment downloaded", "File downloaded")
    ),
    *family("label", "created deleted", "Label"),
    *family("page_owner", "updated", "Page owner", "Content owner", object_type="page", sensitivity=MEDIUM),
    *family("content_status", "updated", "Content status", object_type="page"),
    *family("scheduled_job", "updated enabled disabled started", object_type="site", sensitivity=MEDIUM),
    *family("macro", "created updated deleted", "Macro", "User macro", sensitivity=MEDIUM),
    *family("site_homepage", "updated", "Site homepage", "Site home page", object_type="site"),
    Wording(setting("search_performed", "access", "site"), ("Search performed",)),
)

WORDINGS: tuple[Wording, ...] = (*_ACCESS, *_SPACES, *_CONTENT)
