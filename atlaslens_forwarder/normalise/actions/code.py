"""Work on code in Bitbucket: commits, pull requests, reviews and remarks.

The deeds are those of the Bitbucket Cloud API 2.0 (group pullrequests): states of pull requests, and the
kinds of entries in their activity.
"""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.vocabulary import MEDIUM, activity

_PULL_REQUEST = "pull_request"
_COMMENT = "pull_request_comment"

COMMITTED = activity("commit_pushed", "creation", "commit")
"""Written by its author then, and pushed by somebody by now: neither who nor when is told."""
PULL_REQUEST_OPENED = activity("pull_request_opened", "creation", _PULL_REQUEST)
PULL_REQUEST_UPDATED = activity("pull_request_updated", "change", _PULL_REQUEST)
PULL_REQUEST_MERGED = activity("pull_request_merged", "change", _PULL_REQUEST)
PULL_REQUEST_DECLINED = activity("pull_request_declined", "change", _PULL_REQUEST)
PULL_REQUEST_SUPERSEDED = activity("pull_request_superseded", "change", _PULL_REQUEST)
PULL_REQUEST_APPROVED = activity("pull_request_approved", "change", _PULL_REQUEST)
CHANGES_REQUESTED = activity("pull_request_changes_requested", "change", _PULL_REQUEST)
COMMENT_ADDED = activity("pull_request_comment_added", "creation", _COMMENT)
COMMENT_EDITED = activity("pull_request_comment_edited", "change", _COMMENT)
COMMENT_DELETED = activity("pull_request_comment_deleted", "deletion", _COMMENT, MEDIUM)

CODE_ACTIONS = (
    COMMITTED,
    PULL_REQUEST_OPENED,
    PULL_REQUEST_UPDATED,
    PULL_REQUEST_MERGED,
    PULL_REQUEST_DECLINED,
    PULL_REQUEST_SUPERSEDED,
    PULL_REQUEST_APPROVED,
    CHANGES_REQUESTED,
    COMMENT_ADDED,
    COMMENT_EDITED,
    COMMENT_DELETED,
)
