"""Work on Jira issues: what the normalisers of issues and worklogs call it.

Requests of Jira Service Management are issues, so the same names stand for the same deeds there;
``atlassian.product`` tells them apart.
"""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.normalise.actions.vocabulary import MEDIUM, activity, grant

ISSUE_CREATED: Final = activity("issue_created", "creation", "issue")
ISSUE_UPDATED: Final = activity("issue_updated", "change", "issue")
ISSUE_TRANSITIONED: Final = activity("issue_transitioned", "change", "issue")
ISSUE_ASSIGNED: Final = activity("issue_assigned", "change", "issue")
ISSUE_UNASSIGNED: Final = activity("issue_unassigned", "change", "issue")
ISSUE_MOVED: Final = activity("issue_moved", "change", "issue", MEDIUM)
ISSUE_SECURITY_CHANGED: Final = grant("issue_security_changed", "change", "issue")
ISSUE_LINKED: Final = activity("issue_linked", "change", "issue")
ISSUE_UNLINKED: Final = activity("issue_unlinked", "change", "issue")
ISSUE_ATTACHMENT_ADDED: Final = activity("issue_attachment_added", "change", "issue")
ISSUE_ATTACHMENT_DELETED: Final = activity("issue_attachment_deleted", "change", "issue", MEDIUM)
COMMENT_ADDED: Final = activity("comment_added", "creation", "comment")
COMMENT_EDITED: Final = activity("comment_edited", "change", "comment")
COMMENT_DELETED: Final = activity("comment_deleted", "deletion", "comment", MEDIUM)
WORKLOG_ADDED: Final = activity("worklog_added", "creation", "worklog")
WORKLOG_EDITED: Final = activity("worklog_edited", "change", "worklog")
WORKLOG_DELETED: Final = activity("worklog_deleted", "deletion", "worklog", MEDIUM)

ACTIONS: Final = (
    ISSUE_CREATED,
    ISSUE_UPDATED,
    ISSUE_TRANSITIONED,
    ISSUE_ASSIGNED,
    ISSUE_UNASSIGNED,
    ISSUE_MOVED,
    ISSUE_SECURITY_CHANGED,
    ISSUE_LINKED,
    ISSUE_UNLINKED,
    ISSUE_ATTACHMENT_ADDED,
    ISSUE_ATTACHMENT_DELETED,
    COMMENT_ADDED,
    COMMENT_EDITED,
    COMMENT_DELETED,
    WORKLOG_ADDED,
    WORKLOG_EDITED,
    WORKLOG_DELETED,
)
