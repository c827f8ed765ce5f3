"""Projects, spaces and groups of the simulated company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.world.chance import Chance, label

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.spec import WorldSpec

SOFTWARE: Final = "software"
BUSINESS: Final = "business"
SERVICE_DESK: Final = "service_desk"

_PROJECTS: Final = (
    ("PAY", "Payments", SOFTWARE),
    ("MOB", "Mobile App", SOFTWARE),
    ("PLAT", "Platform", SOFTWARE),
    ("LOG", "Łogistyka", SOFTWARE),
    ("FIN", "Finance Close", BUSINESS),
    ("HR", "People & Culture", BUSINESS),
    ("ITSM", "IT Help", SERVICE_DESK),
    ("FAC", "Facilities Desk", SERVICE_DESK),
)
_SPACES: Final = (
    ("ENG", "Engineering"),
    ("OPS", "Operations Runbooks"),
    ("SEC", "Security"),
    ("FIN", "Finance"),
    ("HR", "People & Culture"),
    ("KB", "Customer Knowledge Base"),
    ("JP", "日本チーム"),
    ("LEGAL", "Legal – privileged"),
)
_GROUPS: Final = (
    "jira-admins",
    "confluence-admins",
    "site-admins",
    "jira-software-users",
    "confluence-users",
    "jira-servicemanagement-users",
    "engineering",
    "finance",
    "contractors",
    "Änderungsbeirat",
)


@dataclass(frozen=True, slots=True)
class Project:
    """A Jira project; ``kind`` is its projectTypeKey."""

    id: str
    key: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Space:
    """A Confluence space."""

    id: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the site's directory."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Places:
    """Everything that permissions are given on or to."""

    projects: tuple[Project, ...]
    spaces: tuple[Space, ...]
    groups: tuple[Group, ...]

    def projects_of(self, kind: str) -> tuple[Project, ...]:
        """The projects of one type."""
        return tuple(project for project in self.projects if project.kind == kind)


def places_of(spec: WorldSpec) -> Places:
    """The places of a world; equal seeds and sites give equal ids."""
    chance = Chance(spec.seed, label(spec.site), label("places"))
    return Places(
        projects=tuple(Project(str(10000 + n), *row) for n, row in enumerate(_PROJECTS)),
        spaces=tuple(Space(str(65537 + 98304 * n), *row) for n, row in enumerate(_SPACES)),
        groups=tuple(Group(chance.uuid(), name) for name in _GROUPS),
    )
