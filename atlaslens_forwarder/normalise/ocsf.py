"""The crosswalk to the Open Cybersecurity Schema Framework, written from the table of actions.

``python -m atlaslens_forwarder.normalise.ocsf > docs/ocsf.md`` writes the page anew. Classes and activities:
schema.ocsf.io, version 1.7.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.normalise.actions.activity import ACTIVITY_ACTIONS
from atlaslens_forwarder.normalise.actions.table import WORDINGS
from atlaslens_forwarder.normalise.actions.vocabulary import UNCLASSIFIED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlaslens_forwarder.normalise.actions.vocabulary import Action

CLASSES: Final = {
    3001: ("Account Change", "Identity & Access Management"),
    3002: ("Authentication", "Identity & Access Management"),
    3005: ("User Access Management", "Identity & Access Management"),
    3006: ("Group Management", "Identity & Access Management"),
    6003: ("API Activity", "Application Activity"),
}
OTHER: Final = 99
ACTIVITIES: Final = {
    3001: {1: "Create", 2: "Enable", 3: "Password Change", 5: "Disable", 6: "Delete", OTHER: "Other"},
    3002: {1: "Logon", 2: "Logoff", OTHER: "Other"},
    3005: {1: "Assign Privileges", 2: "Revoke Privileges", OTHER: "Other"},
    3006: {3: "Add User", 4: "Remove User", 5: "Delete", 6: "Create", OTHER: "Other"},
    6003: {1: "Create", 2: "Read", 3: "Update", 4: "Delete", OTHER: "Other"},
}
_ACCOUNT_STEPS: Final = {"user_activated": 2, "user_password_changed": 3, "user_deactivated": 5}
_MEMBERS: Final = {"user_added_to_group": 3, "user_removed_from_group": 4}
_GIVEN: Final = re.compile(r"_(added|granted|assigned|enabled|created|shared|recovered|copied)(?=_|$)")
_TAKEN: Final = re.compile(r"_(removed|revoked|unassigned|disabled|deleted)(?=_|$)")
_BY_TYPE: Final = {"creation": 1, "installation": 1, "access": 2, "change": 3, "deletion": 4}

FIELDS: Final = (
    ("@timestamp", "time", "epoch milliseconds"),
    ("event.id", "metadata.uid", ""),
    ("event.created", "metadata.original_time", ""),
    ("event.ingested", "metadata.logged_time", ""),
    ("event.action", "metadata.event_code", "the activity is in the table below"),
    ("event.dataset", "metadata.log_name", ""),
    ("event.provider", "metadata.log_provider", ""),
    ("atlassian.product", "metadata.product.name", "vendor_name: Atlassian"),
    ("event.original", "raw_data", ""),
    ("event.outcome", "status_id", "success 1, failure 2, unknown 0"),
    ("message", "message", ""),
    ("user.id", "actor.user.uid", ""),
    ("user.full_name", "actor.user.full_name", ""),
    ("user.group.name", "actor.user.groups[].name", ""),
    ("user.target.id", "user.uid", "of 3001, 3005 and 3006"),
    ("user.target.full_name", "user.full_name", "likewise"),
    ("group.id", "group.uid", "of 3006; of 3005 in user.groups[]"),
    ("group.name", "group.name", "likewise"),
    ("source.ip", "src_endpoint.ip", ""),
    ("organization.id", "metadata.tenant_uid", "the site"),
    ("organization.name", "cloud.org.name", "likewise"),
    ("atlassian.object.type", "resources[].type", "of 3005 resource.type"),
    ("atlassian.object.id", "resources[].uid", "likewise"),
    ("atlassian.object.name", "resources[].name", "likewise"),
    ("atlassian.object.container", "resources[].namespace", "likewise"),
    ("atlassian.sensitivity", "severity_id", "low 2, medium 3, high 4"),
    ("event.duration", "duration", "nanoseconds to milliseconds"),
    ("event.start", "start_time", "epoch milliseconds"),
)
"""Our field, theirs, and what to mind. What is not here has no place there: ``unmapped``."""


def activity_of(action: Action) -> int:
    """The nearest ``activity_id`` of the action's class."""
    match action.ocsf_class:
        case 3001:
            found = _ACCOUNT_STEPS.get(action.name) or {"creation": 1, "deletion": 6}.get(action.type[-1])
        case 3002:
            # A failed sign-in is a logon whose status is failure.
            found = {"start": 1, "end": 2}.get(
                action.type[-1], 1 if action.name == "user_login_failed" else None
            )
        case 3005:
            found = _access(action.name)
        case 3006:
            found = _MEMBERS.get(action.name) or {"creation": 6, "deletion": 5}.get(action.type[-1])
        case _:
            found = _BY_TYPE.get(action.type[-1])
    return found or OTHER


def _access(name: str) -> int | None:
    given = 2 if _TAKEN.search(name) else 1 if _GIVEN.search(name) else None
    if "security_scheme" in name:
        return None  # who gains by it depends on the scheme
    if "restriction" in name and given is not None:
        return 3 - given  # a restriction that is added takes something away
    return given


def every_action() -> Iterator[Action]:
    """Each action of the closed vocabulary, by name; of one name the first."""
    listed = [wording.action for wordings in WORDINGS.values() for wording in wordings]
    listed += [action for actions in ACTIVITY_ACTIONS.values() for action in actions]
    by_name: dict[str, Action] = {}
    for action in (*listed, UNCLASSIFIED):
        by_name.setdefault(action.name, action)
    yield from sorted(by_name.values(), key=lambda action: action.name)


def ocsf_page() -> str:
    """The whole text of ``docs/ocsf.md``."""
    parts = [_HEAD, *(f"| `{ours}` | `{theirs}` | {note} |" for ours, theirs, note in FIELDS), ""]
    rows: dict[tuple[int, int], list[str]] = {}
    for action in every_action():
        rows.setdefault((action.ocsf_class, activity_of(action)), []).append(f"`{action.name}`")
    for class_uid, (name, category) in CLASSES.items():
        parts += [
            f"## {class_uid} {name}",
            "",
            f"Category {class_uid // 1000}, {category}. `type_uid` is `class_uid` × 100 + `activity_id`.",
            "",
            "| Activity | Actions |",
            "|---|---|",
        ]
        for activity, title in ACTIVITIES[class_uid].items():
            if found := rows.get((class_uid, activity)):
                parts.append(f"| {activity} {title} | {', '.join(found)} |")
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


_HEAD: Final = """\
# OCSF crosswalk

<!-- Written by `python -m atlaslens_forwarder.normalise.ocsf`; a test fails when it differs. -->

Events are stored in ECS ([fields.md](fields.md)). For those who need the [Open Cybersecurity Schema
Framework](https://schema.ocsf.io/) (version 1.7), this page says where each field and each action
([actions.md](actions.md)) belongs. It is the nearest class, not a perfect one: OCSF has none for the
settings of an application, so these are API Activity. Nothing is converted by the forwarder.

## Fields

| Field | OCSF | Note |
|---|---|---|"""


if __name__ == "__main__":
    sys.stdout.write(ocsf_page())
