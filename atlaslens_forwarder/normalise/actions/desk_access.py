"""Organisations of Jira Service Management: deeds inferred from two looks at them.

Jira's audit log may record the same deeds in words of its own (``normalise.actions.jsm``); they have the same
names here, so that one search finds both.
"""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.vocabulary import MEDIUM, Action, grant, setting

ORGANIZATION_CREATED = setting("organization_created", "creation", "organization", MEDIUM)
ORGANIZATION_UPDATED = setting("organization_updated", "change", "organization", MEDIUM)
ORGANIZATION_DELETED = setting("organization_deleted", "deletion", "organization", MEDIUM)
CUSTOMER_ADDED = grant("customer_added_to_organization", "change", "organization")
CUSTOMER_REMOVED = grant("customer_removed_from_organization", "change", "organization")

ACTIONS: tuple[Action, ...] = (
    ORGANIZATION_CREATED,
    ORGANIZATION_UPDATED,
    ORGANIZATION_DELETED,
    CUSTOMER_ADDED,
    CUSTOMER_REMOVED,
)
