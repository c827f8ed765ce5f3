"""The shape of an action: what ``event.action`` may say, and what each name implies.

The names are those of this product, in the manner of Atlassian's organisation events
(``user_added_to_group``), so that one search finds the same deed in every product. What an action implies is
decided here and in the tables beside, nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sensitivity(StrEnum):
    """How soon a person responsible for security wants to see the event."""

    LOW = "low"
    """Everyday configuration that changes nobody's access."""
    MEDIUM = "medium"
    """Worth a look in a review: accounts, deletions, site-wide settings."""
    HIGH = "high"
    """Widens, narrows or moves access, data or trust."""


class Outcome(StrEnum):
    """``event.outcome``; audit logs rarely state one."""

    UNKNOWN = "unknown"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Action:
    """One deed, whichever words an API uses for it.

    ``category`` and ``type`` are ECS ``event.category`` and ``event.type``. ``object_type`` stands in where
    the row names no object. ``permission_change`` is defined in ``docs/actions.md``. ``affects_people`` tells
    that a user or group named beside the object is the affected one; where it is false, they are only
    mentioned, as the lead of a new project is.
    """

    name: str
    category: tuple[str, ...]
    type: tuple[str, ...]
    object_type: str
    permission_change: bool = False
    sensitivity: Sensitivity = Sensitivity.LOW
    affects_people: bool = False
    outcome: Outcome = Outcome.UNKNOWN

    @property
    def ocsf_class(self) -> int:
        """The nearest OCSF class (schema.ocsf.io), for people who map these events there."""
        if "authentication" in self.category:
            return 3002
        if "group" in self.type:
            return 3006
        if self.permission_change:
            return 3005
        return 3001 if "user" in self.type else 6003


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of an API for one action, as they stand in a row's summary.

    ``category`` (the vendor's) is given only where the same summary means two things.
    """

    action: Action
    summaries: tuple[str, ...]
    category: str = ""


LOW = Sensitivity.LOW
MEDIUM = Sensitivity.MEDIUM
HIGH = Sensitivity.HIGH


def grant(name: str, kind: str, object_type: str) -> Action:
    """A permission change; ``kind`` is the ECS type beside ``admin``."""
    return Action(
        name,
        ("iam", "configuration"),
        ("admin", kind),
        object_type,
        permission_change=True,
        sensitivity=HIGH,
        affects_people=True,
    )


def account(name: str, kind: str, sensitivity: Sensitivity = MEDIUM) -> Action:
    """A step in the life of a user account."""
    return Action(name, ("iam",), ("user", kind), "user", sensitivity=sensitivity, affects_people=True)


def group(name: str, kind: str, *, permission_change: bool = False) -> Action:
    """A step in the life of a group; who joins or leaves one gains or loses all that the group may do."""
    return Action(
        name,
        ("iam",),
        ("group", kind),
        "group",
        permission_change=permission_change,
        sensitivity=HIGH if permission_change else MEDIUM,
        affects_people=True,
    )


def session(name: str, kind: str, outcome: Outcome = Outcome.UNKNOWN) -> Action:
    """Signing in or out."""
    return Action(
        name, ("authentication",), (kind,), "user", sensitivity=LOW, affects_people=True, outcome=outcome
    )


def setting(name: str, kind: str, object_type: str, sensitivity: Sensitivity = LOW) -> Action:
    """A change of configuration that is no permission change."""
    return Action(name, ("configuration",), (kind,), object_type, sensitivity=sensitivity)


def app(name: str, kind: str, sensitivity: Sensitivity = HIGH) -> Action:
    """A step in the life of an installed app."""
    return Action(name, ("configuration", "package"), (kind,), "app", sensitivity=sensitivity)


def activity(name: str, kind: str, object_type: str, sensitivity: Sensitivity = LOW) -> Action:
    """Everyday work on an issue, a page or code; ECS has no category for it but the application itself."""
    return Action(name, ("web",), (kind,), object_type, sensitivity=sensitivity)


UNCLASSIFIED = Action(
    "unclassified", ("configuration",), ("info",), "unknown", sensitivity=MEDIUM, affects_people=True
)
"""What no table knows. It stays visible and counted; whether it changes permissions is not guessed."""
