"""Words of the invented projects: statuses, types, priorities and texts.

Texts mix scripts, and some hold e-mail addresses, because privacy code must survive both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from atlaslens_forwarder.simulator.world.places import SERVICE_DESK


@dataclass(frozen=True, slots=True)
class Named:
    """Something that has an id and a name; ``group`` is the category of a status."""

    id: str
    name: str
    group: str = ""


DONE: Final = "done"
_PLAIN_STATUSES: Final = (
    Named("10000", "To Do", "new"),
    Named("3", "In Progress", "indeterminate"),
    Named("10001", "In Review", "indeterminate"),
    Named("10002", "Done", DONE),
)
_DESK_STATUSES: Final = (
    Named("10010", "Waiting for support", "new"),
    Named("10011", "Waiting for customer", "indeterminate"),
    Named("10012", "In Progress", "indeterminate"),
    Named("10013", "Resolved", DONE),
)
_PLAIN_TYPES: Final = (Named("10004", "Story"), Named("10005", "Bug"), Named("10006", "Task"))
_DESK_TYPES: Final = (Named("10014", "Service Request"), Named("10015", "Incident"))
PRIORITIES: Final = (Named("1", "Highest"), Named("2", "High"), Named("3", "Medium"), Named("4", "Low"))
RESOLUTION: Final = Named("10000", "Done")
SECURITY_LEVEL: Final = Named("10020", "Staff of the board only")

SUMMARIES: Final = (
    "Refund is booked twice",
    "Rotate the signing key",
    "Kassenabschluss Größe prüfen",
    "支払い画面が固まる",
    "Laptop for the new colleague",
    "Zugriff für Prüferin gewähren",
    "Export drops the last row",
    "Отчёт приходит пустым",
    "VPN does not connect after the update",
    "Badge for visitor",
)
COMMENTS: Final = (
    "Seen again this morning.",
    "Customer wrote from maren.oldenkott@customer.example and asks for an answer.",
    "再現できました。",
    "Bitte an rechnungen@acme.example weiterleiten.",
    "Fixed on the branch, waiting for review.",
    "Ответ отправлен.",
    "Closing, nothing left to do here.",
)
LABELS: Final = ("audit", "customer", "tech-debt", "größe", "q4")


def statuses_of(kind: str) -> tuple[Named, ...]:
    """The workflow of a project type, first status first."""
    return _DESK_STATUSES if kind == SERVICE_DESK else _PLAIN_STATUSES


def types_of(kind: str) -> tuple[Named, ...]:
    """The issue types of a project type."""
    return _DESK_TYPES if kind == SERVICE_DESK else _PLAIN_TYPES
