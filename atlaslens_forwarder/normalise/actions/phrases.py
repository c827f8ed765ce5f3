"""Audit summaries are mostly "<thing> <past participle>"; this writes such families of them in one line.

Documentation and recorded rows differ in the participle ("removed" in the list of events, "deleted" in the
row), so each verb knows its synonyms. What no source records is formed by the same pattern: a wording that
Atlassian never uses costs nothing, one that is missing costs an ``unclassified`` event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.normalise.actions.vocabulary import LOW, MEDIUM, Wording, grant, setting

if TYPE_CHECKING:
    from atlaslens_forwarder.normalise.actions.vocabulary import Sensitivity

_VERBS: dict[str, tuple[str, tuple[str, ...]]] = {
    "created": ("creation", ("created", "added")),
    "updated": ("change", ("updated", "edited", "changed", "modified")),
    "deleted": ("deletion", ("deleted", "removed")),
    "copied": ("creation", ("copied",)),
    "renamed": ("change", ("renamed",)),
    "moved": ("change", ("moved",)),
    "merged": ("change", ("merged",)),
    "archived": ("change", ("archived",)),
    "unarchived": ("change", ("unarchived",)),
    "restored": ("change", ("restored", "restored from trash")),
    "trashed": ("deletion", ("trashed", "moved to trash")),
    "released": ("change", ("released",)),
    "unreleased": ("change", ("unreleased",)),
    "published": ("change", ("published", "draft published")),
    "enabled": ("change", ("enabled", "turned on", "activated")),
    "disabled": ("change", ("disabled", "turned off", "deactivated")),
    "started": ("change", ("started",)),
    "completed": ("change", ("completed", "closed")),
    "reopened": ("change", ("reopened",)),
    "exported": ("access", ("exported", "export")),
    "imported": ("creation", ("imported", "import")),
    "added_to_project": ("change", ("added to project", "assigned to project", "assigned to a project")),
    "removed_from_project": (
        "change",
        ("removed from project", "unassigned from project", "unassigned from a project"),
    ),
}
_ASSOCIATION = " added_to_project removed_from_project"
SCHEME = "created updated deleted copied" + _ASSOCIATION
"""What happens to every kind of scheme."""


def family(
    thing: str,
    verbs: str,
    *words: str,
    object_type: str = "",
    sensitivity: Sensitivity = LOW,
    grants: bool = False,
) -> tuple[Wording, ...]:
    """The wordings of ``thing``: one for each of ``verbs`` (names separated by spaces).

    ``words`` are the vendor's names of the thing, by default its own name. A family that ``grants`` consists
    of permission changes; in any other, to delete weighs ``MEDIUM`` at least.
    """
    kind = object_type or thing
    wordings = []
    for verb in verbs.split():
        ecs_type, participles = _VERBS[verb]
        name = f"{thing}_{verb}"
        weight = MEDIUM if ecs_type == "deletion" and sensitivity is LOW else sensitivity
        action = grant(name, ecs_type, kind) if grants else setting(name, ecs_type, kind, weight)
        names = words or (thing.replace("_", " ").capitalize(),)
        wordings.append(
            Wording(action, tuple(f"{word} {participle}" for word in names for participle in participles))
        )
    return tuple(wordings)
