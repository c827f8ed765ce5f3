"""The organisation's events: the vendor names each deed with a word, which is mapped to ours.

Words: recorded rows of elastic/integrations (``atlassian_cloud``); "Audit log activities database"
(support.atlassian.com) lists the deeds, not the words, so some are formed like those. What another product's
log knows too has that product's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.normalise.actions import administration, confluence, people
from atlaslens_forwarder.normalise.actions.vocabulary import HIGH, MEDIUM, UNCLASSIFIED, grant, setting

if TYPE_CHECKING:
    from atlaslens_forwarder.normalise.actions.vocabulary import Action

_KNOWN: Final = {
    wording.action.name: wording.action
    for wording in (*people.WORDINGS, *administration.WORDINGS, *confluence.WORDINGS)
}

SETTINGS_UPDATED = setting("organisation_settings_updated", "change", "organisation", HIGH)
USERS_VIEWED = setting("organisation_users_viewed", "access", "organisation", MEDIUM)
DOMAIN_VERIFIED = setting("domain_verified", "change", "domain", HIGH)
DOMAIN_REMOVED = setting("domain_removed", "deletion", "domain", HIGH)
ROLE_GRANTED = grant("organisation_role_granted", "change", "user")
ROLE_REVOKED = grant("organisation_role_revoked", "change", "user")
POLICIES: Final = {
    verb: setting(f"policy_{ours}", kind, "policy", HIGH)
    for verb, ours, kind in (
        ("create", "created", "creation"),
        ("update", "updated", "change"),
        ("delete", "deleted", "deletion"),
    )
}
"""Data classification, authentication, data security and so on: ``{what}_policy_{verb}``."""

_OTHER_NAMES: Final = {
    "user_login": "user_logged_in",
    "user_logout": "user_logged_out",
    "user_login_failed": "user_login_failed",
    "user_invitation_sent": "user_invited",
    "user_invited": "user_invited",
    "user_reactivated": "user_activated",
    "user_removed": "user_deleted",
    "user_profile_updated": "user_updated",
    "user_password_reset": "user_password_changed",
    "api_token_revoked": "api_token_deleted",
    "marketplace_app_installed": "app_installed",
    "marketplace_app_uninstalled": "app_uninstalled",
    "marketplace_app_updated": "app_updated",
    "confluence_added_space_permission": "space_permission_added",
    "confluence_removed_space_permission": "space_permission_removed",
    "confluence_audit_record_added_content_restriction": "content_restriction_added",
    "confluence_audit_record_removed_content_restriction": "content_restriction_removed",
}
_SAME_NAMES: Final = (
    "user_created",
    "user_deleted",
    "user_deactivated",
    "user_added_to_group",
    "user_removed_from_group",
    "group_created",
    "group_updated",
    "group_deleted",
    "api_token_created",
    "api_token_deleted",
)
_OWN: Final = {
    "org_settings_update": SETTINGS_UPDATED,
    "organization_users_viewed": USERS_VIEWED,
    "user_granted_role": ROLE_GRANTED,
    "user_revoked_role": ROLE_REVOKED,
    "domain_verified": DOMAIN_VERIFIED,
    "domain_removed": DOMAIN_REMOVED,
}

WORDS: Final[dict[str, Action]] = (
    {word: _KNOWN[name] for word, name in _OTHER_NAMES.items()}
    | {name: _KNOWN[name] for name in _SAME_NAMES}
    | _OWN
)
"""The vendor's word for a deed, and ours."""

ACTIONS: tuple[Action, ...] = tuple(dict.fromkeys((*WORDS.values(), *POLICIES.values())))


def action_of(word: str) -> Action:
    """Our action for the vendor's word; of parts of a word only what happens to policies is read."""
    found = WORDS.get(word)
    if found is None and "_policy_" in word:
        found = POLICIES.get(word.rpartition("_policy_")[2])
    return found or UNCLASSIFIED
