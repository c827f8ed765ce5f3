"""Who may do what in Bitbucket: deeds inferred from two looks at workspaces and repositories.

Names follow those of the other products (``space_permission_added``). Source of what can change:
developer.atlassian.com/cloud/bitbucket/rest, groups "Workspaces", "Repositories", "Branch restrictions".
"""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.vocabulary import HIGH, MEDIUM, Action, grant, setting

WORKSPACE_MEMBER_ADDED = grant("workspace_member_added", "creation", "workspace")
WORKSPACE_MEMBER_REMOVED = grant("workspace_member_removed", "deletion", "workspace")
WORKSPACE_PERMISSION_CHANGED = grant("workspace_permission_changed", "change", "workspace")
REPOSITORY_PERMISSION_ADDED = grant("repository_permission_added", "creation", "repository")
REPOSITORY_PERMISSION_REMOVED = grant("repository_permission_removed", "deletion", "repository")
REPOSITORY_PERMISSION_CHANGED = grant("repository_permission_changed", "change", "repository")
BRANCH_RESTRICTION_ADDED = grant("branch_restriction_added", "creation", "branch_restriction")
BRANCH_RESTRICTION_REMOVED = grant("branch_restriction_removed", "deletion", "branch_restriction")
BRANCH_RESTRICTION_CHANGED = grant("branch_restriction_changed", "change", "branch_restriction")
REPOSITORY_CREATED = setting("repository_created", "creation", "repository", MEDIUM)
REPOSITORY_RENAMED = setting("repository_renamed", "change", "repository")
REPOSITORY_DELETED = setting("repository_deleted", "deletion", "repository", HIGH)

ACTIONS: tuple[Action, ...] = (
    WORKSPACE_MEMBER_ADDED,
    WORKSPACE_MEMBER_REMOVED,
    WORKSPACE_PERMISSION_CHANGED,
    REPOSITORY_PERMISSION_ADDED,
    REPOSITORY_PERMISSION_REMOVED,
    REPOSITORY_PERMISSION_CHANGED,
    BRANCH_RESTRICTION_ADDED,
    BRANCH_RESTRICTION_REMOVED,
    BRANCH_RESTRICTION_CHANGED,
    REPOSITORY_CREATED,
    REPOSITORY_RENAMED,
    REPOSITORY_DELETED,
)
