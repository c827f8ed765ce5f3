"""The things that a row names, in the form that the document keeps."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject

_SAME_TYPE = {"issue_delete": "issue", "blogpost": "blog_post", "blog": "blog_post"}
_UUID_LENGTH = 36


@lru_cache(maxsize=1024)
def type_of(vendor_type: str) -> str:
    """The vendor's type name in one spelling: ``PROJECT_ROLE`` and ``Project role`` are ``project_role``.

    What holds nothing but separators is ``unknown``.
    """
    folded = "_".join(vendor_type.replace("-", " ").replace("_", " ").split()).lower()
    return _SAME_TYPE.get(folded, folded) or "unknown"


def key_from_changes(changes: list[JsonObject], field: str) -> JsonObject:
    """``{"key": …}`` from the changed value named ``field`` (folded), empty where there is none."""
    for change in changes:
        if str(change.get("field", "")).lower() == field:
            key = change.get("to") or change.get("from")
            return {"key": key} if key else {}
    return {}


def split_group(name: str) -> JsonObject:
    """A Confluence group ``name:uuid`` as name and id; a group written without an id keeps its name whole."""
    tail = name[-_UUID_LENGTH:]
    if (
        len(name) > _UUID_LENGTH + 1
        and name[-_UUID_LENGTH - 1] == ":"
        and tail[8] == tail[13] == tail[18] == tail[23] == "-"
    ):
        return {"id": tail, "name": name[: -_UUID_LENGTH - 1]}
    return {"name": name}
