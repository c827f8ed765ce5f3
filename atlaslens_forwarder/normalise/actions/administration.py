"""Apps, the audit log itself and site administration: the same deeds in Jira and Confluence.

Words: "Audit activities in Jira" and "View the audit log" (support.atlassian.com), "Audit log" (confcloud,
older), the action caches of Data Center databases, recorded rows of elastic/integrations.
"""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.phrases import family
from atlaslens_forwarder.normalise.actions.vocabulary import HIGH, MEDIUM, Wording, app, setting

_APP_WORDS = ("App", "Add-on", "Plugin", "Connect app", "Forge app")


def _app(name: str, kind: str, participle: str) -> Wording:
    return Wording(app(name, kind), tuple(f"{word} {participle}" for word in _APP_WORDS))


WORDINGS: tuple[Wording, ...] = (
    _app("app_installed", "installation", "installed"),
    _app("app_uninstalled", "deletion", "uninstalled"),
    _app("app_updated", "change", "updated"),
    _app("app_upgraded", "change", "upgraded"),
    _app("app_enabled", "change", "enabled"),
    _app("app_disabled", "change", "disabled"),
    *family(
        "app_module", "enabled disabled", "App module", "Plugin module", object_type="app", sensitivity=MEDIUM
    ),
    *family(
        "auditing", "enabled disabled", "Auditing", "Audit log", object_type="audit_log", sensitivity=HIGH
    ),
    Wording(
        setting("audit_log_settings_updated", "change", "audit_log", HIGH),
        (
            "Audit Log configuration updated",
            "Audit log settings updated",
            "Audit log retention changed",
            "Audit log retention updated",
        ),
    ),
    Wording(setting("audit_log_searched", "access", "audit_log", MEDIUM), ("Audit Log search performed",)),
    Wording(
        setting("audit_log_exported", "access", "audit_log", HIGH),
        ("Audit Log exported", "Audit Log export performed"),
    ),
    Wording(
        setting("audit_log_cleared", "deletion", "audit_log", HIGH),
        ("Audit Log cleared", "Audit log deleted"),
    ),
    *family(
        "license", "created updated deleted", "License", "New license", "Product license", sensitivity=MEDIUM
    ),
    *family("webhook", "created updated deleted enabled disabled", sensitivity=HIGH),
    *family(
        "application_link",
        "created updated deleted",
        "Application link",
        "Application Link",
        sensitivity=HIGH,
    ),
    *family("mail_server", "created updated deleted enabled disabled", sensitivity=HIGH),
    *family(
        "ip_allowlist",
        "created updated deleted",
        "IP allowlist",
        "Allowlist",
        "IP allowlist entry",
        sensitivity=HIGH,
    ),
    *family(
        "outgoing_allowlist", "created updated deleted", "Whitelist rule", "Allowlist rule", sensitivity=HIGH
    ),
    *family("announcement_banner", "created updated deleted enabled disabled"),
    Wording(
        setting("global_settings_updated", "change", "site", MEDIUM),
        (
            "Global settings changed",
            "Global settings edited",
            "Global settings updated",
            "General configuration updated",
            "General configuration changed",
            "General settings updated",
        ),
    ),
    Wording(
        setting("security_settings_updated", "change", "site", HIGH),
        ("Security configuration updated", "Security configuration changed", "Security settings updated"),
    ),
    Wording(setting("base_url_updated", "change", "site", HIGH), ("Base URL changed", "Base URL updated")),
    Wording(
        setting("look_and_feel_updated", "change", "site"),
        (
            "Look and feel updated",
            "Look and feel changed",
            "Site logo changed",
            "Site logo updated",
            "Site logo uploaded",
            "Favicon changed",
            "Favicon uploaded",
            "Color scheme modified",
            "Color scheme changed",
            "Color scheme updated",
            "Colour scheme modified",
            "Global color scheme changed",
            "Theme changed",
            "Global theme changed",
            "Stylesheet edited",
            "Stylesheet changed",
            "Custom HTML changed",
        ),
    ),
    *family("reindex", "started completed", "Reindex", "Re-indexing", "Full re-index", object_type="site"),
    *family(
        "backup",
        "created started completed exported",
        "Backup",
        "Site backup",
        "Cloud backup",
        object_type="site",
        sensitivity=HIGH,
    ),
    *family(
        "site_data",
        "exported imported",
        "Site",
        "Data",
        "System data",
        "Full data",
        object_type="site",
        sensitivity=HIGH,
    ),
    *family(
        "automation_rule",
        "created updated deleted enabled disabled exported imported copied",
        "Automation rule",
        "Rule",
        sensitivity=MEDIUM,
    ),
    *family(
        "data_classification",
        "created updated deleted",
        "Classification level",
        "Data classification",
        "Default classification level",
        sensitivity=MEDIUM,
    ),
)
