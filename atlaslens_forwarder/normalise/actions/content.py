"""What people do with pages, blog posts and comments of Confluence.

Names are those of the audit log's table where it has the same deed. ``deleted`` is what cannot be restored: a
page or post purged from the trash, a comment taken away.
"""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.normalise.actions.vocabulary import MEDIUM, Action, activity

PAGE: Final = "page"
BLOG_POST: Final = "blog_post"
COMMENT: Final = "comment"


def _work(name: str) -> tuple[Action, ...]:
    """What pages and posts have in common."""
    return (
        activity(f"{name}_created", "creation", name),
        activity(f"{name}_updated", "change", name),
        activity(f"{name}_trashed", "deletion", name, MEDIUM),
        activity(f"{name}_restored", "change", name),
        activity(f"{name}_archived", "change", name),
        activity(f"{name}_unarchived", "change", name),
        activity(f"{name}_moved", "change", name),
        activity(f"{name}_deleted", "deletion", name, MEDIUM),
    )


CONTENT_ACTIONS: Final = (
    *_work(PAGE),
    *_work(BLOG_POST),
    activity("comment_created", "creation", COMMENT),
    activity("comment_updated", "change", COMMENT),
    activity("comment_deleted", "deletion", COMMENT),
    activity("comment_resolved", "change", COMMENT),
    activity("comment_reopened", "change", COMMENT),
)
_BY_NAME: Final = {action.name: action for action in CONTENT_ACTIONS}


def content_action(object_type: str, deed: str) -> Action | None:
    """The action of a deed (``created``, ``trashed``, …) on an item; None if there is no such."""
    return _BY_NAME.get(f"{object_type}_{deed}")
